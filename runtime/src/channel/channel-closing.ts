import type { Millis, Platform, Timer } from "../base/platform.js";

/** The end of a channel, from the first `close` on: running calls have until a point in time, which only moves forward. */
export class ChannelClosing {
  /** Resolves when everything is given back. */
  readonly done: Promise<void>;
  readonly #platform: Platform;
  readonly #shutDown: () => Promise<void>;
  #resolve: () => void = () => {};
  #graceUntil: Millis = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;
  #finished = false;

  /** @param shutDown Ends what still runs, once. Must not reject. */
  constructor(platform: Platform, shutDown: () => Promise<void>) {
    this.#platform = platform;
    this.#shutDown = shutDown;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Lets calls run for so long; what was said before holds if it is sooner. Infinity is no limit. */
  allow(graceMs: Millis): void {
    const until = this.#platform.now() + graceMs;
    if (!(graceMs > 0)) this.finish();
    else if (!this.#finished && until < this.#graceUntil) {
      this.#timer?.cancel();
      this.#graceUntil = until;
      // Somebody awaits the end: the process may not be gone before it.
      this.#timer = this.#platform.setTimer(until, () => this.finish(), true);
    }
  }

  /** The grace is over, or no call runs any more. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#timer?.cancel();
    void this.#shutDown().then(this.#resolve);
  }
}
