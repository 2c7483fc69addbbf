/**
 * Cuts received chunks into frames (RFC 9113 §4.1). Payloads are read in place where a frame lies in one chunk;
 * otherwise they are assembled once. DATA is never assembled: it comes in fragments, as it arrives.
 */
import { connectionError, ErrorCode, type Violation } from "../error-code.js";
import { Flag, FrameType, frameHeaderBytes, frameTypeName } from "./frame-type.js";

export type ReadResult = "frame" | "starved" | "violation";

const noBytes = new Uint8Array(0);

/** What is taken for a payload that spans chunks before more than that has come of it: its length is the peer's to choose. */
const firstPayloadBytes = 16 * 1024;

export class FrameReader {
  type = 0;
  flags = 0;
  streamId = 0;
  /** Length in the frame's header: padding included. */
  length = 0;
  /** Payload of a DATA frame without padding and pad length. */
  dataBytes = 0;
  /** Payload, or this fragment of a DATA frame without its padding: bytes[start, end). */
  bytes: Uint8Array = noBytes;
  start = 0;
  end = 0;
  /** Whether this is the first fragment of its DATA frame; true for all other frames. */
  first = true;
  /** Whether this is the last fragment of its DATA frame; true for all other frames. */
  last = true;
  violation: Violation | undefined;

  readonly #maxFrameBytes: number;
  /** Chunks not begun, behind the current one. */
  readonly #waiting: Uint8Array[] = [];
  #chunk: Uint8Array = noBytes;
  #offset = 0;
  /** A header that spans chunks. */
  readonly #header = new Uint8Array(frameHeaderBytes);
  #headerFilled = 0;
  /** A payload that spans chunks. */
  #assembly: Buffer | undefined;
  #assembled = 0;
  #state: "header" | "payload" | "padLength" | "data" | "padding" = "header";
  #dataLeft = 0;
  #paddingLeft = 0;
  /** Whether a fragment of the current DATA frame has been given out. */
  #begun = false;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Adds a chunk. It is kept by reference and never written to. */
  push(chunk: Uint8Array): void {
    if (this.#offset === this.#chunk.length && this.#waiting.length === 0) {
      this.#chunk = chunk;
      this.#offset = 0;
    } else {
      this.#waiting.push(chunk);
    }
  }

  /** Whether the stream of bytes may end here without cutting a frame. */
  get atFrameBoundary(): boolean {
    return this.#state === "header" && this.#headerFilled === 0 && this.#offset === this.#chunk.length;
  }

  /** Whether all that was pushed has been read. */
  get isEmpty(): boolean {
    return this.#offset === this.#chunk.length && this.#waiting.length === 0;
  }

  /** Skips the rest of the DATA frame whose fragment was read last. */
  skipData(): void {
    this.#paddingLeft += this.#dataLeft;
    this.#dataLeft = 0;
    this.#begun = false;
    if (this.#state === "data") this.#state = this.#paddingLeft > 0 ? "padding" : "header";
  }

  /** Reads on. After "frame" the fields describe it, until the next call. After "violation" nothing more is read. */
  next(): ReadResult {
    if (this.violation !== undefined) return "violation";
    for (;;) {
      switch (this.#state) {
        case "header":
          if (!this.#readHeader()) return this.violation === undefined ? "starved" : "violation";
          continue;
        case "payload":
          return this.#readPayload() ? "frame" : "starved";
        case "padLength":
          if (!this.#readPadLength()) return this.violation === undefined ? "starved" : "violation";
          continue;
        case "data":
          return this.#readData() ? "frame" : "starved";
        case "padding":
          if (!this.#skipPadding()) return "starved";
          continue;
      }
    }
  }

  /** Bytes at hand in the current chunk; moves on to the next chunk when this one is used up. */
  #available(): number {
    let left = this.#chunk.length - this.#offset;
    while (left === 0) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        // A connection at rest holds on to nothing that it has read.
        this.#chunk = noBytes;
        this.#offset = 0;
        this.bytes = noBytes;
        return 0;
      }
      this.#chunk = next;
      this.#offset = 0;
      left = next.length;
    }
    return left;
  }

  #readHeader(): boolean {
    const available = this.#available();
    if (available === 0) return false;
    if (this.#headerFilled === 0 && available >= frameHeaderBytes) {
      const offset = this.#offset;
      this.#offset = offset + frameHeaderBytes;
      return this.#parseHeader(this.#chunk, offset);
    }
    while (this.#headerFilled < frameHeaderBytes) {
      if (this.#available() === 0) return false;
      this.#header[this.#headerFilled++] = this.#chunk[this.#offset++] as number;
    }
    this.#headerFilled = 0;
    return this.#parseHeader(this.#header, 0);
  }

  #parseHeader(bytes: Uint8Array, offset: number): boolean {
    const length =
      ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
    const type = bytes[offset + 3] as number;
    this.length = length;
    this.type = type;
    this.flags = bytes[offset + 4] as number;
    this.streamId =
      (((bytes[offset + 5] as number) & 0x7f) << 24) |
      ((bytes[offset + 6] as number) << 16) |
      ((bytes[offset + 7] as number) << 8) |
      (bytes[offset + 8] as number);
    this.first = true;
    if (length > this.#maxFrameBytes) {
      this.violation = connectionError(
        ErrorCode.FRAME_SIZE_ERROR,
        `${frameTypeName(type)} frame is ${length} bytes, limit ${this.#maxFrameBytes}`,
      );
      return false;
    }
    if (type !== FrameType.DATA) {
      this.last = true;
      this.#state = "payload";
    } else if ((this.flags & Flag.PADDED) !== 0) {
      this.#state = "padLength";
    } else {
      this.#dataLeft = length;
      this.dataBytes = length;
      this.#state = "data";
    }
    return true;
  }

