import { nameProblem } from "../base/option-group.js";
import type { Parsed } from "../base/parsed.js";
import type { Millis } from "../base/platform.js";
import { clientStreams, type MethodDescriptor } from "../rpc/method-descriptor.js";
import type { HedgingOptions } from "../rpc/retry-options.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { type HedgingPolicy as ConfiguredHedging, maxAttemptsLimit } from "../service-config/retry-config.js";
import { pushbackOf } from "./pushback.js";
import { attemptsProblem, codesOf, codesProblem } from "./retry-options.js";

/** When the next attempt of a call starts beside those that run. */
export type HedgingDelay =
  | { readonly kind: "fixed"; readonly delayMs: Millis }
  /** The time in which this part of the method's calls are answered; none starts before that is known. */
  | { readonly kind: "percentile"; readonly part: number };

/** When further attempts of a call start before the first has failed (gRFC A6). */
export interface HedgingPolicy {
  /** With the first one: 2 to 5. */
  readonly maxAttempts: number;
  readonly delay: HedgingDelay;
  /** Attempts beside the first ones, as a part of the method's calls; Infinity is no limit. */
  readonly maxExtraLoad: number;
  /** After these the other attempts go on. */
  readonly nonFatalStatusCodes: ReadonlySet<StatusCode>;
}

/** What the failure of one attempt means for the call. */
export type HedgeFailure =
  /** The call ends with it; the other attempts are cancelled. */
  | { readonly kind: "fatal" }
  /** The next attempt starts after so many milliseconds, and the others at their distance behind it. */
  | { readonly kind: "next"; readonly delayMs: Millis }
  /** No attempt starts any more; those that run go on. */
  | { readonly kind: "noMore" };

const fatal: HedgeFailure = Object.freeze({ kind: "fatal" });
const now: HedgeFailure = Object.freeze({ kind: "next", delayMs: 0 });
const noMore: HedgeFailure = Object.freeze({ kind: "noMore" });

export function afterHedgeFailure(policy: HedgingPolicy, status: Status): HedgeFailure {
  if (status.isFinal === true || !policy.nonFatalStatusCodes.has(status.code)) return fatal;
  const pushback = pushbackOf(status);
  if (pushback.kind === "stop") return noMore;
  return pushback.kind === "none" ? now : { kind: "next", delayMs: pushback.delayMs };
}

/** Why a method's calls must not be hedged, in a clause; undefined when they may. */
export function hedgingObstacle(method: MethodDescriptor, isUnsafe: boolean): string | undefined {
  if (clientStreams(method.kind)) return "its requests are streams, which would be sent several times";
  if (method.idempotency === "NO_SIDE_EFFECTS" || isUnsafe) return undefined;
  return "its idempotency_level is not NO_SIDE_EFFECTS, and its handler would run several times at once";
}

/** A service config says exactly when, and knows of no budget (gRFC A6). */
export function configuredHedging(config: ConfiguredHedging): HedgingPolicy {
  const { maxAttempts, hedgingDelayMs, nonFatalStatusCodes } = config;
  const delay: HedgingDelay = { kind: "fixed", delayMs: hedgingDelayMs };
  return { maxAttempts, delay, maxExtraLoad: Number.POSITIVE_INFINITY, nonFatalStatusCodes };
}

const names: readonly (keyof HedgingOptions)[] = [
  "maxAttempts",
  "delayMs",
  "delayPercentile",
  "maxExtraLoad",
  "nonFatalStatusCodes",
  "unsafe",
];

/** Applications give the same object again and again. */
const parsedBefore = new WeakMap<HedgingOptions, Parsed<HedgingPolicy>>();

/** The policy that options stand for; the error is a sentence. Options must not change once they were given. */
export function parseHedgingOptions(options: HedgingOptions): Parsed<HedgingPolicy> {
  const known = parsedBefore.get(options);
  if (known !== undefined) return known;
  const parsed = parse(options);
  if ("value" in parsed) parsedBefore.set(options, parsed);
  return parsed;
}

function parse(options: HedgingOptions): Parsed<HedgingPolicy> {
  const { delayMs, delayPercentile = 0.95, maxExtraLoad = 0.05 } = options;
  const problem =
    nameProblem("hedging", options, names) ??
    attemptsProblem("hedging", options.maxAttempts) ??
    delayProblem(options) ??
    (maxExtraLoad > 0 ? undefined : `hedging.maxExtraLoad is ${maxExtraLoad}: expected a number above 0`) ??
    codesProblem("hedging.nonFatalStatusCodes", options.nonFatalStatusCodes, 0);
  if (problem !== undefined) return { error: problem };
  const policy: HedgingPolicy = {
    maxAttempts: Math.min(options.maxAttempts ?? 2, maxAttemptsLimit),
    delay: delayMs === undefined ? { kind: "percentile", part: delayPercentile } : { kind: "fixed", delayMs },
    maxExtraLoad,
    nonFatalStatusCodes: codesOf(options.nonFatalStatusCodes) ?? new Set<StatusCode>([StatusCode.UNAVAILABLE]),
  };
  return { value: Object.freeze(policy) };
}

function delayProblem({ delayMs, delayPercentile }: HedgingOptions): string | undefined {
  if (delayMs !== undefined && delayPercentile !== undefined) {
    return "hedging.delayMs stands beside hedging.delayPercentile: expected one of the two";
  }
  if (delayMs !== undefined && !(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
    return `hedging.delayMs is ${delayMs}: expected a number of 0 or more`;
  }
  if (delayPercentile === undefined || (delayPercentile > 0 && delayPercentile < 1)) return undefined;
  return `hedging.delayPercentile is ${delayPercentile}: expected a number above 0 and below 1`;
}
