/** What an application says about attempts of a call after, or beside, its first one (gRFC A6). */
import type { StatusCode } from "./status-code.js";

/** When a call that failed is tried again. What is left out has the default of docs/concepts/retries.md. */
export interface RetryOptions {
  /** Attempts, the first among them: 2 or more; above 5 counts as 5. Default 4. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt, ± 20 %. Above 0. Default 50. */
  readonly initialBackoffMs?: number | undefined;
  /** Milliseconds: no delay is longer, ± 20 %. Above 0. Default 1000. */
  readonly maxBackoffMs?: number | undefined;
  /** Factor from one delay to the next. Above 0. Default 2. */
  readonly backoffMultiplier?: number | undefined;
  /** Failures that are tried again; at least one. Default: UNAVAILABLE. */
  readonly retryableStatusCodes?: readonly StatusCode[] | undefined;
}

/** When a further attempt starts although none has failed. For unary and server-streaming methods without side effects. */
export interface HedgingOptions {
  /** Attempts, the first among them: 2 or more; above 5 counts as 5. Default 2. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds from one attempt to the next; 0 sends all at once. Default: see delayPercentile. */
  readonly delayMs?: number | undefined;
  /** The delay is the time in which this part of the method's calls are answered: above 0, below 1. Not beside delayMs. Default 0.95. */
  readonly delayPercentile?: number | undefined;
  /** Attempts beside the first, as a part of all calls of the method: above 0; Infinity is no limit. Default 0.05. */
  readonly maxExtraLoad?: number | undefined;
  /** Failures after which the other attempts go on. Default: UNAVAILABLE. */
  readonly nonFatalStatusCodes?: readonly StatusCode[] | undefined;
  /** For a method that is not marked NO_SIDE_EFFECTS, too: its handler may run several times at once. Default false. */
  readonly unsafe?: boolean | undefined;
}
