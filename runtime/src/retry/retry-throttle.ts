import type { RetryThrottling } from "../service-config/retry-config.js";
import { defaultRetryThrottling } from "./idempotency-defaults.js";

/** Tokens are counted in thousandths: token ratios have three digits, and sums of fractions do not come out even. */
const unit = 1000;

/**
 * Tokens of one target (gRFC A6, Throttling Retry Attempts and Hedged RPCs). A failure takes one, a success gives a part of
 * one back; at half of them and below nothing is tried again. A change of the configuration keeps the part that is left:
 * were it to fill up, a name that is resolved again while its servers are down would set all retries free.
 */
export class RetryThrottle {
  #max: number;
  #refund: number;
  #tokens: number;

  constructor(throttling: RetryThrottling = defaultRetryThrottling) {
    this.#max = throttling.maxTokens * unit;
    this.#refund = Math.round(throttling.tokenRatio * unit);
    this.#tokens = this.#max;
  }

  get tokens(): number {
    return this.#tokens / unit;
  }

  get maxTokens(): number {
    return this.#max / unit;
  }

  get isFull(): boolean {
    return this.#tokens === this.#max;
  }

  /** Whether a retry or hedge may be sent now. */
  get allowsMore(): boolean {
    return this.#tokens > this.#max / 2;
  }

  /** Puts a configuration in force, with the part of the tokens that is left. */
  configure(throttling: RetryThrottling): void {
    const max = throttling.maxTokens * unit;
    this.#refund = Math.round(throttling.tokenRatio * unit);
    if (max === this.#max) return;
    this.#tokens = Math.floor((this.#tokens * max) / this.#max);
    this.#max = max;
  }

  /** A call has succeeded, whether it has a policy or not. */
  onSuccess(): void {
    if (this.#tokens < this.#max) this.#tokens = Math.min(this.#tokens + this.#refund, this.#max);
  }

  /** An attempt ended with a code that its policy tries again, or the server wants no retry. */
  onFailure(): void {
    this.#tokens = Math.max(this.#tokens - unit, 0);
  }
}
