import type { Millis } from "../base/platform.js";

/** Latencies that are remembered, at most: what was before does not count any more. (this library) */
const windowSize = 256;
/** Fewer say nothing of a percentile. (this library) */
const fewest = 20;
/** A percentile is worked out again after so many new latencies. */
const refreshEvery = 16;

/** How long the last calls of a method waited for their answer. */
export class LatencyWindow {
  readonly #latencies: Millis[] = [];
  #next = 0;
  #added = 0;
  #part = Number.NaN;
  #percentile: Millis = 0;
  #percentileAt = 0;

  add(latencyMs: Millis): void {
    this.#latencies[this.#next] = latencyMs;
    this.#next = (this.#next + 1) % windowSize;
    this.#added++;
  }

  /** What `part` of them took no longer than; undefined while there are too few. */
  percentile(part: number): Millis | undefined {
    if (this.#latencies.length < fewest) return undefined;
    if (part !== this.#part || this.#added >= this.#percentileAt + refreshEvery) {
      const sorted = Float64Array.from(this.#latencies).sort();
      this.#percentile = sorted[Math.ceil(part * sorted.length) - 1] as Millis;
      this.#part = part;
      this.#percentileAt = this.#added;
    }
    return this.#percentile;
  }
}
