import type { Millis, Platform } from "../base/platform.js";
import { wallTime } from "./wall-time.js";

/** Calls since the beginning. Those that run are in `started` alone. */
export interface CallReport {
  readonly started: number;
  /** With status OK. */
  readonly succeeded: number;
  readonly failed: number;
  readonly lastStartedAt: Date | undefined;
}

/** Counts calls. On the way of every one of them: plain numbers, and no look at a clock. */
export class CallCounts {
  #started = 0;
  #succeeded = 0;
  #failed = 0;
  #lastStartedAt = Number.NaN;

  onStart(now: Millis): void {
    this.#started += 1;
    this.#lastStartedAt = now;
  }

  onEnd(isOk: boolean): void {
    if (isOk) this.#succeeded += 1;
    else this.#failed += 1;
  }

  report(platform: Pick<Platform, "now" | "wallClock">): CallReport {
    return {
      started: this.#started,
      succeeded: this.#succeeded,
      failed: this.#failed,
      lastStartedAt: wallTime(platform, this.#lastStartedAt),
    };
  }
}
