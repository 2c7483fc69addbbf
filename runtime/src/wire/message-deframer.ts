/**
 * Cuts a stream of DATA into messages (PROTOCOL-HTTP2, Length-Prefixed-Message).
 *
 * Pieces wait undecoded until a message is asked for. One that lies within one piece is given out where it lies; one that
 * spans pieces is assembled in a buffer that grows with what arrived, never by what its prefix claims: its pieces stay
 * where they lie until a quarter of it has come, so that most messages are copied once.
 */
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { messagePrefixBytes } from "./message-framer.js";
import { PieceQueue } from "./piece-queue.js";

const noBytes = new Uint8Array(0);

/** The least that a buffer for a message that is assembled has. */
const minAssemblyBytes = 1024;
/** A buffer has at most so many times what has come of its message. */
const assemblyFactor = 4;
/** Of a message that was asked for, no more than this waits where it lies: copying it at once takes a fraction of a millisecond. */
const maxLyingBytes = 1024 * 1024;
/** Nor does it wait where it keeps more memory alive than so many times itself: two frames of 16 KiB in a chunk of 64 KiB may. */
const maxLyingFactor = 8;

/** The least that is worth a view: below it a copy is cheaper than what the view keeps alive. */
const minAliasBytes = 4096;

export class MessageDeframer {
  /** The current message fills bytes[start, end), from a `next` that returned true to the next call of anything here. */
  bytes: Uint8Array = noBytes;
  start = 0;
  end = 0;
  /** Whether the current message has its Compressed-Flag set. */
  compressed = false;
  /** Whether memory is short: a message that is assembled takes no more than has come of it, at the price of copies. */
  isFrugal = false;
  /** What is wrong with the stream; no message comes any more. */
  error: Status | undefined;

  readonly #maxMessageBytes: number;
  readonly #pieces = new PieceQueue();
  /** Bytes of the prefix that have been read. */
  #prefixBytes = 0;
  #flag = 0;
  #length = 0;
  #assembly: Uint8Array | undefined;
  #assembledBytes = 0;
  #consumedBytes = 0;
  /** Of the bytes in the pieces, those that count as consumed: they belong to a message that was asked for. */
  #lyingBytes = 0;

  /** `maxMessageBytes`: the largest message that is accepted, compressed as it comes; Infinity is no limit. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Received bytes of messages that have not been given out, prefixes included. */
  get bufferedBytes(): number {
    return this.#pieces.bytes + this.#prefixBytes + this.#assembledBytes;
  }

