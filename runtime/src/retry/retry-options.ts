import { nameProblem } from "../base/option-group.js";
import type { Parsed } from "../base/parsed.js";
import type { RetryOptions } from "../rpc/retry-options.js";
import { isStatusCode, StatusCode } from "../rpc/status-code.js";
import { maxAttemptsLimit, type RetryPolicy } from "../service-config/retry-config.js";
import { defaultRetryPolicy } from "./idempotency-defaults.js";

const names: readonly (keyof RetryOptions)[] = [
  "maxAttempts",
  "initialBackoffMs",
  "maxBackoffMs",
  "backoffMultiplier",
  "retryableStatusCodes",
];

/** Applications give the same object again and again. */
const parsedBefore = new WeakMap<RetryOptions, Parsed<RetryPolicy>>();

/** The policy that options stand for; the error is a sentence. Options must not change once they were given. */
export function parseRetryOptions(options: RetryOptions): Parsed<RetryPolicy> {
  const known = parsedBefore.get(options);
  if (known !== undefined) return known;
  const parsed = parse(options);
  if ("value" in parsed) parsedBefore.set(options, parsed);
  return parsed;
}

function parse(options: RetryOptions): Parsed<RetryPolicy> {
  const problem =
    nameProblem("retry", options, names) ??
    attemptsProblem("retry", options.maxAttempts) ??
    positiveProblem("retry.initialBackoffMs", options.initialBackoffMs) ??
    positiveProblem("retry.maxBackoffMs", options.maxBackoffMs) ??
    positiveProblem("retry.backoffMultiplier", options.backoffMultiplier) ??
    codesProblem("retry.retryableStatusCodes", options.retryableStatusCodes, 1);
  if (problem !== undefined) return { error: problem };
  const policy: RetryPolicy = {
    maxAttempts: Math.min(options.maxAttempts ?? defaultRetryPolicy.maxAttempts, maxAttemptsLimit),
    initialBackoffMs: options.initialBackoffMs ?? defaultRetryPolicy.initialBackoffMs,
    maxBackoffMs: options.maxBackoffMs ?? defaultRetryPolicy.maxBackoffMs,
    backoffMultiplier: options.backoffMultiplier ?? defaultRetryPolicy.backoffMultiplier,
    retryableStatusCodes: codesOf(options.retryableStatusCodes) ?? defaultRetryPolicy.retryableStatusCodes,
  };
  return { value: Object.freeze(policy) };
}

/** Undefined when nothing is wrong, as in all of these. */
export function attemptsProblem(what: string, maxAttempts: number | undefined): string | undefined {
  if (maxAttempts === undefined || (Number.isInteger(maxAttempts) && maxAttempts >= 2)) return undefined;
  return `${what}.maxAttempts is ${maxAttempts}: expected a whole number of 2 or more, the first attempt among them`;
}

function positiveProblem(what: string, value: number | undefined): string | undefined {
  if (value === undefined || (value > 0 && value < Number.POSITIVE_INFINITY)) return undefined;
  return `${what} is ${value}: expected a number above 0`;
}

/** gRFC A6: OK is no failure, so no code to list. */
export function codesProblem(
  what: string,
  codes: readonly StatusCode[] | undefined,
  least: number,
): string | undefined {
  if (codes === undefined) return undefined;
  if (!Array.isArray(codes)) return `${what} is ${String(codes)}: expected a list of status codes`;
  if (codes.length < least) return `${what} is empty: expected at least one status code`;
  const wrong = codes.find((code: StatusCode) => !isStatusCode(code) || code === StatusCode.OK);
  return wrong === undefined ? undefined : `${what} has ${wrong}: expected status codes from 1 to 16`;
}

export function codesOf(codes: readonly StatusCode[] | undefined): ReadonlySet<StatusCode> | undefined {
  return codes === undefined ? undefined : new Set(codes);
}
