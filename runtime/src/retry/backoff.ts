import type { Millis } from "../base/platform.js";
import type { RetryPolicy } from "../service-config/retry-config.js";

/** Each delay is spread evenly over ± this part of itself (gRFC A6). */
const jitter = 0.2;

/**
 * Milliseconds before a retry. The jitter comes after the cap, so that a delay may be longer than it by a fifth.
 *
 * @param count Retries since the first attempt, or since the last one that the server itself put a time to: 1 is the first.
 * @param lot A number in [0, 1).
 */
export function backoffMs(policy: RetryPolicy, count: number, lot: number): Millis {
  const { initialBackoffMs, maxBackoffMs, backoffMultiplier } = policy;
  const baseMs = Math.min(initialBackoffMs * backoffMultiplier ** (count - 1), maxBackoffMs);
  return baseMs * (1 - jitter + 2 * jitter * lot);
}
