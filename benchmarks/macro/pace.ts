/** What an open loop knows of time: a clock, and turns in which to look at it. */
import { performance } from "node:perf_hooks";

export interface Pace {
  /** Milliseconds, with fractions. */
  now(): number;
  nextTurn(then: () => void): void;
}

/** Timers of Node come in whole milliseconds, so the clock is looked at in every turn of the event loop, which never sleeps. */
export const eventLoopPace: Pace = {
  now: () => performance.now(),
  nextTurn: (then) => void setImmediate(then),
};

/** What a turn takes in which nothing is due, in microseconds: so much later than due a call starts at least, on average half of it. */
export function measureEmptyTurnUs(pace: Pace, turns = 2000): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = pace.now();
    let left = turns;
    const turn = (): void => {
      if (left-- > 0) pace.nextTurn(turn);
      else resolve(((pace.now() - startedAt) * 1000) / turns);
    };
    turn();
  });
}
