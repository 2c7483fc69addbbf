import { shortAscii, shortAsciiBytes, utf8, utf8Strict } from "./read-string.js";
import { readLongVarint, readVarint64 } from "./read-varint.js";
import { WireCursor } from "./wire-cursor.js";
import { double, float, floatBits, high, low, signed, unsigned, words } from "./words.js";

/** Reads values of one message for compiled decoders: one method for each way in which a scalar is sent. */
export class WireReader extends WireCursor {
  private lazyView: DataView | undefined;

  constructor(typeName: string, input: Uint8Array, start: number, end: number, alias: boolean) {
    super(typeName, input, start, end, alias);
    this.lazyView = undefined;
  }

  bool(): boolean {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte !== 0;
    }
    readVarint64(this);
    return words[0] !== 0 || words[1] !== 0;
  }

  int32(): number {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte;
    }
    return readLongVarint(this);
  }

  uint32(): number {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte;
    }
    return readLongVarint(this) >>> 0;
  }

  sint32(): number {
    const zigzag = this.int32();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  int64(): bigint {
    readVarint64(this);
    return signed[0] as bigint;
  }

  uint64(): bigint {
    readVarint64(this);
    return unsigned[0] as bigint;
  }

  sint64(): bigint {
    readVarint64(this);
    const lo = words[low] as number;
    const hi = words[high] as number;
    const sign = -(lo & 1);
    words[low] = ((lo >>> 1) | (hi << 31)) ^ sign;
    words[high] = (hi >>> 1) ^ sign;
    return signed[0] as bigint;
  }

  fixed32(): number {
    return this.sfixed32() >>> 0;
  }

  sfixed32(): number {
    return word(this.input, this.advance(4));
  }

  fixed64(): bigint {
    this.#fixedWords();
    return unsigned[0] as bigint;
  }

  sfixed64(): bigint {
    this.#fixedWords();
    return signed[0] as bigint;
  }

  float(): number {
    floatBits[0] = this.sfixed32();
    return float[0] as number;
  }

  double(): number {
    this.#fixedWords();
    return double[0] as number;
  }

  /** Text that is UTF-8, or else a failure. */
  string(): string {
    const size = this.length();
    const start = this.position;
    this.position = start + size;
    if (size <= shortAsciiBytes) {
      const text = shortAscii(this.input, start, size);
      if (text !== undefined) return text;
    }
    return utf8Strict(this.input, start, start + size) ?? this.failAt(start, "a string is not valid UTF-8");
  }

  /** Text whose malformed parts become U+FFFD. */
  laxString(): string {
    const size = this.length();
    const start = this.position;
    this.position = start + size;
    if (size <= shortAsciiBytes) {
      const text = shortAscii(this.input, start, size);
      if (text !== undefined) return text;
    }
    return utf8(this.input, start, start + size);
  }

  bytes(): Uint8Array {
    const size = this.length();
    const start = this.position;
    this.position += size;
    return this.keep(start, size);
  }

  /** Opens a packed list; returns where it ends. */
  enterPacked(): number {
    const size = this.length();
    return this.position + size;
  }

  /** Opens a packed list of numbers of `size` bytes each, which its reader passes over; returns where it ends. */
  enterFixed(size: number): number {
    const at = this.position;
    const length = this.length();
    if (length % size !== 0) this.failAt(at, `a packed list of ${length} bytes is no multiple of ${size}`);
    return this.position + length;
  }

  /** Of `input`, made when somebody asks: it costs as much as reading ten numbers without. */
  get view(): DataView {
    this.lazyView ??= new DataView(this.input.buffer, this.input.byteOffset, this.input.byteLength);
    return this.lazyView;
  }

  /** Eight bytes, left in `words`. */
  #fixedWords(): void {
    const at = this.advance(8);
    words[low] = word(this.input, at);
    words[high] = word(this.input, at + 4);
  }
}

function word(b: Uint8Array, at: number): number {
  const upper = ((b[at + 2] as number) << 16) | ((b[at + 3] as number) << 24);
  return (b[at] as number) | ((b[at + 1] as number) << 8) | upper;
}
