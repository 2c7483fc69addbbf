import { assert } from "../../base/assert.js";

/**
 * Receive window of a stream or connection (RFC 9113 §6.9). Of the bytes that were ever granted, each is available to the
 * peer, held by us, or read and owed to the peer. What was granted ahead is less owed: it may be less than nothing.
 */
export class ReceiveWindow {
  /** Bytes that the peer may still send. */
  #available: number;
  /** Bytes received and not given back. */
  #held = 0;
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

  get held(): number {
    return this.#held;
  }

  get owed(): number {
    return this.#owed;
  }

  /** The peer sent bytes; they are held. False: more than it was granted. */
  receive(flowBytes: number): boolean {
    this.#available -= flowBytes;
    this.#held += flowBytes;
    return this.#available >= 0;
  }

  /** The peer learned of a smaller window; what is available may become negative (RFC 9113 §6.9.2). */
  shrink(bytes: number): void {
    this.#available -= bytes;
  }

  /** The peer is to have `bytes` at hand. The increment to send now, on account of what it will be owed; 0 when it has them. */
  openAhead(bytes: number): number {
    const increment = Math.min(bytes, maxWindowBytes) - this.#available;
    if (increment <= 0) return 0;
    this.#available += increment;
    this.#owed -= increment;
    return increment;
  }

  /** Held bytes were read. The increment to send now, or 0 while it is too small to be worth a frame. */
  release(flowBytes: number): number {
    assert(flowBytes <= this.#held, "no more is given back to a window than it holds");
    this.#held -= flowBytes;
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