  #readPayload(): boolean {
    const length = this.length;
    if (this.#assembly === undefined) {
      const available = length === 0 ? 0 : this.#available();
      if (available >= length) {
        this.bytes = this.#chunk;
        this.start = this.#offset;
        this.end = this.#offset += length;
        this.#state = "header";
        return true;
      }
      if (available === 0) return false;
      this.#assembly = Buffer.allocUnsafe(Math.min(length, firstPayloadBytes));
      this.#assembled = 0;
    }
    while (this.#assembled < length) {
      const available = this.#available();
      if (available === 0) return false;
      if (this.#assembled === this.#assembly.length) {
        this.#assembly = Buffer.concat([this.#assembly], Math.min(length, 2 * this.#assembled));
      }
      const size = Math.min(available, this.#assembly.length - this.#assembled);
      this.#assembly.set(this.#chunk.subarray(this.#offset, this.#offset + size), this.#assembled);
      this.#offset += size;
      this.#assembled += size;
    }
    this.bytes = this.#assembly;
    this.start = 0;
    this.end = length;
    this.#assembly = undefined;
    this.#state = "header";
    return true;
  }

  /** RFC 9113 §6.1: padding as long as the payload or longer is a connection error. */
  #readPadLength(): boolean {
    if (this.length === 0) {
      this.violation = connectionError(ErrorCode.FRAME_SIZE_ERROR, "padded DATA frame has no room for its pad length");
      return false;
    }
    if (this.#available() === 0) return false;
    const padding = this.#chunk[this.#offset++] as number;
    if (padding >= this.length) {
      this.violation = connectionError(
        ErrorCode.PROTOCOL_ERROR,
        `padding of a DATA frame is ${padding} bytes, its payload ${this.length}`,
      );
      return false;
    }
    this.#paddingLeft = padding;
    this.#dataLeft = this.length - 1 - padding;
    this.dataBytes = this.#dataLeft;
    this.#state = "data";
    return true;
  }

  #readData(): boolean {
    const wanted = this.#dataLeft;
    const available = wanted === 0 ? 0 : this.#available();
    if (available === 0 && wanted > 0) return false;
    const size = Math.min(available, wanted);
    this.first = !this.#begun;
    this.bytes = this.#chunk;
    this.start = this.#offset;
    this.end = this.#offset += size;
    this.#dataLeft = wanted - size;
    this.last = this.#dataLeft === 0;
    this.#begun = !this.last;
    if (this.last) this.#state = this.#paddingLeft > 0 ? "padding" : "header";
    return true;
  }

  #skipPadding(): boolean {
    while (this.#paddingLeft > 0) {
      const available = this.#available();
      if (available === 0) return false;
      const size = Math.min(available, this.#paddingLeft);
      this.#offset += size;
      this.#paddingLeft -= size;
    }
    this.#state = "header";
    return true;
  }
}
