/**
 * Received bytes in order, where they lie in the read chunks, except that small pieces which must wait are gathered in
 * buffers of our own: one byte must not keep a chunk of 64 KiB alive, nor cost an object (CVE-2026-84304).
 */

/** bytes[start, end). */
export interface Piece {
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Whether `bytes` is a buffer of the queue, which may append behind `end`. */
  own: boolean;
}

const noBytes = new Uint8Array(0);
/** Behind the head of every queue that never had a second piece; never written to. */
const noPieces: Piece[] = [];

/** Smaller pieces are copied when they wait. */
const smallPieceBytes = 1024;

/** Buffers for small pieces: each has twice the size of the one before, from the first to the last of these. */
const minGatherBytes = 256;
const maxGatherBytes = 16 * 1024;

/** Spent places at the front of the list that are worth moving the others for. */
const compactionThreshold = 64;

export class PieceQueue {
  /** The first piece, always the same object; it is empty exactly when the queue is. */
  readonly head: Piece = emptyPiece();
  /** Bytes in all pieces. */
  bytes = 0;
  /** Memory that the pieces behind the head keep alive, without what the piece before each of them keeps as well. */
  #restMemory = 0;
  /** The pieces behind the head start at #next; places before it are spent. */
  #rest: Piece[] = noPieces;
  #next = 0;
  #gatherBytes = minGatherBytes;

  /** Memory that the pieces keep alive: the whole of each chunk that one of them lies in. */
  get memoryBytes(): number {
    return this.bytes === 0 ? 0 : this.head.bytes.buffer.byteLength + this.#restMemory;
  }

  push(chunk: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size === 0) return;
    if (this.bytes === 0) {
      fill(this.head, chunk, start, end, false);
    } else {
      this.settle();
      if (size >= smallPieceBytes) this.#append({ bytes: chunk, start, end, own: false });
      else this.#gather(chunk, start, size);
    }
    this.bytes += size;
  }

  /** Drops `size` bytes, which lie within the head. */
  advance(size: number): void {
    const { head } = this;
    head.start += size;
    this.bytes -= size;
    if (head.start === head.end) this.#shift();
  }

  /** Copies the head if it is a small piece of a read chunk. Those behind it were looked at when they came. */
  settle(): void {
    const { head } = this;
    const size = head.end - head.start;
    if (size === 0 || size >= smallPieceBytes || head.own) return;
    const own = this.#allocate(size);
    own.set(head.bytes.subarray(head.start, head.end));
    const next = this.#rest[this.#next];
    if (next !== undefined && next.bytes.buffer === head.bytes.buffer) this.#restMemory += next.bytes.buffer.byteLength;
    fill(head, own, 0, size, true);
  }

  clear(): void {
    fill(this.head, noBytes, 0, 0, false);
    this.bytes = 0;
    this.#rest.length = 0;
    this.#next = 0;
    this.#restMemory = 0;
  }

  #append(piece: Piece): void {
    const tail = this.#rest[this.#rest.length - 1] ?? this.head;
    if (piece.bytes.buffer !== tail.bytes.buffer) this.#restMemory += piece.bytes.buffer.byteLength;
    if (this.#rest === noPieces) this.#rest = [];
    this.#rest.push(piece);
  }

  #shift(): void {
    const rest = this.#rest;
    const next = rest[this.#next];
    if (next === undefined) {
      fill(this.head, noBytes, 0, 0, false);
      return;
    }
    if (next.bytes.buffer !== this.head.bytes.buffer) this.#restMemory -= next.bytes.buffer.byteLength;
    fill(this.head, next.bytes, next.start, next.end, next.own);
    next.bytes = noBytes;
    this.#next++;
    if (this.#next === rest.length) {
      rest.length = 0;
      this.#next = 0;
    } else if (this.#next >= compactionThreshold && this.#next * 2 >= rest.length) {
      rest.splice(0, this.#next);
      this.#next = 0;
    }
  }

  /** Appends a small piece to the last one where that is our own and has room, else to a new buffer. */
  #gather(chunk: Uint8Array, start: number, size: number): void {
    let tail = this.#rest[this.#rest.length - 1] ?? this.head;
    if (!tail.own || tail.bytes.byteLength - tail.end < size) {
      tail = { bytes: this.#allocate(size), start: 0, end: 0, own: true };
      this.#append(tail);
    }
    tail.bytes.set(chunk.subarray(start, start + size), tail.end);
    tail.end += size;
  }

  #allocate(size: number): Uint8Array {
    const bytes = Math.max(size, this.#gatherBytes);
    this.#gatherBytes = Math.min(this.#gatherBytes * 2, maxGatherBytes);
    return Buffer.allocUnsafeSlow(bytes);
  }
}

function emptyPiece(): Piece {
  return { bytes: noBytes, start: 0, end: 0, own: false };
}

function fill(piece: Piece, bytes: Uint8Array, start: number, end: number, own: boolean): void {
  piece.bytes = bytes;
  piece.start = start;
  piece.end = end;
  piece.own = own;
}
