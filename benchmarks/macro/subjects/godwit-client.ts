import {
  type Channel,
  type ChannelCredentials,
  type ChannelOptions,
  createChannel,
  createClient,
  insecure,
  pushable,
  tls,
} from "godwit";
import { type BidiRequestInit, EchoService, type EchoServiceClient } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { Measurement } from "../closed-loop.js";
import { PingPong } from "../ping-pong.js";
import {
  checkUnary,
  freshRequestId,
  headlineKey,
  headlineTimeoutMs,
  type SubjectClient,
  WrongAnswer,
} from "./subject.js";

function credentialsOfRun(): ChannelCredentials {
  const certificates = certificatesOfRun();
  return certificates === undefined ? insecure() : tls({ roots: certificates.roots });
}

export class GodwitClient implements SubjectClient {
  readonly #channel: Channel;
  readonly #echo: EchoServiceClient;
  readonly #timeoutMs: number;
  #calls = 0;

  constructor(port: number, timeoutMs = headlineTimeoutMs, options: ChannelOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#channel = createChannel(`127.0.0.1:${port}`, { credentials: credentialsOfRun(), ...options });
    this.#echo = createClient(EchoService, this.#channel);
  }

  unary(payload: Uint8Array, headline: boolean, done: (error?: unknown) => void): void {
    const id = String(this.#calls++);
    const request = { id, payload };
    const answer = headline
      ? this.#echo.unary(request, { timeoutMs: this.#timeoutMs, metadata: { [headlineKey]: freshRequestId() } })
      : this.#echo.unary(request);
    answer.then((response) => done(checkUnary(response, id, payload)), done);
  }

  async serverStream(messages: number, payloadBytes: number): Promise<void> {
    let expected = 0;
    for await (const { index, payload } of this.#echo.serverStream({ count: messages, size: payloadBytes })) {
      if (index !== expected++) throw new WrongAnswer("index of the message", index, expected - 1);
      if (payload.length !== payloadBytes) throw new WrongAnswer("payload length", payload.length, payloadBytes);
    }
    if (expected !== messages) throw new WrongAnswer("number of messages", expected, messages);
  }

  async clientStream(messages: number, payload: Uint8Array): Promise<void> {
    function* requests() {
      for (let i = 0; i < messages; i++) yield { payload };
    }
    const summary = await this.#echo.clientStream(requests());
    if (summary.messages !== messages) throw new WrongAnswer("number of messages", summary.messages, messages);
    const bytes = BigInt(messages * payload.length);
    if (summary.bytes !== bytes) throw new WrongAnswer("number of bytes", summary.bytes, bytes);
  }

  async pingPong(payload: Uint8Array, inFlight: number, durationMs: number): Promise<Measurement> {
    const source = pushable<BidiRequestInit>();
    const answers = this.#echo.bidi(source);
    const send = (index: number): void => {
      // Not awaited: the window in flight is the bound.
      source.write({ index, payload });
    };
    const pingPong = new PingPong({ send, finish: () => source.finish() }, inFlight, durationMs);
    for await (const { index } of answers) pingPong.onAnswer(index);
    return pingPong.result();
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}
