import type { IdempotencyLevel } from "../rpc/method-descriptor.js";
import { StatusCode } from "../rpc/status-code.js";
import type { RetryPolicy, RetryThrottling } from "../service-config/retry-config.js";

/** What holds for a method that may be repeated where nobody says anything else. (this library; codes as AIP-194) */
export const defaultRetryPolicy: RetryPolicy = Object.freeze({
  maxAttempts: 4,
  initialBackoffMs: 50,
  maxBackoffMs: 1000,
  backoffMultiplier: 2,
  retryableStatusCodes: new Set<StatusCode>([StatusCode.UNAVAILABLE]),
});

/** About fifty failures without a success, then one retry for five successes. (this library: on by default; numbers of gRFC A6's kind) */
export const defaultRetryThrottling: RetryThrottling = Object.freeze({ maxTokens: 100, tokenRatio: 0.2 });

/** What the .proto promises decides: a method of which nothing is known runs at most once. */
export function retryPolicyByIdempotency(level: IdempotencyLevel): RetryPolicy | undefined {
  return level === "IDEMPOTENCY_UNKNOWN" ? undefined : defaultRetryPolicy;
}