  /** Memory that a message takes which was asked for and has come in part. */
  get incompleteBytes(): number {
    if (this.#assembly !== undefined) return this.#assembly.byteLength;
    return this.#lyingBytes === 0 ? 0 : this.#pieces.memoryBytes;
  }

  /** What is still to come of the message that was asked for and whose prefix was read. */
  get missingBytes(): number {
    if (this.#prefixBytes < messagePrefixBytes || this.error !== undefined) return 0;
    return this.#length - this.#assembledBytes - this.#pieces.bytes;
  }

  /** Whether the stream stands between two messages and nothing waits. */
  get idle(): boolean {
    return this.#pieces.bytes === 0 && this.#prefixBytes === 0;
  }

  /**
   * Whether a decoder may keep views of the current message: worth it from 4 KiB, and only where it is a quarter of the
   * memory that a view keeps alive.
   */
  get alias(): boolean {
    const length = this.end - this.start;
    return length >= minAliasBytes && length * 4 >= this.bytes.buffer.byteLength;
  }

  /** Takes chunk[start, end). The chunk must not change any more: what waits, and what is given out, may lie in it. */
  push(chunk: Uint8Array, start: number, end: number): void {
    if (this.error === undefined) this.#pieces.push(chunk, start, end);
    else this.#consumedBytes += end - start;
  }

  /**
   * Asks for a message: true when there is one in the public fields. False says that it has not come in full, or that
   * `error` is set. What has come of a message that was asked for is taken in at once and counts as consumed: waiting for
   * all of it would stop the sender of one that is larger than the window.
   */
  next(): boolean {
    if (this.error !== undefined || !this.#readPrefix()) return this.#none();
    const { head } = this.#pieces;
    const length = this.#length;
    if (this.#assembly === undefined && head.end - head.start >= length) {
      this.bytes = head.bytes;
      this.start = head.start;
      this.end = head.start + length;
      this.#take(length);
    } else {
      if (!this.#assemble()) return this.#none();
      this.bytes = this.#assembly ?? noBytes;
      this.start = 0;
      this.end = length;
      this.#assembly = undefined;
      this.#assembledBytes = 0;
    }
    this.#prefixBytes = 0;
    return true;
  }

  /** Call when no message is wanted for now: small pieces are copied, so that they do not keep read chunks alive. */
  settle(): void {
    this.#none();
    this.#pieces.settle();
  }

  /** Bytes whose window may be given back to the sender, since the last call. */
  takeConsumedBytes(): number {
    const bytes = this.#consumedBytes;
    this.#consumedBytes = 0;
    return bytes;
  }

  /** Throws away what was not given out; its bytes count as consumed. */
  clear(): void {
    this.#none();
    this.#consumedBytes += this.#pieces.bytes - this.#lyingBytes;
    this.#lyingBytes = 0;
    this.#pieces.clear();
    this.#prefixBytes = 0;
    this.#assembly = undefined;
    this.#assembledBytes = 0;
  }

  /** The stream has ended and `next` returned false: what is wrong with that, if anything. */
  endError(): Status | undefined {
    if (this.error !== undefined || this.idle) return this.error;
    const got =
      this.#prefixBytes < messagePrefixBytes
        ? `${this.#prefixBytes} of the ${messagePrefixBytes} bytes of its prefix`
        : `${this.#assembledBytes + this.#pieces.bytes} of its ${this.#length} bytes`;
    return { code: StatusCode.INTERNAL, message: `stream ended inside a message: ${got} have come` };
  }

  /** Reads what is missing of the prefix and judges it when it is whole; tells whether it is, and is good. */
  #readPrefix(): boolean {
    if (this.#prefixBytes === messagePrefixBytes) return true;
    const { head } = this.#pieces;
    if (this.#prefixBytes === 0 && head.end - head.start >= messagePrefixBytes) {
      const { bytes, start } = head;
      this.#flag = bytes[start] as number;
      this.#length =
        (((bytes[start + 1] as number) << 24) |
          ((bytes[start + 2] as number) << 16) |
          ((bytes[start + 3] as number) << 8) |
          (bytes[start + 4] as number)) >>>
        0;
      this.#prefixBytes = messagePrefixBytes;
      this.#take(messagePrefixBytes);
    } else if (!this.#readPrefixByByte()) {
      return false;
    }
    if (this.#flag > 1) {
      return this.#fail(StatusCode.INTERNAL, `message has the compressed flag ${this.#flag}, expected 0 or 1`);
    }
    if (this.#length > this.#maxMessageBytes) {
      const limit = `limit ${this.#maxMessageBytes} (maxReceiveMessageBytes)`;
      return this.#fail(StatusCode.RESOURCE_EXHAUSTED, `message is ${this.#length} bytes, ${limit}`);
    }
    this.compressed = this.#flag === 1;
    return true;
  }

  #readPrefixByByte(): boolean {
    const { head } = this.#pieces;
    while (this.#prefixBytes < messagePrefixBytes) {
      if (head.start === head.end) return false;
      const byte = head.bytes[head.start] as number;
      this.#take(1);
      if (this.#prefixBytes === 0) {
        this.#flag = byte;
        this.#length = 0;
      } else {
        this.#length = this.#length * 256 + byte;
      }
      this.#prefixBytes++;
    }
    return true;
  }

  /** Moves what has come of the current message into its own buffer; tells whether that is all of it. */
  #assemble(): boolean {
    const pieces = this.#pieces;
    const available = Math.min(this.#length - this.#assembledBytes, pieces.bytes);
    if (available === 0 || this.#mayLie(available)) return false;
    const target = this.#reserve(this.#assembledBytes + available);
    let left = available;
    while (left > 0) {
      const { head } = pieces;
      const size = Math.min(left, head.end - head.start);
      copyRange(head.bytes, head.start, size, target, this.#assembledBytes);
      this.#take(size);
      this.#assembledBytes += size;
      left -= size;
    }
    return this.#assembledBytes === this.#length;
  }

  /** Whether what has come of the current message stays where it lies until there is more; then it counts as consumed. */
  #mayLie(available: number): boolean {
    if (this.#assembly !== undefined || this.isFrugal) return false;
    // Its buffer is as small as what would be copied to wait.
    if (this.#length <= minAssemblyBytes) return false;
    if (available * assemblyFactor >= this.#length || available >= maxLyingBytes) return false;
    if (this.#pieces.memoryBytes > available * maxLyingFactor) return false;
    this.#consumedBytes += available - this.#lyingBytes;
    this.#lyingBytes = available;
    return true;
  }

  /** A buffer for at least `size` bytes of the current message. */
  #reserve(size: number): Uint8Array {
    const old = this.#assembly;
    if (old !== undefined && old.byteLength >= size) return old;
    const grown = Math.max(this.isFrugal ? size : size * assemblyFactor, minAssemblyBytes);
    const buffer = Buffer.allocUnsafeSlow(Math.min(grown, this.#length));
    if (old !== undefined) copyRange(old, 0, this.#assembledBytes, buffer, 0);
    this.#assembly = buffer;
    return buffer;
  }

  /** There is no current message, so that none keeps a chunk alive. */
  #none(): false {
    this.bytes = noBytes;
    this.start = 0;
    this.end = 0;
    return false;
  }

  #take(size: number): void {
    const known = Math.min(size, this.#lyingBytes);
    this.#lyingBytes -= known;
    this.#consumedBytes += size - known;
    this.#pieces.advance(size);
  }

  #fail(code: StatusCode, message: string): false {
    this.error = { code, message };
    this.clear();
    return false;
  }
}

/** Without a view object for the few bytes that a split usually leaves. */
function copyRange(from: Uint8Array, start: number, size: number, to: Uint8Array, at: number): void {
  if (size > 32) {
    to.set(from.subarray(start, start + size), at);
    return;
  }
  for (let i = 0; i < size; i++) to[at + i] = from[start + i] as number;
}
