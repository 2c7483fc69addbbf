import type { Parsed } from "../base/parsed.js";

/** 315,576,000,000 s: google/protobuf/duration.proto. */
const maxSeconds = 315_576_000_000;
const pattern = /^(\d{1,12})(?:\.(\d{1,9}))?s$/;

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

/** A JSON value as it stands in a sentence, cut where it is long. */
export function show(json: unknown): string {
  const text = JSON.stringify(json) ?? String(json);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
