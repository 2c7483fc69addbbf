import { type Channel, ChannelCredentials, type Client, createChannel, createClientFactory, Metadata } from "nice-grpc";
import { type DeadlineOptions, deadlineMiddleware } from "nice-grpc-client-middleware-deadline";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { Measurement } from "../closed-loop.js";
import { PingPong } from "../ping-pong.js";
import { echoDefinition } from "./nice-grpc-echo.js";
import { PushSource } from "./push-source.js";
import { checkUnary, freshRequestId, headlineKey, type SubjectClient, WrongAnswer } from "./subject.js";

function credentialsOfRun(): ChannelCredentials {
  const certificates = certificatesOfRun();
  if (certificates === undefined) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(Buffer.from(certificates.roots));
}

/** The deadline is that of its middleware, which is how its users have one. */
export class NiceGrpcClient implements SubjectClient {
  readonly #channel: Channel;
  readonly #echo: Client<typeof echoDefinition, DeadlineOptions>;
  readonly #timeoutMs: number;
  #calls = 0;

  constructor(port: number, timeoutMs: number, ownConnections = false) {
    this.#timeoutMs = timeoutMs;
    const options = ownConnections ? { "grpc.use_local_subchannel_pool": 1 } : {};
    this.#channel = createChannel(`127.0.0.1:${port}`, credentialsOfRun(), options);
    this.#echo = createClientFactory().use(deadlineMiddleware).create(echoDefinition, this.#channel);
  }

  unary(payload: Uint8Array, headline: boolean, done: (error?: unknown) => void): void {
    const id = String(this.#calls++);
    const request = { id, payload };
    const answer = headline
      ? this.#echo.unary(request, {
          deadline: this.#timeoutMs,
          metadata: Metadata({ [headlineKey]: freshRequestId() }),
        })
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
    async function* requests() {
      for (let i = 0; i < messages; i++) yield { payload };
    }
    const summary = await this.#echo.clientStream(requests());
    const bytes = Number(summary.bytes);
    if (summary.messages !== messages) throw new WrongAnswer("number of messages", summary.messages, messages);
    if (bytes !== messages * payload.length) throw new WrongAnswer("bytes", bytes, messages * payload.length);
  }

  async pingPong(payload: Uint8Array, inFlight: number, durationMs: number): Promise<Measurement> {
    const source = new PushSource<{ index: number; payload: Uint8Array }>();
    const answers = this.#echo.bidi(source);
    const stream = { send: (index: number) => source.push({ index, payload }), finish: () => source.finish() };
    const pingPong = new PingPong(stream, inFlight, durationMs);
    for await (const { index } of answers) pingPong.onAnswer(index);
    return pingPong.result();
  }

  async close(): Promise<void> {
    this.#channel.close();
  }
}
