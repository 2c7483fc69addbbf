import { copyRange, viewRange } from "../byte-range.js";
import { shortAscii, shortAsciiBytes, utf8, utf8Strict } from "./read-string.js";
import type { UnknownField } from "./unknown-field.js";
import { double, float, floatBits, high, low, signed, unsigned, words } from "./words.js";

/** How deep messages and groups may nest, the outermost included; as in every implementation of protobuf. */
export const recursionLimit = 100;

/** Views are kept of fields from this size on, if they are also a quarter of the memory that they keep alive. */
const minAliasBytes = 4096;

/**
 * A cursor over one message in protobuf's binary form, for compiled decoders.
 *
 * Numbers are read in good faith: `leave` finds that one lay past the end of its message. Whatever has a length is held to
 * `limit` before memory is made for it. A failure is one sentence with the outermost type and the offset from its beginning.
 */
export class WireReader {
  readonly input: Buffer;
  /** The next byte to read. */
  position: number;
  /** Where the outermost message ends in `input`. */
  readonly limit: number;
  /** Messages and groups that are open. */
  depth = 1;
  readonly #start: number;
  readonly #typeName: string;
  readonly #alias: boolean;

  constructor(typeName: string, input: Buffer, start: number, end: number, alias: boolean) {
    this.#typeName = typeName;
    this.input = input;
    this.position = start;
    this.#start = start;
    this.limit = end;
    this.#alias = alias;
  }

