import type { Platform, Timer } from "../../../base/platform.js";

/** Any time far away does: the timer renews itself. */
const periodMs = 3_600_000;

/**
 * Keeps the process alive while calls wait for a connection or a slot. Neither a deadline nor the backoff of a connection is
 * a reason to live, but a call that somebody awaits is: between two attempts its own timer holds the process.
 */
export class ProcessHold {
  readonly #platform: Platform;
  #count = 0;
  #timer: Timer | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** How many calls wait. */
  get count(): number {
    return this.#count;
  }

  acquire(): void {
    if (this.#count++ === 0) this.#arm();
  }

  release(): void {
    if (--this.#count > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = this.#platform.setTimer(this.#platform.now() + periodMs, () => this.#arm(), true);
  }
}
