import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { certificatesOfRun } from "../certificates-of-run.js";
import { checkPayload, type SubjectClient } from "./subject.js";
import { frameMessage, payloadOf, WholeMessages } from "./whole-messages.js";

/** What a socket of Node can do with messages of 1 MiB: no gRPC at all, so it has no other calls than bare unary ones. */
export class RawNetClient implements SubjectClient {
  readonly #socket: Socket;
  /** The message that is sent again and again, framed once. */
  #framed: { readonly payload: Uint8Array; readonly bytes: Buffer } | undefined;
  /** Calls, the oldest first: answers keep their order. */
  readonly #waiting: { readonly payload: Uint8Array; readonly done: (error?: unknown) => void }[] = [];

  constructor(port: number) {
    const certificates = certificatesOfRun();
    this.#socket =
      certificates === undefined
        ? connect(port, "127.0.0.1")
        : connectTls({ port, host: "127.0.0.1", ca: certificates.roots });
    this.#socket.setNoDelay(true);
    const messages = new WholeMessages((framed) => {
      const call = this.#waiting.shift();
      call?.done(checkPayload(payloadOf(framed), call.payload));
    });
    this.#socket.on("data", (chunk) => messages.receive(chunk));
    this.#socket.on("error", (error) => {
      for (const { done } of this.#waiting.splice(0)) done(error);
    });
  }

  unary(payload: Uint8Array, headline: boolean, done: (error?: unknown) => void): void {
    if (headline) throw new Error("raw-net has neither deadlines nor metadata");
    this.#waiting.push({ payload, done });
    if (this.#framed?.payload !== payload) this.#framed = { payload, bytes: frameMessage(payload) };
    this.#socket.write(this.#framed.bytes);
  }

  serverStream(): Promise<never> {
    return noStreams();
  }

  clientStream(): Promise<never> {
    return noStreams();
  }

  pingPong(): Promise<never> {
    return noStreams();
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }
}

function noStreams(): Promise<never> {
  return Promise.reject(new Error("raw-net has no streams"));
}
