import type { Status } from "./status.js";
import { StatusCode } from "./status-code.js";

/**
 * How a call ends that cannot be made of what its caller gave, before anything is sent: one kind of error for all that ends
 * a call. Its cause is the TypeError that it is in truth. Another attempt would end the same way.
 */
export function misuse(path: string, sentence: string): Status {
  const cause = new TypeError(sentence);
  return {
    code: StatusCode.INTERNAL,
    message: `cannot call ${path}: ${sentence}`,
    delivery: "not-sent",
    isFinal: true,
    cause,
  };
}

/** `a string`, `an object`, `null`, `NaN`: what somebody gave, without its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return String(value);
  if (value instanceof Date && Number.isNaN(value.getTime())) return "an invalid Date";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
