import type { Millis, Platform, Timer } from "../base/platform.js";

/** Something of a server that has to end before the server is closed: a connection, an in-process door, a listener. */
export interface Drainable {
  /** Ends at once. */
  close(): void;
}

/**
 * The end of a server: waits until everything that was there has gone, and forces it when the grace is over. Settles
 * exactly once, and never rejects.
 */
export class Drain {
  readonly done: Promise<void>;
  readonly #platform: Platform;
  readonly #left = new Set<Drainable>();
  #resolve: (() => void) | undefined;
  #timer: Timer | undefined;
  #forceAt: Millis = Number.POSITIVE_INFINITY;
  #isForced = false;
  #isSealed = false;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Has to end too. */
  add(item: Drainable): void {
    this.#left.add(item);
    if (this.#isForced || this.#resolve === undefined) item.close();
  }

  /** Has ended. */
  remove(item: Drainable): void {
    this.#left.delete(item);
    this.#check();
  }

  /** Everything was added. */
  seal(): void {
    this.#isSealed = true;
    this.#check();
  }

  /** Ends by force what is left after `graceMs`, unless that was to happen sooner. */
  limit(graceMs: Millis): void {
    const at = this.#platform.now() + Math.max(0, graceMs);
    if (this.#isForced || this.#resolve === undefined || !(at < this.#forceAt)) return;
    this.#forceAt = at;
    this.#timer?.cancel();
    if (graceMs <= 0) this.#force();
    else this.#timer = this.#platform.setTimer(at, () => this.#force());
  }

  #force(): void {
    this.#isForced = true;
    for (const item of [...this.#left]) item.close();
  }

  #check(): void {
    if (!this.#isSealed || this.#left.size > 0) return;
    this.#timer?.cancel();
    this.#resolve?.();
    this.#resolve = undefined;
  }
}
