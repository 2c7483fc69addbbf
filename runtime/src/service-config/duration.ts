import type { Parsed } from "../base/parsed.js";
import { show } from "./json.js";

/** 315,576,000,000 s: google/protobuf/duration.proto. */
const maxSeconds = 315_576_000_000;
/** Digits in front of the point may be missing: gRFC A6 itself writes ".1s". */
const pattern = /^(?=\.?\d)(\d{0,12})(?:\.(\d{1,9}))?s$/;

/**
 * Milliseconds of a google.protobuf.Duration in its JSON form: "1.5s", at most nine digits behind the point. A service
 * config has no use for a negative one.
 */
export function parseDuration(json: unknown): Parsed<number> {
  const match = typeof json === "string" ? pattern.exec(json) : null;
  if (match === null) return { error: `is ${show(json)}: expected a duration such as "1.5s"` };
  const seconds = Number(match[1]);
  const nanos = Number((match[2] ?? "").padEnd(9, "0"));
  if (seconds > maxSeconds || (seconds === maxSeconds && nanos > 0)) {
    return { error: `is ${show(json)}: the longest duration is "${maxSeconds}s"` };
  }
  return { value: seconds * 1000 + nanos / 1e6 };
}

/** The same for fields that have no meaning for a duration of nothing. */
export function parsePositiveDuration(json: unknown): Parsed<number> {
  const parsed = parseDuration(json);
  if ("error" in parsed || parsed.value > 0) return parsed;
  return { error: `is ${show(json)}: expected a duration of more than nothing` };
}
