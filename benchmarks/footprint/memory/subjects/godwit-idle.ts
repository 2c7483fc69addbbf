import { createChannel, createClient, insecure, pushable, tls } from "godwit";
import { type BidiRequestInit, EchoService } from "../../../gen/godwit/testing/v1/echo_godwit.js";
import { certificatesOfRun } from "../../../macro/certificates-of-run.js";
import type { Connect, IdleConnection, IdleStream } from "./idle-client.js";

const payload = new Uint8Array(64).fill(0x5a);

export function godwitConnect(port: number): Connect {
  const certificates = certificatesOfRun();
  const credentials = certificates === undefined ? insecure() : tls({ roots: certificates.roots });
  return () => new GodwitConnection(port, credentials);
}

class GodwitConnection implements IdleConnection {
  readonly #channel;
  readonly #echo;

  constructor(port: number, credentials: ReturnType<typeof insecure>) {
    this.#channel = createChannel(`127.0.0.1:${port}`, { credentials, shareConnections: false });
    this.#echo = createClient(EchoService, this.#channel);
  }

  async call(): Promise<void> {
    const { id } = await this.#echo.unary({ id: "1", payload });
    if (id !== "1") throw new Error(`the answer's id is ${id}, expected 1`);
  }

  async openStream(): Promise<IdleStream> {
    const requests = pushable<BidiRequestInit>();
    const stream = new GodwitStream(requests, this.#echo.bidi(requests)[Symbol.asyncIterator]());
    await stream.exchange();
    return stream;
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}

class GodwitStream implements IdleStream {
  readonly #requests;
  readonly #answers: AsyncIterator<{ readonly index: number }>;
  /** The next answer is always awaited, as in a loop over them. */
  #next: Promise<IteratorResult<{ readonly index: number }>>;

  constructor(requests: ReturnType<typeof pushable<BidiRequestInit>>, answers: AsyncIterator<{ index: number }>) {
    this.#requests = requests;
    this.#answers = answers;
    this.#next = answers.next();
  }

  async exchange(): Promise<void> {
    void this.#requests.write({ index: 1, payload });
    const { value, done } = await this.#next;
    if (done === true || value.index !== 1) throw new Error("the stream did not answer");
    this.#next = this.#answers.next();
  }
}
