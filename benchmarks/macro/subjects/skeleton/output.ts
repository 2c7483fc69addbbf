import type { Socket } from "node:net";

/**
 * Less than a hundred calls take, so that client and server work at the same time. With 64 KiB they take turns, each waiting for all that
 * the other has: 160 thousand calls a second instead of 213 (medians of eight rounds in turn).
 */
const size = 16 * 1024;

/** All that a connection writes: one buffer, written once a turn, and when it is full. */
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
