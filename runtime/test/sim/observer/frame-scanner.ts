import { clientPreface, frameType } from "../../support/frames.js";

/** A frame as it went by. Offsets count the bytes of its direction from the first on. */
export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  /** Of the payload. */
  readonly length: number;
  /** Where its header is complete. */
  readonly headerEnd: number;
  readonly end: number;
  /** Empty for DATA: only its size matters here. */
  readonly payload: Buffer;
}

const headerBytes = 9;
const nothing = Buffer.alloc(0);

/** Cuts the bytes of one direction into frames, wherever they are split. Knows nothing of the code under test. */
export class FrameScanner {
  readonly #onFrame: (frame: SeenFrame) => void;
  readonly #onJunk: (what: string) => void;
  #prefaceLeft: number;
  /** Bytes scanned so far. */
  offset = 0;
  /** A header or payload of which a part has come. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #frame: Omit<SeenFrame, "payload"> | undefined;
  #isBroken = false;

  constructor(role: "client" | "server", onFrame: (frame: SeenFrame) => void, onJunk: (what: string) => void) {
    this.#prefaceLeft = role === "client" ? clientPreface.length : 0;
    this.#onFrame = onFrame;
    this.#onJunk = onJunk;
  }

  /** Whether the direction could end here without cutting a frame. */
  get atFrameBoundary(): boolean {
    return this.#frame === undefined && this.#partialBytes === 0;
  }

  push(bytes: Buffer): void {
    let at = this.#skipPreface(bytes);
    while (at < bytes.length && !this.#isBroken) {
      if (this.#frame === undefined) at = this.#header(bytes, at);
      else at = this.#payload(this.#frame, bytes, at);
    }
  }

  #skipPreface(bytes: Buffer): number {
    const size = Math.min(this.#prefaceLeft, bytes.length);
    if (size === 0) return 0;
    const from = clientPreface.length - this.#prefaceLeft;
    if (bytes.compare(clientPreface, from, from + size, 0, size) !== 0) this.#junk("the preface is wrong");
    this.#prefaceLeft -= size;
    this.offset += size;
    return size;
  }

  #junk(what: string): void {
    this.#isBroken = true;
    this.#onJunk(what);
  }

  /** Collects until `size` bytes are there; they are returned in one piece. */
  #collect(bytes: Buffer, at: number, size: number): Buffer | undefined {
    const taken = Math.min(size - this.#partialBytes, bytes.length - at);
    const piece = bytes.subarray(at, at + taken);
    this.offset += taken;
    if (this.#partialBytes + taken < size) {
      this.#partial.push(piece);
      this.#partialBytes += taken;
      return undefined;
    }
    if (this.#partialBytes === 0) return piece;
    const whole = Buffer.concat([...this.#partial, piece], size);
    this.#partial = [];
    this.#partialBytes = 0;
    return whole;
  }

  #header(bytes: Buffer, at: number): number {
    const before = this.offset;
    const header = this.#collect(bytes, at, headerBytes);
    const next = at + this.offset - before;
    if (header === undefined) return next;
    const length = header.readUIntBE(0, 3);
    const frame = {
      type: header[3] as number,
      flags: header[4] as number,
      streamId: header.readUInt32BE(5),
      length,
      headerEnd: this.offset,
      end: this.offset + length,
    };
    if (length === 0) this.#onFrame({ ...frame, payload: nothing });
    else if (frame.type === frameType.DATA) {
      // Told with its header: from there on it counts against the windows.
      this.#onFrame({ ...frame, payload: nothing });
      this.#frame = frame;
    } else this.#frame = frame;
    return next;
  }

  #payload(frame: Omit<SeenFrame, "payload">, bytes: Buffer, at: number): number {
    if (frame.type === frameType.DATA) {
      const taken = Math.min(frame.end - this.offset, bytes.length - at);
      this.offset += taken;
      if (this.offset === frame.end) this.#frame = undefined;
      return at + taken;
    }
    const before = this.offset;
    const payload = this.#collect(bytes, at, frame.length);
    const next = at + this.offset - before;
    if (payload === undefined) return next;
    this.#frame = undefined;
    this.#onFrame({ ...frame, payload });
    return next;
  }
}
