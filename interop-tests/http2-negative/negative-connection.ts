/** One connection of the negative server: HTTP/2 as far as TestService.UnaryCall needs it, and hooks to go wrong at. */
import type { Socket } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { SimpleRequestSchema, SimpleResponseSchema } from "../gen/grpc/testing/messages_pb.js";
import {
  clientPreface,
  data,
  dataOf,
  FrameReader,
  flag,
  frame,
  headerBlock,
  type RawFrame,
  readSettings,
  setting,
  settings,
  type,
  uint32,
} from "./raw-frames.js";

/** Where a case departs from what a server does. Each gets the connection and the stream that it is about. */
export interface Misbehaviour {
  /** Octets of padding of each DATA frame; undefined: frames without. */
  readonly padding?: number;
  /** Octets of a message in a DATA frame at most. */
  readonly chunkBytes?: number;
  onConnection?(connection: NegativeConnection): void;
  /** Around the response's headers. */
  beforeHeaders?(connection: NegativeConnection, stream: NegativeStream): void;
  afterHeaders?(connection: NegativeConnection, stream: NegativeStream): void;
  /** Around the response's message; `body` is what will be sent of it. */
  body?(whole: Buffer): Buffer;
  beforeData?(connection: NegativeConnection, stream: NegativeStream): void;
  /** Instead of the trailers. */
  afterData?(connection: NegativeConnection, stream: NegativeStream): void;
  /** All PINGs that were sent are answered. */
  onPingsAnswered?(connection: NegativeConnection): void;
}

export interface NegativeStream {
  readonly id: number;
  received: Buffer;
  /** What is still to be sent. */
  unsent: Buffer;
  window: number;
  /** Something is being sent, or has been. */
  isAnswering: boolean;
}

const defaultWindow = 65_535;
/** RFC 9113 §6.9.1. */
const largestWindow = 0x7fff_ffff;
const defaultChunkBytes = 16_000;
const prefixBytes = 5;

export class NegativeConnection {
  /** What the client did that it must not. */
  readonly violations: string[] = [];
  /** PINGs that were not answered. */
  unansweredPings = 0;
  /** Set with SETTINGS; holds from their acknowledgement on. */
  maxStreams = Number.POSITIVE_INFINITY;
  readonly #socket: Socket;
  readonly #misbehaviour: Misbehaviour;
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, NegativeStream>();
  #preface = Buffer.alloc(0);
  #window = defaultWindow;
  #initialWindow = defaultWindow;
  /** Streams above it are ignored, as GOAWAY said (RFC 9113 §6.8). */
  #lastStreamId = Number.POSITIVE_INFINITY;
  #unacknowledgedSettings = 0;

  constructor(socket: Socket, misbehaviour: Misbehaviour) {
    this.#socket = socket;
    this.#misbehaviour = misbehaviour;
    socket.setNoDelay();
    socket.on("error", () => {});
    socket.on("data", (chunk) => this.#onChunk(chunk));
    this.sendSettings();
    misbehaviour.onConnection?.(this);
  }

  // ---- what a case may do

  sendSettings(values: Readonly<Record<number, number>> = {}): void {
    this.#unacknowledgedSettings++;
    this.#socket.write(settings(values));
  }

  ping(): void {
    this.unansweredPings++;
    this.#socket.write(frame(type.PING, 0, 0, Buffer.alloc(8)));
  }

  resetStream({ id }: NegativeStream, code: number): void {
    this.#streams.delete(id);
    this.#socket.write(frame(type.RST_STREAM, 0, id, uint32(code)));
  }

  sendTrailers({ id }: NegativeStream): void {
    this.#streams.delete(id);
    this.#socket.write(
      frame(type.HEADERS, flag.END_HEADERS | flag.END_STREAM, id, headerBlock({ "grpc-status": "0" })),
    );
  }

  goAway({ id }: NegativeStream): void {
    this.#lastStreamId = id;
    this.#socket.write(frame(type.GOAWAY, 0, 0, uint32(id, 0)));
  }

  // ---- what comes

  #onChunk(chunk: Buffer): void {
    let rest = chunk;
    if (this.#preface.length < clientPreface.length) {
      const missing = clientPreface.length - this.#preface.length;
      this.#preface = Buffer.concat([this.#preface, chunk.subarray(0, missing)]);
      rest = chunk.subarray(missing);
      if (!clientPreface.subarray(0, this.#preface.length).equals(this.#preface)) {
        this.violations.push("the client's preface is not HTTP/2's");
        this.#socket.destroy();
        return;
      }
    }
    this.#socket.cork();
    for (const received of this.#reader.read(rest)) this.#onFrame(received);
    this.#socket.uncork();
  }

  #onFrame(received: RawFrame): void {
    switch (received.type) {
      case type.SETTINGS:
        this.#onSettings(received);
        break;
      case type.HEADERS:
        this.#onHeaders(received);
        break;
      case type.DATA:
        this.#onData(received);
        break;
      case type.WINDOW_UPDATE:
        this.#onWindowUpdate(received);
        break;
      case type.PING:
        this.#onPing(received);
        break;
      case type.RST_STREAM:
        this.#streams.delete(received.streamId);
    }
  }

