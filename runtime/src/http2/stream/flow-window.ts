/**
 * Receive window of a stream or connection (RFC 9113 §6.9): what the peer may still send, and what has been read of it
 * but not been given back.
 */
export class ReceiveWindow {
  /** Bytes that the peer may still send. */
  #available: number;
  /** Bytes read that the peer does not know of yet. */
  #owed = 0;
  readonly #threshold: number;

  /**
   * @param windowBytes What the window is restored to.
   * @param granted What the peer may send at first: more than `windowBytes` while it does not know of a smaller window.
   */
  constructor(windowBytes: number, granted: number) {
    this.#available = granted;
    this.#threshold = Math.max(1, windowBytes >>> 1);
  }

  get available(): number {
    return this.#available;
  }

  /** The peer sent bytes. False: more than it was granted. */
  receive(flowBytes: number): boolean {
    this.#available -= flowBytes;
    return this.#available >= 0;
  }

  /** The peer learned of a smaller window; what is available may become negative (RFC 9113 §6.9.2). */
  shrink(bytes: number): void {
    this.#available -= bytes;
  }

  /** Bytes were read. The increment to send now, or 0 while it is too small to be worth a frame. */
  release(flowBytes: number): number {
    const owed = this.#owed + flowBytes;
    if (owed < this.#threshold) {
      this.#owed = owed;
      return 0;
    }
    this.#owed = 0;
    this.#available += owed;
    return owed;
  }
}

/** Largest window and largest increment (RFC 9113 §6.9.1). */
export const maxWindowBytes = 0x7fffffff;
