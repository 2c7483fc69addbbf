import * as grpc from "@grpc/grpc-js";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { Measurement } from "../closed-loop.js";
import { PingPong } from "../ping-pong.js";
import {
  type ClientStreamRequest,
  type ClientStreamResponse,
  echoService,
  type IndexedMessage,
  type ServerStreamRequest,
  type UnaryMessage,
} from "./grpc-js-echo.js";
import {
  checkUnary,
  freshRequestId,
  headlineKey,
  headlineTimeoutMs,
  type SubjectClient,
  WrongAnswer,
} from "./subject.js";

/** The functions that makeGenericClientConstructor makes. */
interface EchoClient extends grpc.Client {
  unary(request: UnaryMessage, callback: grpc.requestCallback<UnaryMessage>): grpc.ClientUnaryCall;
  unary(
    request: UnaryMessage,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    callback: grpc.requestCallback<UnaryMessage>,
  ): grpc.ClientUnaryCall;
  serverStream(request: ServerStreamRequest): grpc.ClientReadableStream<IndexedMessage>;
  clientStream(callback: grpc.requestCallback<ClientStreamResponse>): grpc.ClientWritableStream<ClientStreamRequest>;
  bidi(): grpc.ClientDuplexStream<IndexedMessage, IndexedMessage>;
}

const Client = grpc.makeGenericClientConstructor(echoService, "EchoService");

function credentialsOfRun(): grpc.ChannelCredentials {
  const certificates = certificatesOfRun();
  if (certificates === undefined) return grpc.credentials.createInsecure();
  return grpc.credentials.createSsl(Buffer.from(certificates.roots));
}

export class GrpcJsClient implements SubjectClient {
  readonly #echo: EchoClient;
  readonly #timeoutMs: number;
  #calls = 0;

  constructor(port: number, timeoutMs = headlineTimeoutMs, ownConnections = false) {
    this.#timeoutMs = timeoutMs;
    const options = ownConnections ? { "grpc.use_local_subchannel_pool": 1 } : {};
    this.#echo = new Client(`127.0.0.1:${port}`, credentialsOfRun(), options) as unknown as EchoClient;
  }

  unary(payload: Uint8Array, headline: boolean, done: (error?: unknown) => void): void {
    const id = String(this.#calls++);
    const request = { id, payload };
    const onAnswer = (error: grpc.ServiceError | null, response?: UnaryMessage): void => {
      done(error ?? checkUnary(response, id, payload));
    };
    if (!headline) {
      this.#echo.unary(request, onAnswer);
      return;
    }
    const metadata = new grpc.Metadata();
    metadata.set(headlineKey, freshRequestId());
    this.#echo.unary(request, metadata, { deadline: Date.now() + this.#timeoutMs }, onAnswer);
  }

  serverStream(messages: number, payloadBytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let expected = 0;
      const call = this.#echo.serverStream({ count: messages, size: payloadBytes });
      call.on("data", ({ index, payload }: IndexedMessage) => {
        if (index !== expected++) reject(new WrongAnswer("index of the message", index, expected - 1));
        if (payload.length !== payloadBytes) reject(new WrongAnswer("payload length", payload.length, payloadBytes));
      });
      call.on("error", reject);
      call.on("end", () => {
        if (expected === messages) resolve();
        else reject(new WrongAnswer("number of messages", expected, messages));
      });
    });
  }

  clientStream(messages: number, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const call = this.#echo.clientStream((error, response) => {
        const bytes = Number(response?.bytes);
        if (error !== null) reject(error);
        else if (response?.messages !== messages || bytes !== messages * payload.length) {
          reject(new WrongAnswer("summary", `${response?.messages} messages, ${bytes} bytes`, `${messages} messages`));
        } else resolve();
      });
      let sent = 0;
      const write = (): void => {
        while (sent < messages) {
          sent++;
          if (!call.write({ payload })) return void call.once("drain", write);
        }
        call.end();
      };
      write();
    });
  }

  pingPong(payload: Uint8Array, inFlight: number, durationMs: number): Promise<Measurement> {
    return new Promise((resolve, reject) => {
      const call = this.#echo.bidi();
      const send = (index: number): void => {
        // Its result is not looked at: the window in flight is the bound.
        call.write({ index, payload });
      };
      const pingPong = new PingPong({ send, finish: () => call.end() }, inFlight, durationMs);
      call.on("data", ({ index }: IndexedMessage) => pingPong.onAnswer(index));
      call.on("error", reject);
      call.on("end", () => resolve(pingPong.result()));
    });
  }

  async close(): Promise<void> {
    this.#echo.close();
  }
}
