/**
 * Memory that a connection's output is written into, in place, in the order in which it goes to the socket.
 *
 * A bump allocator: bytes are appended at `position`, `take` hands out everything committed so far. What was handed out
 * or pinned is never written again; `release` says that nothing handed out is in use any more, and only then the arena
 * starts over at its beginning.
 */
import { assert } from "./assert.js";
import type { ByteSink } from "./byte-sink.js";
import { giveMemory, noMemory, type OutputMemory, takeMemory } from "./output-memory.js";
import { varintBytes, writeVarint } from "./varint.js";

/** Bytes of one arena. Larger ones keep more output in one piece, smaller ones cost less per idle connection. */
export const arenaBytes = 64 * 1024;
/** Arenas start small: most connections are idle most of the time, and never have much to say at once. */
const firstArenaBytes = 1024;
/** By this much an arena grows, up to arenaBytes. */
const growthFactor = 8;
/** Chunks of at least this many bytes are taken by reference: a piece more in a write costs about as much as copying them. */
const referenceBytes = 16 * 1024;

/** A message that was begun and taken out again, in order. */
export interface MessageChunks {
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
}

interface Reference {
  offset: number;
  readonly chunk: Uint8Array;
}

/** Of an arena that has none: never written to. */
const noPieces: Uint8Array[] = [];
const noReferences: Reference[] = [];

export class OutputArena implements ByteSink {
  bytes = noMemory.bytes;
  view = noMemory.view;
  position = 0;

  #memory = noMemory;
  /** Memory that is full, and that nothing outside lies in but what was taken. */
  #full: OutputMemory[] | undefined;
  /** Size of the memory that it takes when there is something to write: a connection that says nothing has none. */
  #nextBytes: number;

  /** Where in `bytes` the output starts that has not been taken yet. */
  #start = 0;
  /** Output before `#start` that has not been taken yet. */
  #pieces = noPieces;
  #pieceBytes = 0;
  /** Where in `bytes` the message begins that is being written, -1 when there is none. */
  #mark = -1;
  /** Chunks that the message being written refers to, with their offsets from `#mark`. */
  #references = noReferences;
  #referencedBytes = 0;
  /** Whether something outside lies in `bytes`. */
  #pinned = false;

  constructor(firstBytes = firstArenaBytes) {
    this.#nextBytes = firstBytes;
  }

  /** Bytes committed and not taken. */
  get pendingBytes(): number {
    return this.#pieceBytes + (this.#mark < 0 ? this.position : this.#mark) - this.#start;
  }

  /** Whether a message is being written. */
  get writing(): boolean {
    return this.#mark >= 0;
  }

  ensure(size: number): void {
    if (this.position + size > this.bytes.length) this.#grow(size);
  }

