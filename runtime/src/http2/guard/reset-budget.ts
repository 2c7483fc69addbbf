import type { Millis } from "../../base/platform.js";

/** Half of the time over which resets are counted: now and the half before it. */
const halfPeriodMs = 5000;

/**
 * Tells a peer that opens streams to waste our work (CVE-2023-44487) from one whose calls end early.
 *
 * What wastes is the slot that a reset gives back and the next stream takes. So a premature reset counts when a stream is
 * opened behind it: a thousand deadlines that pass at once count only as far as other calls take their place, and then
 * these are as many again. A reset that the peer provokes from us (CVE-2025-8671) counts at once. Too many is more than
 * the limit and more than half of the streams opened in the same time: a client that cancels some of its calls never
 * gets there, however fast it calls.
 */
export class ResetBudget {
  readonly #limit: number;
  #halfStartedAt: Millis;
  /** Premature resets behind which no stream has been opened. */
  #pending = 0;
  #wasted = 0;
  #wastedBefore = 0;
  #opened = 0;
  #openedBefore = 0;

  constructor(limit: number, now: Millis) {
    this.#limit = limit;
    this.#halfStartedAt = now;
  }

  /** A stream was opened. False: too many. */
  opened(now: Millis): boolean {
    this.#turnOver(now);
    this.#opened += 1;
    if (this.#pending === 0) return true;
    this.#pending -= 1;
    return this.#waste();
  }

  /** The peer reset a stream soon after it was opened. */
  premature(): void {
    this.#pending += 1;
  }

  /** The peer made us reset a stream. False: too many. */
  provoked(now: Millis): boolean {
    this.#turnOver(now);
    return this.#waste();
  }

  /** Streams wasted in the time that is looked at. */
  get wasted(): number {
    return this.#wasted + this.#wastedBefore;
  }

  #waste(): boolean {
    this.#wasted += 1;
    const { wasted } = this;
    return wasted <= this.#limit || wasted * 2 <= this.#opened + this.#openedBefore;
  }

  #turnOver(now: Millis): void {
    const age = now - this.#halfStartedAt;
    if (age < halfPeriodMs) return;
    const isNext = age < 2 * halfPeriodMs;
    this.#wastedBefore = isNext ? this.#wasted : 0;
    this.#openedBefore = isNext ? this.#opened : 0;
    this.#wasted = 0;
    this.#opened = 0;
    this.#halfStartedAt = now;
  }
}
