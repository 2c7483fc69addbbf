import { performance } from "node:perf_hooks";
import { LatencyHistogram } from "../../macro/latency-histogram.js";

const tickMs = 5;

/**
 * How late the event loop is. A stall counts once for each tick that it swallowed, as whatever would have come meanwhile had
 * to wait: counted once, a second without a turn would vanish among the ticks of the others.
 */
export class LoopDelay {
  #histogram = new LatencyHistogram();
  #maxMs = 0;
  #expectedAt = 0;

  constructor() {
    this.#arm();
  }

  get p99Us(): number {
    return this.#histogram.quantileUs(0.99) ?? 0;
  }

  get maxUs(): number {
    return this.#maxMs * 1000;
  }

  reset(): void {
    this.#histogram = new LatencyHistogram();
    this.#maxMs = 0;
  }

  #arm(): void {
    this.#expectedAt = performance.now() + tickMs;
    setTimeout(() => this.#onTick(), tickMs).unref();
  }

  #onTick(): void {
    const lateMs = Math.max(0, performance.now() - this.#expectedAt);
    this.#maxMs = Math.max(this.#maxMs, lateMs);
    for (let late = lateMs; late >= 0; late -= tickMs) this.#histogram.record(late);
    this.#arm();
  }
}
