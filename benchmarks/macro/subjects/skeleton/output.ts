import type { Socket } from "node:net";

const size = 64 * 1024;

/** All that a connection writes: one buffer, one write a turn. */
export class Output {
  readonly #socket: Socket;
  #bytes = Buffer.allocUnsafe(size);
  #used = 0;
  #isFlushing = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** So many octets to be filled in at once: at `offset` of `bytes`. */
  reserve(length: number): number {
    if (this.#used + length > size) this.#flush();
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      setImmediate(() => {
        this.#isFlushing = false;
        this.#flush();
      });
    }
    const offset = this.#used;
    this.#used += length;
    return offset;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  append(bytes: Uint8Array): void {
    const offset = this.reserve(bytes.length);
    this.#bytes.set(bytes, offset);
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#socket.write(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    // The socket still has it.
    if (this.#socket.writableLength > 0) this.#bytes = Buffer.allocUnsafe(size);
  }
}