  #onSettings({ flags, payload }: RawFrame): void {
    if ((flags & flag.ACK) !== 0) {
      this.#unacknowledgedSettings--;
      return;
    }
    const window = readSettings(payload).get(setting.INITIAL_WINDOW_SIZE);
    if (window !== undefined) {
      for (const stream of this.#streams.values()) stream.window += window - this.#initialWindow;
      this.#initialWindow = window;
    }
    this.#socket.write(frame(type.SETTINGS, flag.ACK, 0));
    this.#sendAll();
  }

  /** Which method it is does not matter: there is but one. Clients of gRPC send blocks that fit into a frame. */
  #onHeaders({ flags, streamId }: RawFrame): void {
    if ((flags & flag.END_HEADERS) === 0) this.violations.push("the request's headers are continued");
    if (streamId > this.#lastStreamId) return;
    if (this.#unacknowledgedSettings === 0 && this.#streams.size >= this.maxStreams) {
      this.violations.push(`stream ${streamId} is opened beside ${this.#streams.size}, limit ${this.maxStreams}`);
    }
    const empty = Buffer.alloc(0);
    const stream = { id: streamId, received: empty, unsent: empty, window: this.#initialWindow, isAnswering: false };
    this.#streams.set(streamId, stream);
    this.#misbehaviour.beforeHeaders?.(this, stream);
    const fields = { ":status": "200", "content-type": "application/grpc", "grpc-encoding": "identity" };
    this.#socket.write(frame(type.HEADERS, flag.END_HEADERS, streamId, headerBlock(fields)));
    this.#misbehaviour.afterHeaders?.(this, stream);
  }

  #onData(received: RawFrame): void {
    const flowBytes = received.payload.length;
    if (flowBytes === 0) return;
    this.#socket.write(frame(type.WINDOW_UPDATE, 0, 0, uint32(flowBytes)));
    const stream = this.#streams.get(received.streamId);
    if (stream === undefined) return;
    this.#socket.write(frame(type.WINDOW_UPDATE, 0, stream.id, uint32(flowBytes)));
    stream.received = Buffer.concat([stream.received, dataOf(received)]);
    const request = completeMessage(stream.received);
    if (request === undefined || stream.isAnswering) return;
    stream.isAnswering = true;
    this.#misbehaviour.beforeData?.(this, stream);
    const { responseSize } = fromBinary(SimpleRequestSchema, request);
    const whole = responseOf(responseSize);
    stream.unsent = this.#misbehaviour.body?.(whole) ?? whole;
    this.#send(stream);
  }

  #onWindowUpdate({ streamId, payload }: RawFrame): void {
    const increment = payload.readUInt32BE(0);
    if (streamId === 0) {
      this.#window = this.#widened(this.#window, increment);
      this.#sendAll();
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.window = this.#widened(stream.window, increment);
    this.#send(stream);
  }

  #widened(window: number, increment: number): number {
    if (increment === 0 || window + increment > largestWindow) {
      this.violations.push(`a window of ${window} is widened by ${increment}`);
    }
    return window + increment;
  }

  #onPing({ flags, payload }: RawFrame): void {
    if ((flags & flag.ACK) === 0) {
      this.#socket.write(frame(type.PING, flag.ACK, 0, payload));
      return;
    }
    this.unansweredPings--;
    if (this.unansweredPings === 0) this.#misbehaviour.onPingsAnswered?.(this);
  }

  // ---- what goes

  #sendAll(): void {
    for (const stream of this.#streams.values()) this.#send(stream);
  }

  /** As much as the windows let through, padding included. */
  #send(stream: NegativeStream): void {
    if (stream.unsent.length === 0) return;
    const { padding, chunkBytes = defaultChunkBytes } = this.#misbehaviour;
    const overhead = padding === undefined ? 0 : 1 + padding;
    const frames: Buffer[] = [];
    while (stream.unsent.length > 0) {
      const room = Math.min(this.#window, stream.window) - overhead;
      if (room <= 0) break;
      const bytes = stream.unsent.subarray(0, Math.min(chunkBytes, room));
      stream.unsent = stream.unsent.subarray(bytes.length);
      this.#window -= bytes.length + overhead;
      stream.window -= bytes.length + overhead;
      frames.push(data(stream.id, bytes, padding));
    }
    if (frames.length > 0) this.#socket.write(Buffer.concat(frames));
    if (stream.unsent.length > 0) return;
    if (this.#misbehaviour.afterData === undefined) this.sendTrailers(stream);
    else this.#misbehaviour.afterData(this, stream);
  }
}

/** The first message, when all of it has come; requests are not compressed. */
function completeMessage(received: Buffer): Buffer | undefined {
  if (received.length < prefixBytes) return undefined;
  const end = prefixBytes + received.readUInt32BE(1);
  return received.length < end ? undefined : received.subarray(prefixBytes, end);
}

/** A SimpleResponse with a payload of so many zeros, behind its prefix. */
function responseOf(size: number): Buffer {
  const message = toBinary(
    SimpleResponseSchema,
    create(SimpleResponseSchema, { payload: { body: new Uint8Array(size) } }),
  );
  return Buffer.concat([Buffer.of(0), uint32(message.length), message]);
}
