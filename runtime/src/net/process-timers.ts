import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import type { Millis, Timer } from "../base/platform.js";
import { TimerTable } from "../base/timer-table.js";
import { inRootScope } from "./root-scope.js";

/** The longest delay that Node's setTimeout takes; above it, it would fire at once. */
export const longestDelayMs = 2 ** 31 - 1;

/**
 * How long the real timer sleeps before it looks at a deadline. A deadline farther away than `longestDelayMs` is reached
 * in several sleeps. Whole milliseconds, rounded up, because setTimeout would cut a fraction off and wake up early.
 */
export function sleepUntil(at: Millis, now: Millis): Millis {
  return Math.min(Math.max(Math.ceil(at - now), 1), longestDelayMs);
}

/**
 * One timer table on one timer of Node's.
 *
 * A cancelled deadline leaves the real timer armed: it wakes up once for nothing, where re-arming it for each call would
 * cost more than the rest of the bookkeeping. setTimeout counts from the start of the event loop's round and so may
 * wake up before performance.now() says it is time: then nothing is due, and it is armed for the rest.
 */
export class ProcessTimers {
  readonly #table = new TimerTable((held) => this.#hold(held));
  #real: NodeJS.Timeout | undefined;
  /** What the real timer is armed for: Infinity when it is not, -Infinity while it fires and will be armed anyhow. */
  #armedFor: Millis = Number.POSITIVE_INFINITY;
  readonly #fire = (): void => this.#onFire();

  set(at: Millis, fn: () => void, holdsProcess: boolean): Timer {
    const timer = this.#table.schedule(at, fn, holdsProcess);
    if (at < this.#armedFor) this.#arm(at);
    return timer;
  }

  #arm(at: Millis): void {
    if (this.#real !== undefined) clearTimeout(this.#real);
    this.#armedFor = at;
    this.#real = inRootScope(setTimeout, this.#fire, sleepUntil(at, performance.now()));
    if (this.#table.holding === 0) this.#real.unref();
  }

  #onFire(): void {
    this.#real = undefined;
    this.#armedFor = Number.NEGATIVE_INFINITY;
    try {
      this.#table.runDue(performance.now());
    } finally {
      this.#armedFor = Number.POSITIVE_INFINITY;
      const next = this.#table.nextAt;
      if (next < Number.POSITIVE_INFINITY) this.#arm(next);
    }
  }

  /** A process without calls may exit although the real timer is armed. */
  #hold(held: boolean): void {
    if (this.#real === undefined) return;
    if (held) this.#real.ref();
    else this.#real.unref();
  }
}
