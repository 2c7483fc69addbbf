import type { Millis } from "../base/platform.js";
import type { Status } from "../rpc/status.js";

/** What a server said about a retry, in grpc-retry-pushback-ms. */
export type Pushback =
  | { readonly kind: "none" }
  /** Try again after exactly so many milliseconds. */
  | { readonly kind: "after"; readonly delayMs: Millis }
  /** Do not try again. */
  | { readonly kind: "stop" };

const none: Pushback = Object.freeze({ kind: "none" });
const stop: Pushback = Object.freeze({ kind: "stop" });

/**
 * gRFC A6, Pushback. Whatever is no number of 0 or more means that no retry is wanted: `wire` reads what is malformed,
 * too large or there twice as a negative number, and a handler of this process may have given anything.
 */
export function pushbackOf({ retryPushbackMs }: Status): Pushback {
  if (retryPushbackMs === undefined) return none;
  return retryPushbackMs >= 0 && retryPushbackMs < Number.POSITIVE_INFINITY
    ? { kind: "after", delayMs: retryPushbackMs }
    : stop;
}
