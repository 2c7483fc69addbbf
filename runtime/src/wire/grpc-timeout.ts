/** The value of `grpc-timeout`: 1 to 8 digits and a unit (PROTOCOL-HTTP2, Timeout). */

const maxValue = 99_999_999;

const nanosPerMs = 1_000_000;
const microsPerMs = 1_000;
const msPerSecond = 1_000;
const msPerMinute = 60_000;
const msPerHour = 3_600_000;

/**
 * Rounded up, so that the server never gives up before the client. From `1n` to `99999999H`, which is 11,400 years.
 *
 * Below a second it is in the smallest unit that fits eight digits, from a second on in the smallest from milliseconds up: calls
 * that have the same timeout, and a few microseconds less each when they are sent, then say the same, which is one octet of
 * HPACK. Of what a request's header block takes that saves a quarter, on both sides.
 */
export function encodeTimeout(remainingMs: number): string {
  if (!(remainingMs >= msPerSecond)) return encodeShortTimeout(remainingMs);
  let value = Math.ceil(remainingMs);
  if (value <= maxValue) return `${value}m`;
  value = Math.ceil(remainingMs / msPerSecond);
  if (value <= maxValue) return `${value}S`;
  value = Math.ceil(remainingMs / msPerMinute);
  if (value <= maxValue) return `${value}M`;
  return `${Math.min(Math.ceil(remainingMs / msPerHour), maxValue)}H`;
}

function encodeShortTimeout(remainingMs: number): string {
  const nanos = Math.ceil(remainingMs * nanosPerMs);
  if (!(nanos >= 1)) return "1n";
  return nanos <= maxValue ? `${nanos}n` : `${Math.ceil(remainingMs * microsPerMs)}u`;
}

/** In milliseconds, with fractions; undefined when malformed. 0 is taken as a deadline that has passed. */
export function parseTimeout(value: string): number | undefined {
  const digits = value.length - 1;
  if (digits < 1 || digits > 8) return undefined;
  let count = 0;
  for (let i = 0; i < digits; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    count = count * 10 + digit;
  }
  switch (value[digits]) {
    case "n":
      return count / nanosPerMs;
    case "u":
      return count / microsPerMs;
    case "m":
      return count;
    case "S":
      return count * msPerSecond;
    case "M":
      return count * msPerMinute;
    case "H":
      return count * msPerHour;
    default:
      return undefined;
  }
}
