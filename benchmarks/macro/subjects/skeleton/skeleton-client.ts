import { connect, type Socket } from "node:net";
import { checkUnary, freshRequestId, headlineKey, type SubjectClient } from "../subject.js";
import {
  FrameReader,
  flag,
  frameHeaderBytes,
  frameType,
  literalField,
  literalFieldOf,
  messagePrefixBytes,
  opening,
  preface,
  writeFrameHeader,
} from "./frames.js";
import { parseEcho, writeEcho } from "./messages.js";
import { Output } from "./output.js";

const requestIdLength = 32;

interface Call {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly done: (error?: unknown) => void;
  response: ReturnType<typeof parseEcho> | undefined;
}

/**
 * How fast unary calls could be at most: header blocks that are there before the first call, no table of headers, no windows,
 * no statuses, no timers, no metadata but one value. It does what a benchmark measures, and nothing that anyone needs.
 */
export class SkeletonClient implements SubjectClient {
  readonly #socket: Socket;
  readonly #output: Output;
  readonly #calls = new Map<number, Call>();
  readonly #bareBlock: Buffer;
  /** Its last octets are the value of the metadata. */
  readonly #headlineBlock: Buffer;
  #nextStream = 1;
  #count = 0;

  constructor(port: number) {
    this.#bareBlock = Buffer.concat([
      // `:method: POST` and `:scheme: http` of the static table.
      Buffer.from([0x83, 0x86]),
      literalFieldOf(4, "/godwit.testing.v1.EchoService/Unary"),
      literalFieldOf(1, `127.0.0.1:${port}`),
      literalField("te", "trailers"),
      literalFieldOf(31, "application/grpc"),
    ]);
    this.#headlineBlock = Buffer.concat([
      this.#bareBlock,
      literalField("grpc-timeout", "10S"),
      literalField(headlineKey, "0".repeat(requestIdLength)),
    ]);
    this.#socket = connect(port, "127.0.0.1").setNoDelay(true);
    this.#output = new Output(this.#socket);
    this.#output.append(preface);
    this.#output.append(opening);
    const reader = new FrameReader(this.#output, 0, (type, flags, stream, bytes, start, end) => {
      const call = this.#calls.get(stream);
      if (type === frameType.data && call !== undefined) {
        call.response = parseEcho(bytes, start + messagePrefixBytes, end);
      }
      if ((flags & flag.endStream) !== 0) this.#end(stream, call);
    });
    this.#socket.on("data", (chunk) => reader.receive(chunk));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the connection is closed")));
  }

  unary(payload: Uint8Array, headline: boolean, done: (error?: unknown) => void): void {
    const id = String(this.#count++);
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#calls.set(stream, { id, payload, done, response: undefined });
    const block = headline ? this.#headlineBlock : this.#bareBlock;
    let at = this.#output.reserve(frameHeaderBytes + block.length);
    writeFrameHeader(this.#output.bytes, at, block.length, frameType.headers, flag.endHeaders, stream);
    at += frameHeaderBytes;
    this.#output.bytes.set(block, at);
    if (headline) this.#output.bytes.write(freshRequestId(), at + block.length - requestIdLength, "latin1");
    writeEcho(this.#output, stream, id, payload);
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

  #end(stream: number, call: Call | undefined): void {
    this.#calls.delete(stream);
    call?.done(checkUnary(call.response, call.id, call.payload));
  }

  #fail(error: Error): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { done } of calls) done(error);
  }
}

function noStreams(): Promise<never> {
  return Promise.reject(new Error("the skeleton has unary calls alone"));
}
