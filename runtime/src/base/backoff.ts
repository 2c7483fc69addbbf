/** How delays between tries grow. */
export interface BackoffOptions {
  /** Delay after the first failure, in milliseconds. */
  readonly initialMs: number;
  /** Factor from one delay to the next. */
  readonly multiplier: number;
  /** The longest delay before jitter, in milliseconds. */
  readonly maxMs: number;
  /** Each delay is spread evenly over ± this part of itself. */
  readonly jitter: number;
}

/** For connections and name resolution (grpc/grpc doc/connection-backoff.md). */
export const connectionBackoff: BackoffOptions = Object.freeze({
  initialMs: 1000,
  multiplier: 1.6,
  maxMs: 120_000,
  jitter: 0.2,
});

/**
 * Delays that grow exponentially. The jitter comes after the cap, as in connection-backoff.md and gRFC A6, and is on the
 * first delay too, so that clients that lost one server together do not come back together.
 */
export class Backoff {
  readonly #random: () => number;
  readonly #options: BackoffOptions;
  #baseMs: number;

  /** @param random A number in [0, 1). */
  constructor(random: () => number, options: BackoffOptions = connectionBackoff) {
    this.#random = random;
    this.#options = options;
    this.#baseMs = options.initialMs;
  }

  /** The delay that is due now, in milliseconds; the one after it is longer. */
  next(): number {
    const { multiplier, maxMs, jitter } = this.#options;
    const baseMs = Math.min(this.#baseMs, maxMs);
    this.#baseMs = Math.min(baseMs * multiplier, maxMs);
    return baseMs * (1 + jitter * (2 * this.#random() - 1));
  }

  /** Starts again at the initial delay: call it when a try has succeeded. */
  reset(): void {
    this.#baseMs = this.#options.initialMs;
  }
}
