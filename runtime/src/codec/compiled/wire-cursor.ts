import type { UnknownField } from "@bufbuild/protobuf";
import { copyPiece, copyRange } from "../byte-range.js";
import { readLongVarint, readVarint64 } from "./read-varint.js";

/** How deep messages and groups may nest, the outermost included; as in every implementation of protobuf. */
export const recursionLimit = 100;

/** Views are kept of fields from this size on, if they are also a quarter of the memory that they keep alive. */
const minAliasBytes = 4096;

/**
 * A place in one message in protobuf's binary form, and what is known of its structure: tags, lengths, what is nested.
 *
 * Whatever has a length is held to `limit` before memory is made for it. Numbers are read in good faith: that one lay past
 * the end of its message is found when that is left. A failure is one sentence with the outermost type and the offset from
 * its beginning. Made for each message that is decoded: private fields would double what that takes.
 */
export class WireCursor {
  readonly input: Uint8Array;
  /** The next byte to read. */
  position: number;
  /** Where the outermost message ends in `input`. */
  readonly limit: number;
  /** Messages and groups that are open. */
  depth: number;
  readonly start: number;
  readonly typeName: string;
  /** Whether fields may be views of `input`. */
  readonly alias: boolean;

  constructor(typeName: string, input: Uint8Array, start: number, end: number, alias: boolean) {
    this.input = input;
    this.position = start;
    this.limit = end;
    this.depth = 1;
    this.start = start;
    this.typeName = typeName;
    this.alias = alias;
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

  /** A length of which everything is there. */
  length(): number {
    const at = this.position;
    const byte = this.input[at] as number;
    let size = byte;
    if (byte < 0x80) this.position = at + 1;
    else size = readLongVarint(this) >>> 0;
    if (size > this.limit - this.position) this.failAt(at, `a length of ${size} goes beyond the end`);
    return size;
  }

  /** Opens a nested message within one that ends at `end`; returns where it ends. */
  enter(end: number): number {
    return this.enterGroup(this.enterPart(end));
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

  /** Closes what was opened. `stop`: the tag that should have ended a group; -1 for none. */
  leave(end: number, stop: number): void {
    this.leavePart(end);
    if (stop !== -1) this.fail(`group ${stop >>> 3} is not ended`);
    this.depth--;
  }

  /** Opens an entry of a map within a message that ends at `end`; returns where it ends. */
  enterPart(end: number): number {
    const at = this.position;
    const size = this.length();
    if (this.position + size > end) this.failAt(at, `a length of ${size} goes beyond the message that it is in`);
    return this.position + size;
  }

  leavePart(end: number): void {
    if (this.position > end) this.failAt(end, "a field goes beyond the part that ends");
  }

  /** A message in progress keeps a field that it does not know. */
  unknown(tag: number, fields: UnknownField[] | undefined): UnknownField[] {
    const start = this.position;
    this.skip(tag);
    const end = this.position;
    const data = this.viewOf(start, end - start) ?? copyPiece(this.input, start, end);
    const field = { no: tag >>> 3, wireType: tag & 7, data };
    if (fields === undefined) return [field];
    fields.push(field);
    return fields;
  }

  /** Passes over a field whose tag was read. */
  skip(tag: number): void {
    this.#skip(tag, recursionLimit - this.depth);
  }

  /** Passes over the rest of a group and the tag that ends it; returns where that tag begins. */
  passGroup(stop: number): number {
    return this.#passGroup(stop, recursionLimit - this.depth);
  }

  /** Passes over bytes of which all are there; returns where they begin. */
  advance(size: number): number {
    const at = this.position;
    if (size > this.limit - at) this.fail(`${size} bytes are cut off`);
    this.position = at + size;
    return at;
  }

  /** Memory for a field: a view where that is worth what it keeps alive, else a copy. */
  keep(start: number, size: number): Uint8Array {
    return this.viewOf(start, size) ?? copyRange(this.input, start, start + size);
  }

  private viewOf(start: number, size: number): Uint8Array | undefined {
    if (!this.alias || size < minAliasBytes) return undefined;
    // Asked for once: that costs as much as reading a short field. Never a Buffer: see viewRange.
    const { buffer, byteOffset } = this.input;
    return size * 4 >= buffer.byteLength ? new Uint8Array(buffer, byteOffset + start, size) : undefined;
  }

  fail(what: string): never {
    return this.failAt(this.position, what);
  }

  failAt(position: number, what: string): never {
    const size = this.limit - this.start;
    throw new Error(`${this.typeName}: ${what} at byte ${position - this.start} of ${size}`);
  }

  #skip(tag: number, budget: number): void {
    const at = this.position;
    if (tag < 8) this.fail("a tag has field number 0");
    switch (tag & 7) {
      case 0:
        readVarint64(this);
        if (this.position > this.limit) this.failAt(at, "a varint is cut off");
        return;
      case 1:
        this.advance(8);
        return;
      case 2:
        this.advance(this.length());
        return;
      case 3:
        if (budget <= 0) this.fail(`messages are nested deeper than ${recursionLimit}`);
        this.#passGroup(tag + 1, budget - 1);
        return;
      case 4:
        this.fail(`group ${tag >>> 3} ends without a beginning`);
        break;
      case 5:
        this.advance(4);
        return;
      default:
        this.fail(`a tag has wire type ${tag & 7}`);
    }
  }

  #passGroup(stop: number, budget: number): number {
    while (this.position < this.limit) {
      const at = this.position;
      const tag = this.tag();
      if (tag === stop) return at;
      this.#skip(tag, budget);
    }
    return this.fail(`group ${stop >>> 3} is not ended`);
  }

  #longTag(): number {
    const start = this.position;
    let tag = 0;
    for (let shift = 0; shift < 35 && this.position < this.limit; shift += 7) {
      const byte = this.input[this.position++] as number;
      if (shift === 28 && byte > 0x0f) break;
      tag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return tag >>> 0;
    }
    return this.failAt(start, "a tag is cut off or has more than 32 bits");
  }
}
