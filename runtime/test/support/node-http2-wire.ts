import { Duplex } from "node:stream";
import { parseFrames, type WireFrame } from "./frames.js";

/** The other end of a connection of node:http2, which takes it for a socket: what is pushed is received, frames come out. */
export class NodeHttp2Wire extends Duplex {
  readonly #onFrame: (frame: WireFrame) => void;
  #skip: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param skip Octets before the first frame: a client's preface. */
  constructor(skip: number, onFrame: (frame: WireFrame) => void) {
    super();
    this.#skip = skip;
    this.#onFrame = onFrame;
  }

  /** node:http2 has ended or destroyed it. */
  get isOver(): boolean {
    return this.destroyed || this.writableEnded;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const skipped = Math.min(this.#skip, this.#rest.length);
    this.#skip -= skipped;
    this.#rest = this.#rest.subarray(skipped);
    const end = endOfFrames(this.#rest);
    // A copy: node may use the memory of what it wrote again.
    const whole = Buffer.from(this.#rest.subarray(0, end));
    this.#rest = this.#rest.subarray(end);
    for (const frame of parseFrames(whole)) this.#onFrame(frame);
    setImmediate(done);
  }
}

/** Where the last whole frame ends. */
function endOfFrames(bytes: Buffer): number {
  let at = 0;
  while (at + 9 <= bytes.length && at + 9 + bytes.readUIntBE(at, 3) <= bytes.length) at += 9 + bytes.readUIntBE(at, 3);
  return at;
}
