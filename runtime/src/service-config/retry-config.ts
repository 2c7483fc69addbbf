import type { Parsed } from "../base/parsed.js";
import { isStatusCode, StatusCode } from "../rpc/status-code.js";
import type { ConfigReader } from "./config-reader.js";
import { parseDuration, parsePositiveDuration } from "./duration.js";
import { show } from "./json.js";
import { parseUint32 } from "./uint32.js";

/** More attempts than these are not made, whatever a config asks for: it may come from a resolver (gRFC A6, Limits on Retries and Hedges). */
export const maxAttemptsLimit = 5;

/** When a call that failed is tried again (gRFC A6). */
export interface RetryPolicy {
  /** With the first one: 2 to 5. */
  readonly maxAttempts: number;
  /** Milliseconds before the second attempt, without jitter. */
  readonly initialBackoffMs: number;
  /** Milliseconds: no delay is longer, without jitter. */
  readonly maxBackoffMs: number;
  /** Factor from one delay to the next. */
  readonly backoffMultiplier: number;
  readonly retryableStatusCodes: ReadonlySet<StatusCode>;
}

/** When further attempts of a call start before the first has failed (gRFC A6). */
export interface HedgingPolicy {
  /** With the first one: 2 to 5. */
  readonly maxAttempts: number;
  /** Milliseconds from one attempt to the next; 0 sends all at once. */
  readonly hedgingDelayMs: number;
  /** After these the other attempts go on. */
  readonly nonFatalStatusCodes: ReadonlySet<StatusCode>;
}

/** How many failures stop retries and hedges to a server (gRFC A6). */
export interface RetryThrottling {
  /** What there is at the beginning, and at most; at half of it and below nothing is tried again. */
  readonly maxTokens: number;
  /** What a success gives back; a failure takes 1. */
  readonly tokenRatio: number;
}

export const retryPolicyFields = [
  "maxAttempts",
  "initialBackoff",
  "maxBackoff",
  "backoffMultiplier",
  "retryableStatusCodes",
];
export const hedgingPolicyFields = ["maxAttempts", "hedgingDelay", "nonFatalStatusCodes"];
export const retryThrottlingFields = ["maxTokens", "tokenRatio"];

/** Undefined when something is wrong. */
export function readRetryPolicy(reader: ConfigReader): RetryPolicy | undefined {
  const maxAttempts = reader.require("maxAttempts", parseAttempts);
  const initialBackoffMs = reader.require("initialBackoff", parsePositiveDuration);
  const maxBackoffMs = reader.require("maxBackoff", parsePositiveDuration);
  const backoffMultiplier = reader.require("backoffMultiplier", parsePositive);
  const codes = reader.require("retryableStatusCodes", parseStatusCodes);
  if (codes?.size === 0) reader.find("retryableStatusCodes", 'is []: expected at least one code such as "UNAVAILABLE"');
  if (maxAttempts === undefined || initialBackoffMs === undefined || maxBackoffMs === undefined) return undefined;
  if (backoffMultiplier === undefined || codes === undefined) return undefined;
  return Object.freeze({ maxAttempts, initialBackoffMs, maxBackoffMs, backoffMultiplier, retryableStatusCodes: codes });
}

/** Undefined when something is wrong. */
export function readHedgingPolicy(reader: ConfigReader): HedgingPolicy | undefined {
  const maxAttempts = reader.require("maxAttempts", parseAttempts);
  const hedgingDelayMs = reader.read("hedgingDelay", parseDuration) ?? 0;
  const nonFatalStatusCodes = reader.read("nonFatalStatusCodes", parseStatusCodes) ?? new Set<StatusCode>();
  return maxAttempts === undefined ? undefined : Object.freeze({ maxAttempts, hedgingDelayMs, nonFatalStatusCodes });
}

/** Undefined when something is wrong. */
export function readRetryThrottling(reader: ConfigReader): RetryThrottling | undefined {
  const maxTokens = reader.require("maxTokens", parseMaxTokens);
  const tokenRatio = reader.require("tokenRatio", parseTokenRatio);
  return maxTokens === undefined || tokenRatio === undefined ? undefined : Object.freeze({ maxTokens, tokenRatio });
}

/** gRFC A6: what is above the limit counts as the limit. */
function parseAttempts(json: unknown): Parsed<number> {
  const parsed = parseUint32(json, "of 2 or more, the first attempt among them", 2);
  return "error" in parsed ? parsed : { value: Math.min(parsed.value, maxAttemptsLimit) };
}

function parsePositive(json: unknown): Parsed<number> {
  if (typeof json === "number" && json > 0 && json < Number.POSITIVE_INFINITY) return { value: json };
  return { error: `is ${show(json)}: expected a number above 0` };
}

function parseMaxTokens(json: unknown): Parsed<number> {
  return parseUint32(json, "from 1 to 1000", 1, 1000);
}

/** Digits behind the third are ignored (gRFC A6). */
function parseTokenRatio(json: unknown): Parsed<number> {
  // The small addition keeps 1.001 × 1000, which comes out just below 1001, from losing its last digit.
  const thousandths = typeof json === "number" ? Math.floor(json * 1000 + 1e-6) : 0;
  if (thousandths >= 1 && thousandths < Number.POSITIVE_INFINITY) return { value: thousandths / 1000 };
  return { error: `is ${show(json)}: expected a number of 0.001 or more` };
}

function parseStatusCodes(json: unknown): Parsed<ReadonlySet<StatusCode>> {
  if (!Array.isArray(json)) return { error: `is ${show(json)}: expected a list of status codes` };
  const codes = new Set<StatusCode>();
  for (let i = 0; i < json.length; i++) {
    const code = statusCodeOf(json[i]);
    if (code === undefined)
      return { error: `has ${show(json[i])} at ${i}: expected a code such as "UNAVAILABLE" or 14` };
    codes.add(code);
  }
  return { value: codes };
}

/** gRFC A6: the number, or the name in any case. A call that ended with OK has not failed: that is no code to list. */
function statusCodeOf(json: unknown): StatusCode | undefined {
  const code = typeof json === "string" ? codesByName.get(json.toUpperCase()) : json;
  return typeof code === "number" && isStatusCode(code) && code !== StatusCode.OK ? code : undefined;
}

const codesByName: ReadonlyMap<string, StatusCode> = /* @__PURE__ */ new Map(Object.entries(StatusCode));
