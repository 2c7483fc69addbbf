import type { Millis, Platform, Timer } from "../base/platform.js";

/** Looks that are taken within the timeout: what is late by that part of it is not worth a clock's reading per call. */
const looksPerTimeout = 16;

/** The calls of a channel, as far as idleness goes. */
export interface CallCounts {
  /** Calls that run. */
  readonly size: number;
  /** Calls that have ever started. */
  readonly started: number;
}

/**
 * Notices that a channel has had no call for its timeout, or up to a sixteenth more: it looks at the counts now and then,
 * so that calls have nothing to do with it.
 */
export class IdleTimer {
  readonly #platform: Platform;
  readonly #timeoutMs: Millis;
  readonly #calls: CallCounts;
  readonly #onIdle: () => void;
  #timer: Timer | undefined;
  #seenStarted = 0;
  #quietSince: Millis = 0;

  /** @param timeoutMs Infinity: never. */
  constructor(platform: Platform, timeoutMs: Millis, calls: CallCounts, onIdle: () => void) {
    this.#platform = platform;
    this.#timeoutMs = timeoutMs;
    this.#calls = calls;
    this.#onIdle = onIdle;
  }

  /** Somebody wants the channel: the time starts anew. */
  start(): void {
    if (this.#timeoutMs === Number.POSITIVE_INFINITY) return;
    this.#quietSince = this.#platform.now();
    this.#seenStarted = this.#calls.started;
    if (this.#timer === undefined) this.#arm(this.#quietSince);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(now: Millis): void {
    const idleAt = this.#quietSince + this.#timeoutMs;
    const at = Math.min(now + this.#timeoutMs / looksPerTimeout, idleAt);
    this.#timer = this.#platform.setTimer(at, () => this.#look(), false);
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#platform.now();
    const { size, started } = this.#calls;
    if (size > 0 || started !== this.#seenStarted) {
      this.#seenStarted = started;
      this.#quietSince = now;
    }
    if (now >= this.#quietSince + this.#timeoutMs) this.#onIdle();
    else this.#arm(now);
  }
}
