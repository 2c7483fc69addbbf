import assert from "node:assert/strict";
import type { ByteStreamSink } from "../../src/base/platform.js";
import { HpackDecoder } from "../../src/hpack/decoder.js";
import { flatFields } from "../../src/hpack/header-block.js";
import type { FakePlatform } from "../support/fake-platform.js";
import type { FakeStream } from "../support/fake-stream.js";
import {
  bytesOf,
  clientPreface,
  describeFrame,
  frameType,
  type Part,
  parseFrames,
  type WireFrame,
} from "../support/frames.js";

/** A frame, and what its header block says. */
export interface ReceivedFrame extends WireFrame {
  /** Name and value in turn; empty unless this is HEADERS. */
  readonly fields: readonly string[];
}

/** The other end of a connection, played by hand: sends frames as it is told and understands what comes. */
export class WirePeer implements ByteStreamSink {
  ended = false;
  closes = 0;
  /** Of all frames, since the last look at it. */
  receivedBytes = 0;
  readonly #platform: FakePlatform;
  readonly #stream: FakeStream;
  readonly #hpack = new HpackDecoder({ maxTableSize: 4096, maxListBytes: 1 << 20, maxFields: 1000 });
  #preface: number;
  #bytes: Buffer = Buffer.alloc(0);
  #frames: ReceivedFrame[] = [];

  /** `role` is the other end's: a client sends its preface first. */
  constructor(platform: FakePlatform, stream: FakeStream, role: "client" | "server") {
    this.#platform = platform;
    this.#stream = stream;
    this.#preface = role === "client" ? clientPreface.length : 0;
    stream.attach(this);
  }

  /** Sends everything in one chunk and lets the world come to rest. */
  send(...parts: Part[]): void {
    this.#stream.write([bytesOf(...parts)]);
    this.#platform.runTurns();
  }

  /** Sends everything in one chunk; the test runs the turns. */
  sendNow(...parts: Part[]): void {
    this.#stream.write([bytesOf(...parts)]);
  }

  /** Sends nothing more. */
  end(): void {
    this.#stream.end();
    this.#platform.runTurns();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
    this.#platform.runTurns();
  }

  /** Frames since the last time. */
  take(): ReceivedFrame[] {
    this.#platform.runTurns();
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** The same in words; of the headers their fields, of DATA its text: `HEADERS 1 [:status 200]`, `DATA 1 "..." END_STREAM`. */
  sent(): string[] {
    return this.take().map(describe);
  }

  /** The same without what a test about calls does not look at: SETTINGS, PING, WINDOW_UPDATE. */
  sentOfCalls(): string[] {
    return this.take()
      .filter(({ type }) => type !== frameType.SETTINGS && type !== frameType.PING && type !== frameType.WINDOW_UPDATE)
      .map(describe);
  }

  /** How much window the frames since the last time give back: by stream, 0 is the connection. */
  windows(): Record<number, number> {
    const sums: Record<number, number> = {};
    for (const { type, streamId, payload } of this.take()) {
      if (type === frameType.WINDOW_UPDATE) sums[streamId] = (sums[streamId] ?? 0) + payload.readUInt32BE(0);
    }
    return sums;
  }

  onData(chunk: Uint8Array): void {
    this.receivedBytes += chunk.length;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#preface > 0) {
      if (this.#bytes.length < this.#preface) return;
      assert.deepEqual(this.#bytes.subarray(0, this.#preface), clientPreface);
      this.#bytes = this.#bytes.subarray(this.#preface);
      this.#preface = 0;
    }
    let whole = 0;
    while (whole + 9 <= this.#bytes.length) {
      const end = whole + 9 + this.#bytes.readUIntBE(whole, 3);
      if (end > this.#bytes.length) break;
      whole = end;
    }
    for (const frame of parseFrames(this.#bytes.subarray(0, whole))) {
      this.#frames.push({ ...frame, fields: this.#fieldsOf(frame) });
    }
    this.#bytes = this.#bytes.subarray(whole);
  }

  onDrain(): void {
    // What a test sends is short.
  }

  onEnd(): void {
    this.ended = true;
  }

  onClose(): void {
    this.closes++;
  }

  #fieldsOf({ type, flags, payload }: WireFrame): readonly string[] {
    if (type !== frameType.HEADERS) return [];
    assert.equal(flags & 0x4, 0x4, "header blocks of tests are in one frame");
    const decoded = this.#hpack.decode(payload, 0, payload.length);
    if (decoded.kind !== "ok") assert.fail(decoded.message);
    return flatFields(decoded.block);
  }
}

function describe(frame: ReceivedFrame): string {
  const words = describeFrame(frame);
  if (frame.type === frameType.HEADERS) {
    const fields: string[] = [];
    for (let i = 0; i < frame.fields.length; i += 2) fields.push(`${frame.fields[i]}: ${frame.fields[i + 1]}`);
    return `${words} ${fields.join(", ")}`;
  }
  if (frame.type === frameType.DATA && frame.payload.length <= 64) {
    return `${words} ${JSON.stringify(frame.payload.toString("latin1"))}`;
  }
  return words;
}
