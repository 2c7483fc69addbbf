/** As little of HTTP/2 (RFC 9113) as two skeletons need, and as a real peer accepts. */
import type { Output } from "./output.js";

export const frameHeaderBytes = 9;
/** Compressed-flag and length, before each message. */
export const messagePrefixBytes = 5;

export const frameType = { data: 0, headers: 1, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
export const flag = { endStream: 1, ack: 1, endHeaders: 4 } as const;

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

const largestWindow = 0x7fffffff;
const initialWindow = 0xffff;
/** Of DATA that is taken before it is told. */
const windowUpdateBytes = 1024 * 1024;

/** SETTINGS with a window for streams that is never in the way, and one for the connection. */
export const opening = Buffer.concat([
  frame(frameType.settings, 0, 0, Buffer.from([0, 4, ...uint32(largestWindow)])),
  windowUpdate(largestWindow - initialWindow),
]);

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  writeFrameHeader(bytes, 0, payload.length, type, flags, stream);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

export function writeFrameHeader(
  bytes: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  bytes.writeUIntBE(length, at, 3);
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes.writeUInt32BE(stream, at + 5);
}

/** A field that is not indexed, with its name (RFC 7541 §6.2.2). */
export function literalField(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), stringOf(value)]);
}

/** The same with a name from the static table. */
export function literalFieldOf(nameIndex: number, value: string): Buffer {
  // An index of 15 or more goes on behind the four bits of its first octet.
  const index = nameIndex < 15 ? [nameIndex] : [15, nameIndex - 15];
  return Buffer.concat([Buffer.from(index), stringOf(value)]);
}

function stringOf(value: string): Buffer {
  if (value.length > 126) throw new Error("the skeleton has no long header fields");
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

function windowUpdate(bytes: number): Buffer {
  return frame(frameType.windowUpdate, 0, 0, Buffer.from(uint32(bytes)));
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Told of each frame of streams: its payload lies in `bytes` from `start` to `end`. */
export type OnFrame = (type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number) => void;

/** Cuts chunks into frames and answers what a peer wants answered. */
export class FrameReader {
  readonly #output: Output;
  readonly #onFrame: OnFrame;
  #rest: Buffer | undefined;
  #skip: number;
  #taken = 0;

  /** The first `skip` octets are no frames: a client's preface. */
  constructor(output: Output, skip: number, onFrame: OnFrame) {
    this.#output = output;
    this.#skip = skip;
    this.#onFrame = onFrame;
  }

  receive(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    while (at + frameHeaderBytes <= bytes.length) {
      const start = at + frameHeaderBytes;
      const end = start + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#handle(bytes, at, start, end);
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  #handle(bytes: Buffer, at: number, start: number, end: number): void {
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    if (type === frameType.data || type === frameType.headers) {
      if (type === frameType.data) this.#takeData(end - start);
      this.#onFrame(type, flags, bytes.readUInt32BE(at + 5), bytes, start, end);
    } else if (type === frameType.settings || type === frameType.ping) {
      if ((flags & flag.ack) === 0) {
        const payload = type === frameType.ping ? bytes.subarray(start, end) : Buffer.alloc(0);
        this.#output.append(frame(type, flag.ack, 0, payload));
      }
      // What follows GOAWAY is the end of the connection.
    } else if (type !== frameType.windowUpdate && type !== frameType.goAway) {
      throw new Error(`the skeleton knows no frame of type ${type}`);
    }
  }

  #takeData(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken < windowUpdateBytes) return;
    this.#output.append(windowUpdate(this.#taken));
    this.#taken = 0;
  }
}