  /** The tag of the next field: its number times 8, plus its wire type. Judged by `skip` if nobody knows it. */
  tag(): number {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte;
    }
    return this.#longTag();
  }

  bool(): boolean {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte !== 0;
    }
    this.#varint64();
    return words[0] !== 0 || words[1] !== 0;
  }

  int32(): number {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte;
    }
    return this.#varint32();
  }

  uint32(): number {
    const byte = this.input[this.position] as number;
    if (byte < 0x80) {
      this.position++;
      return byte;
    }
    return this.#varint32() >>> 0;
  }

  sint32(): number {
    const zigzag = this.int32();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  int64(): bigint {
    this.#varint64();
    return signed[0] as bigint;
  }

  uint64(): bigint {
    this.#varint64();
    return unsigned[0] as bigint;
  }

  int64Text(): string {
    return String(this.int64());
  }

  uint64Text(): string {
    return String(this.uint64());
  }

  sint64Text(): string {
    return String(this.sint64());
  }

  fixed64Text(): string {
    return String(this.fixed64());
  }

  sfixed64Text(): string {
    return String(this.sfixed64());
  }

  sint64(): bigint {
    this.#varint64();
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
    const { input } = this;
    const at = this.#advance(4);
    return (
      (input[at] as number) |
      ((input[at + 1] as number) << 8) |
      ((input[at + 2] as number) << 16) |
      ((input[at + 3] as number) << 24)
    );
  }

  fixed64(): bigint {
    words[low] = this.sfixed32();
    words[high] = this.sfixed32();
    return unsigned[0] as bigint;
  }

  sfixed64(): bigint {
    words[low] = this.sfixed32();
    words[high] = this.sfixed32();
    return signed[0] as bigint;
  }

  float(): number {
    floatBits[0] = this.sfixed32();
    return float[0] as number;
  }

  double(): number {
    words[low] = this.sfixed32();
    words[high] = this.sfixed32();
    return double[0] as number;
  }

  /** Text that is UTF-8, or else a failure. */
  string(): string {
    const size = this.length();
    const start = this.position;
    this.position += size;
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
    this.position += size;
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

  /** A length of which everything is there. */
  length(): number {
    const at = this.position;
    const size = this.uint32();
    if (size > this.limit - this.position) this.failAt(at, `a length of ${size} goes beyond the end`);
    return size;
  }

  /** Opens a nested message within one that ends at `end`; returns where it ends. */
  enter(end: number): number {
    return this.enterGroup(this.enterEntry(end));
  }

  /** Opens a group within a message that ends at `end`. */
  enterGroup(end: number): number {
    if (++this.depth > recursionLimit) this.fail(`messages are nested deeper than ${recursionLimit}`);
    return end;
  }

  /** Opens a message that is empty because it does not stand there. */
  enterEmpty(): number {
    this.depth++;
    return this.position;
  }

  /** Opens an entry of a map. */
  enterEntry(end: number): number {
    const at = this.position;
    const size = this.length();
    if (this.position + size > end) this.failAt(at, `a length of ${size} goes beyond the message that it is in`);
    return this.position + size;
  }

  leaveEntry(end: number): void {
    if (this.position > end) this.fail(`a field goes beyond the entry of a map that ends at byte ${end - this.#start}`);
  }

  /** Closes what was opened. `stop`: the tag that should have ended a group; -1 for none. */
  leave(end: number, stop: number): void {
    if (this.position > end) this.fail(`a field goes beyond the message that ends at byte ${end - this.#start}`);
    if (stop !== -1) this.fail(`group ${stop >>> 3} is not ended`);
    this.depth--;
  }

  /** A message in progress keeps a field that it does not know. */
  unknown(tag: number, fields: UnknownField[] | undefined): UnknownField[] {
    const start = this.position;
    this.skip(tag);
    const field = { no: tag >>> 3, wireType: tag & 7, data: this.keep(start, this.position - start) };
    if (fields === undefined) return [field];
    fields.push(field);
    return fields;
  }

  /** Passes over a field whose tag was read. */
  skip(tag: number): void {
    this.#skip(tag, recursionLimit - this.depth);
  }

  /** Passes over the rest of a message that ends at `end`; returns where it ends. */
  pass(end: number): number {
    this.position = end;
    return end;
  }

  /** Passes over the rest of a group and the tag that ends it; returns where that tag begins. */
  passGroup(stop: number): number {
    while (this.position < this.limit) {
      const at = this.position;
      const tag = this.tag();
      if (tag === stop) return at;
      this.skip(tag);
    }
    return this.fail(`group ${stop >>> 3} is not ended`);
  }

  /** Memory for a field: a view where that is worth what it keeps alive, else a copy. */
  keep(start: number, size: number): Uint8Array {
    const isAlias = this.#alias && size >= minAliasBytes && size * 4 >= this.input.buffer.byteLength;
    return isAlias ? viewRange(this.input, start, start + size) : copyRange(this.input, start, start + size);
  }

  fail(what: string): never {
    return this.failAt(this.position, what);
  }

  failAt(position: number, what: string): never {
    const size = this.limit - this.#start;
    throw new Error(`${this.#typeName}: ${what} at byte ${position - this.#start} of ${size}`);
  }

  /** Passes over bytes of which all are there; returns where they begin. */
  #advance(size: number): number {
    const at = this.position;
    if (size > this.limit - at) this.fail(`${size} bytes are cut off`);
    this.position = at + size;
    return at;
  }

  #skip(tag: number, budget: number): void {
    if (tag < 8) this.fail("a tag has field number 0");
    switch (tag & 7) {
      case 0:
        this.#varint64();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.#advance(this.length());
        return;
      case 3:
        this.#skipGroup(tag + 1, budget - 1);
        return;
      case 4:
        this.fail(`group ${tag >>> 3} ends without a beginning`);
        break;
      case 5:
        this.#advance(4);
        return;
      default:
        this.fail(`a tag has wire type ${tag & 7}`);
    }
  }

  #skipGroup(stop: number, budget: number): void {
    if (budget < 0) this.fail(`messages are nested deeper than ${recursionLimit}`);
    while (this.position < this.limit) {
      const tag = this.tag();
      if (tag === stop) return;
      this.#skip(tag, budget);
    }
    this.fail(`group ${stop >>> 3} is not ended`);
  }

  #longTag(): number {
    const start = this.position;
    let tag = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte(start);
      if (shift === 28 && byte > 0x0f) break;
      tag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return tag >>> 0;
    }
    return this.failAt(start, "a tag has more than 32 bits");
  }

  /** The lower 32 bits of a varint of any length. */
  #varint32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte(start);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    for (let i = 5; i < 10; i++) if (this.#byte(start) < 0x80) return value;
    return this.failAt(start, "a varint has more than 10 bytes");
  }

  /** Leaves a varint in `words`. */
  #varint64(): void {
    const start = this.position;
    let lo = 0;
    let hi = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte(start);
      const bits = byte & 0x7f;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi |= bits >>> 4;
      } else hi |= bits << (shift - 32);
      if (byte < 0x80) {
        words[low] = lo;
        words[high] = hi;
        return;
      }
    }
    this.failAt(start, "a varint has more than 10 bytes");
  }

  /** The next byte of a varint that begins at `start`. */
  #byte(start: number): number {
    if (this.position >= this.limit) this.failAt(start, "a varint is cut off");
    return this.input[this.position++] as number;
  }
}
