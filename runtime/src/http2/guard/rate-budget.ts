import type { Millis } from "../../base/platform.js";

/** What a peer may spend at once, and how fast it is given back. A bucket of tokens that starts full. */
export class RateBudget {
  readonly #capacity: number;
  readonly #perSecond: number;
  #left: number;
  #at: Millis;

  /** `capacity` of Infinity is no limit. */
  constructor(capacity: number, perSecond: number, now: Millis) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#left = capacity;
    this.#at = now;
  }

  /** Takes one; false when there is none left. */
  spend(now: Millis): boolean {
    if (this.isSpent(now)) return false;
    this.#left -= 1;
    return true;
  }

  /** Whether none is left. */
  isSpent(now: Millis): boolean {
    if (now > this.#at) {
      this.#left = Math.min(this.#capacity, this.#left + ((now - this.#at) * this.#perSecond) / 1000);
      this.#at = now;
    }
    return this.#left < 1;
  }

  /** Whether nothing of it is spent. */
  isFull(now: Millis): boolean {
    return !this.isSpent(now) && this.#left === this.#capacity;
  }

  /** Gives one back. */
  refund(): void {
    if (this.#left < this.#capacity) this.#left += 1;
  }

  /** Gives all back. */
  refill(): void {
    this.#left = this.#capacity;
  }
}