  append(chunk: Uint8Array): void {
    const size = chunk.length;
    if (size >= referenceBytes && this.#mark >= 0) {
      if (this.#references === noReferences) this.#references = [];
      this.#references.push({ offset: this.position - this.#mark, chunk });
      this.#referencedBytes += size;
      return;
    }
    this.ensure(size);
    this.bytes.set(chunk, this.position);
    this.position += size;
  }

  openLength(): number {
    this.ensure(1);
    this.position += 1;
    return this.position - this.#mark;
  }

  closeLength(start: number): void {
    const at = this.#mark + start;
    const length = this.position - at + (this.#references.length === 0 ? 0 : this.#bytesReferredSince(start));
    if (length < 0x80) this.bytes[at - 1] = length;
    else this.#insertLength(start, length);
  }

  /** Puts a chunk into the output by reference. */
  appendReference(chunk: Uint8Array): void {
    assert(this.#mark < 0, "no output goes between the begin and the end of a message");
    this.#closeRegion(this.position);
    this.#addPiece(chunk);
  }

  /** Starts a message with `reserve` bytes at its head that the caller fills in later. */
  begin(reserve: number): void {
    assert(this.#mark < 0, "one message is written at a time");
    this.ensure(reserve);
    this.#mark = this.position;
    this.position += reserve;
  }

  /** Where the reserved bytes of the message being written are; changes when the arena grows. */
  get messageStart(): number {
    return this.#mark;
  }

  /** Bytes of the message being written, the reserved ones included. */
  get messageBytes(): number {
    return this.position - this.#mark + this.#referencedBytes;
  }

  /** Whether the message being written lies in one piece, so that `commit` is possible. */
  get contiguous(): boolean {
    return this.#references.length === 0;
  }

  /** Makes the message output, where it lies. Only for a contiguous one. */
  commit(): void {
    this.#mark = -1;
  }

  /** Takes the message out, without its first `skip` bytes; it stays where it lies and belongs to the caller. */
  detach(skip: number): MessageChunks {
    const mark = this.#mark;
    const byteLength = this.messageBytes - skip;
    const chunks: Uint8Array[] = [];
    let from = mark + skip;
    for (const { offset, chunk } of this.#references) {
      if (mark + offset > from) chunks.push(this.bytes.subarray(from, mark + offset));
      chunks.push(chunk);
      from = mark + offset;
    }
    if (this.position > from) chunks.push(this.bytes.subarray(from, this.position));
    this.#closeRegion(mark);
    this.#start = this.position;
    this.#pinned = true;
    this.#forgetMessage();
    return { chunks, byteLength };
  }

  /** Gives the message up; nothing of it is left. */
  abort(): void {
    this.position = this.#mark;
    this.#forgetMessage();
  }

  /** Everything committed since the last take. The chunks may not be changed before `release`. */
  take(): readonly Uint8Array[] {
    assert(this.#mark < 0, "no output is taken between the begin and the end of a message");
    this.#closeRegion(this.position);
    const pieces = this.#pieces;
    this.#pieces = noPieces;
    this.#pieceBytes = 0;
    return pieces;
  }

  /** Nothing that was taken is in use any more: its memory serves others, unless something outside lies in it. */
  release(): void {
    if (this.#mark >= 0 || this.#pieces.length > 0 || this.#start !== this.position) return;
    // One large message must not cost a connection its size for ever; whatever lies outside keeps the old memory.
    const isTooLarge = this.bytes.length > arenaBytes;
    if (this.position === 0 && !isTooLarge) return;
    if (this.#full !== undefined) this.#giveFull(this.#full);
    if (this.#pinned && !isTooLarge) return;
    this.#nextBytes = isTooLarge ? arenaBytes : this.bytes.length;
    if (!this.#pinned) giveMemory(this.#memory);
    this.#leave();
  }

  /** Gives its memory back, unless there is output in it. What was taken keeps the memory that it lies in. */
  rest(): void {
    if (this.#mark >= 0 || this.pendingBytes > 0) return;
    this.#leave();
    this.#full = undefined;
    this.#nextBytes = firstArenaBytes;
  }

  #bytesReferredSince(start: number): number {
    let size = 0;
    for (let i = this.#references.length - 1; i >= 0; i--) {
      const reference = this.#references[i];
      if (reference === undefined || reference.offset < start) break;
      size += reference.chunk.length;
    }
    return size;
  }

  /** Moves what was written since `start` to make room for a length of more than a byte. */
  #insertLength(start: number, length: number): void {
    const more = varintBytes(length) - 1;
    this.ensure(more);
    const at = this.#mark + start;
    this.bytes.copyWithin(at + more, at, this.position);
    this.position += more;
    writeVarint(this.bytes, at - 1, length);
    for (const reference of this.#references) if (reference.offset >= start) reference.offset += more;
  }

  #forgetMessage(): void {
    this.#mark = -1;
    this.#references = noReferences;
    this.#referencedBytes = 0;
  }

  #closeRegion(end: number): void {
    if (end > this.#start) {
      this.#addPiece(this.bytes.subarray(this.#start, end));
    }
    this.#start = end;
  }

  #addPiece(piece: Uint8Array): void {
    if (this.#pieces === noPieces) this.#pieces = [];
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
  }

  /** Goes on in new memory; a message being written moves along, everything before it stays. */
  #grow(size: number): void {
    const from = this.#mark < 0 ? this.position : this.#mark;
    const moved = this.position - from;
    this.#closeRegion(from);
    let capacity = Math.min(arenaBytes, Math.max(this.#nextBytes, growthFactor * this.bytes.length));
    while (capacity < 2 * moved + size) capacity *= 2;
    const { bytes } = this;
    if (bytes.length > 0 && !this.#pinned) {
      this.#full ??= [];
      this.#full.push(this.#memory);
    }
    this.#use(takeMemory(capacity));
    bytes.copy(this.bytes, 0, from, this.position);
    this.#start = 0;
    this.position = moved;
    if (this.#mark >= 0) this.#mark = 0;
  }

  #giveFull(full: readonly OutputMemory[]): void {
    this.#full = undefined;
    for (const memory of full) giveMemory(memory);
  }

  #leave(): void {
    this.#use(noMemory);
    this.#start = 0;
    this.position = 0;
  }

  #use(memory: OutputMemory): void {
    this.#memory = memory;
    this.bytes = memory.bytes;
    this.view = memory.view;
    this.#pinned = false;
  }
}
