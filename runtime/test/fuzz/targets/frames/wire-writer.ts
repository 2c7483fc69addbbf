/** Frames as octets, right or wrong (RFC 9113 §4.1): written by hand, with nothing of the code under test. */

/** Memory for many inputs: what is fed is never written again, so each input takes a stretch of its own. */
const slabBytes = 256 * 1024;
/** The most that one input may write. */
const inputBytes = 48 * 1024;

let slab = Buffer.allocUnsafeSlow(slabBytes);
let used = 0;

export class WireWriter {
  readonly bytes: Buffer;
  /** Where the input begins in `bytes`, and where the next octet goes. */
  readonly start: number;
  at: number;
  readonly #limit: number;

  constructor() {
    if (used + inputBytes > slabBytes) {
      slab = Buffer.allocUnsafeSlow(slabBytes);
      used = 0;
    }
    this.bytes = slab;
    this.start = used;
    this.at = used;
    this.#limit = used + inputBytes;
  }

  /** The next input begins behind this one. */
  finish(): void {
    used = this.at;
  }

  /** Whether there is room for a frame of `size` octets. */
  hasRoom(size: number): boolean {
    return this.at + size + 9 <= this.#limit;
  }

  frame(type: number, flags: number, streamId: number, payload: Uint8Array, length = payload.length): void {
    this.header(type, flags, streamId, length);
    this.raw(payload);
  }

  header(type: number, flags: number, streamId: number, length: number): void {
    if (!this.hasRoom(0)) return;
    const { bytes, at } = this;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = streamId >>> 24;
    bytes[at + 6] = streamId >>> 16;
    bytes[at + 7] = streamId >>> 8;
    bytes[at + 8] = streamId;
    this.at = at + 9;
  }

  raw(octets: Uint8Array): void {
    if (this.at + octets.length > this.#limit) return;
    this.bytes.set(octets, this.at);
    this.at += octets.length;
  }

  fill(octet: number, count: number): void {
    if (this.at + count > this.#limit) return;
    this.bytes.fill(octet, this.at, this.at + count);
    this.at += count;
  }
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeUInt32BE((values[i] as number) >>> 0, 4 * i);
  return bytes;
}
