import { createChannel, createClient, insecure, pushable, StatusCode } from "godwit";
import { type BidiRequestInit, EchoService, type EchoServiceClient } from "../../gen/godwit/testing/v1/echo_godwit.js";
import type { ReconnectWay } from "../messages.js";
import type { OpenSockets } from "../processes/open-sockets.js";
import type { Tally } from "../tally.js";

const timeoutMs = 60_000;

/** A channel that loses its connections, and what has to come of it: one broken stream, and no other call. */
export class Reconnecting {
  readonly #address: string;
  readonly #sockets: OpenSockets;
  readonly #tally: Tally;
  #channel;
  #echo: EchoServiceClient;
  #held: Promise<void> | undefined;

  constructor(port: number, sockets: OpenSockets, tally: Tally) {
    this.#address = `127.0.0.1:${port}`;
    this.#sockets = sockets;
    this.#tally = tally;
    this.#channel = createChannel(this.#address, { credentials: insecure() });
    this.#echo = createClient(EchoService, this.#channel);
  }

  get echo(): EchoServiceClient {
    return this.#echo;
  }

  /** Opens a stream, which the end of its connection will break. */
  async hold(): Promise<void> {
    const source = pushable<BidiRequestInit>();
    const answers = this.#echo.bidi(source, { timeoutMs })[Symbol.asyncIterator]();
    source.write({ index: 1 });
    const first = answers.next();
    this.#held = first.then(() => answers.next()).then(() => undefined);
    // Whoever awaits it hears of it.
    this.#held.catch(() => undefined);
    await first;
  }

  async reconnect(way: ReconnectWay): Promise<void> {
    if (way === "closed by the client") await this.#replaceChannel();
    if (way === "reset by the client") this.#sockets.resetAll();
    const code = way === "closed by the client" ? StatusCode.CANCELLED : StatusCode.UNAVAILABLE;
    if (this.#held !== undefined) await this.#tally.expect(this.#held, code);
    this.#held = undefined;
    await this.#tally.expect(this.#echo.unary({ id: way }, { timeoutMs, waitForReady: true }), StatusCode.OK);
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  async #replaceChannel(): Promise<void> {
    await this.#channel.close();
    this.#channel = createChannel(this.#address, { credentials: insecure() });
    this.#echo = createClient(EchoService, this.#channel);
  }
}
