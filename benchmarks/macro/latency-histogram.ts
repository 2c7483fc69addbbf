/** Steps within a doubling: values are kept to about 1.6 %. */
const subBuckets = 64;
/** Doublings from 1 µs on: up to 18 minutes. */
const doublings = 30;

/** Durations in a log-linear histogram: recording allocates nothing and costs a few nanoseconds. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(doublings * subBuckets);
  #size = 0;

  record(ms: number): void {
    const us = ms * 1000;
    const doubling = us < subBuckets ? 0 : Math.min(doublings - 1, 26 - Math.clz32(us));
    const index = doubling * subBuckets + Math.min(subBuckets - 1, Math.floor(us / 2 ** doubling));
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#size++;
  }

  /** In microseconds; `share` from 0 to 1. Undefined when nothing was recorded. */
  quantileUs(share: number): number | undefined {
    if (this.#size === 0) return undefined;
    let left = Math.ceil(this.#size * share);
    for (let index = 0; index < this.#counts.length; index++) {
      left -= this.#counts[index] as number;
      if (left <= 0) return ((index % subBuckets) + 0.5) * 2 ** Math.floor(index / subBuckets);
    }
    return undefined;
  }
}
