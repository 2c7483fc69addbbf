/** Why a call was not tried again that its policy would have tried again: clauses for errors. They are stable. */
import type { RetryDecision } from "./retry-decision.js";
import type { RetryThrottle } from "./retry-throttle.js";

/** Undefined where the policy itself wants no further attempt. */
export function retryObstacle(
  { because }: RetryDecision & { readonly kind: "stop" },
  throttle: RetryThrottle | undefined,
): string | undefined {
  switch (because) {
    case "throttled":
      return throttle === undefined ? undefined : throttleObstacle(throttle);
    case "deadline":
      return "another attempt would not have ended before the deadline";
    case "pushback":
      return "the server wants no retry (grpc-retry-pushback-ms)";
    default:
      return undefined;
  }
}

/** Failures of the target have used up what retries and hedges may add (gRFC A6). */
export function throttleObstacle({ tokens, maxTokens }: RetryThrottle): string {
  return `too many calls to the target have failed: ${tokens} of ${maxTokens} tokens are left, more than half are needed (retryThrottling)`;
}

export const replayObstacle = "more was sent than is kept for another attempt (maxCallReplayBytes, maxReplayBytes)";

export const hedgeBudgetObstacle = "hedges had used up the extra load that they may cause (maxExtraLoad)";
