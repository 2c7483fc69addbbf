import type { Millis } from "../base/platform.js";
import type { Deadline } from "../rpc/deadline.js";
import type { Status } from "../rpc/status.js";
import type { RetryPolicy } from "../service-config/retry-config.js";
import { backoffMs } from "./backoff.js";
import { pushbackOf } from "./pushback.js";
import type { RetryThrottle } from "./retry-throttle.js";

/** An attempt that failed, and neither headers nor messages came before. */
export interface FailedAttempt {
  readonly policy: RetryPolicy;
  readonly status: Status;
  /** With the one that failed; transparent retries are none. */
  readonly attempts: number;
  /** Retries since the first attempt or the last pushback. */
  readonly backoffs: number;
  readonly startedAt: Millis;
  readonly now: Millis;
  readonly deadline: Deadline;
  /** A number in [0, 1). */
  readonly lot: number;
}

export type RetryDecision =
  | { readonly kind: "retry"; readonly delayMs: Millis; readonly isPushback: boolean }
  /** Why not. */
  | { readonly kind: "stop"; readonly because: "final" | "pushback" | "code" | "throttled" | "attempts" | "deadline" };

function stop(because: (RetryDecision & { kind: "stop" })["because"]): RetryDecision {
  return { kind: "stop", because };
}

/**
 * Whether an attempt that failed is followed by another one, in the order of gRFC A6: what the server wants, whether the
 * policy names the code, the throttle, which counts the failure whether there are attempts left or not, the number of
 * attempts, and the deadline. The throttle is told here.
 */
export function decideRetry(failed: FailedAttempt, throttle: RetryThrottle | undefined): RetryDecision {
  const { policy, status, attempts } = failed;
  if (status.isFinal === true) return stop("final");
  const pushback = pushbackOf(status);
  if (pushback.kind === "stop") {
    throttle?.onFailure();
    return stop("pushback");
  }
  if (!policy.retryableStatusCodes.has(status.code)) return stop("code");
  throttle?.onFailure();
  if (throttle?.allowsMore === false) return stop("throttled");
  if (attempts >= policy.maxAttempts) return stop("attempts");
  const isPushback = pushback.kind === "after";
  const delayMs = isPushback ? pushback.delayMs : backoffMs(policy, failed.backoffs + 1, failed.lot);
  return fitsDeadline(failed, delayMs) ? { kind: "retry", delayMs, isPushback } : stop("deadline");
}

/** An attempt that has less than half the time which the last one took to fail cannot be expected to end in time. */
function fitsDeadline({ startedAt, now, deadline }: FailedAttempt, delayMs: Millis): boolean {
  const remainingMs = deadline - now - delayMs;
  return remainingMs > 0 && remainingMs >= (now - startedAt) / 2;
}
