/** Seconds that charts show. */
export const windowSeconds = 60;

/** Calls that are kept; of more the last ones. */
const maxCalls = 20_000;

export interface Second {
  readonly calls: number;
  readonly failed: number;
  /** Milliseconds; undefined where no call ended. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

interface Ended {
  readonly second: number;
  readonly ms: number;
  readonly isFailed: boolean;
}

/** The calls that this page has made, by the second in which they ended. */
export class Journal {
  readonly #now: () => number;
  #ended: Ended[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(ms: number, isFailed: boolean): void {
    this.#ended.push({ second: this.#second(), ms, isFailed });
    if (this.#ended.length > maxCalls) this.#ended = this.#ended.slice(-maxCalls / 2);
  }

  /** The last ones, oldest first; the one that runs is not among them. */
  seconds(): Second[] {
    const end = this.#second();
    this.#ended = this.#ended.filter(({ second }) => second >= end - windowSeconds);
    return Array.from({ length: windowSeconds }, (_, index) => {
      const its = this.#ended.filter(({ second }) => second === end - windowSeconds + index);
      const times = its.map(({ ms }) => ms).sort((a, b) => a - b);
      const failed = its.filter(({ isFailed }) => isFailed).length;
      return { calls: its.length, failed, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
    });
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
