import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { EchoService } from "../../gen/godwit/testing/v1/echo_pb.js";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { Measurement } from "../closed-loop.js";
import { PingPong } from "../ping-pong.js";
import { PushSource } from "./push-source.js";
import { checkUnary, freshRequestId, headlineKey, type SubjectClient, WrongAnswer } from "./subject.js";

/** By the gRPC protocol. Without its default compression, which the others do not have. */
export class ConnectNodeClient implements SubjectClient {
  readonly #sessions: Http2SessionManager;
  readonly #echo: Client<typeof EchoService>;
  readonly #timeoutMs: number;
  #calls = 0;

  constructor(port: number, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const certificates = certificatesOfRun();
    const baseUrl = `${certificates === undefined ? "http" : "https"}://127.0.0.1:${port}`;
    this.#sessions = new Http2SessionManager(
      baseUrl,
      undefined,
      certificates === undefined ? {} : { ca: certificates.roots },
    );
    const transport = createGrpcTransport({ baseUrl, sessionManager: this.#sessions, acceptCompression: [] });
    this.#echo = createClient(EchoService, transport);
  }

  unary(payload: Uint8Array<ArrayBuffer>, headline: boolean, done: (error?: unknown) => void): void {
    const id = String(this.#calls++);
    const request = { id, payload };
    const answer = headline
      ? this.#echo.unary(request, { timeoutMs: this.#timeoutMs, headers: { [headlineKey]: freshRequestId() } })
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

  async clientStream(messages: number, payload: Uint8Array<ArrayBuffer>): Promise<void> {
    async function* requests() {
      for (let i = 0; i < messages; i++) yield { payload };
    }
    const summary = await this.#echo.clientStream(requests());
    if (summary.messages !== messages) throw new WrongAnswer("number of messages", summary.messages, messages);
    const bytes = BigInt(messages * payload.length);
    if (summary.bytes !== bytes) throw new WrongAnswer("number of bytes", summary.bytes, bytes);
  }

  async pingPong(payload: Uint8Array<ArrayBuffer>, inFlight: number, durationMs: number): Promise<Measurement> {
    const source = new PushSource<{ index: number; payload: Uint8Array<ArrayBuffer> }>();
    const answers = this.#echo.bidi(source);
    const stream = { send: (index: number) => source.push({ index, payload }), finish: () => source.finish() };
    const pingPong = new PingPong(stream, inFlight, durationMs);
    for await (const { index } of answers) pingPong.onAnswer(index);
    return pingPong.result();
  }

  async close(): Promise<void> {
    this.#sessions.abort();
  }
}
