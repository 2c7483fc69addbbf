import assert from "node:assert/strict";
import { encodeTimeout, parseTimeout } from "../../../../src/wire/grpc-timeout.js";
import type { Tape } from "../../tape.js";
import { textOf } from "./texts.js";

/** PROTOCOL-HTTP2, Timeout, as its grammar has it. */
const pattern = /^([0-9]{1,8})([HMSmun])$/;
const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

const parts = [
  "0",
  "1",
  "9",
  "00",
  "99999999",
  "12345678",
  "123456789",
  "H",
  "M",
  "S",
  "m",
  "u",
  "n",
  "-",
  "+",
  " ",
  ".",
];

export function playTimeout(tape: Tape): void {
  const text = textOf(tape, parts, 4);
  tape.words?.push(`parseTimeout ${JSON.stringify(text)}`);
  const parsed = parseTimeout(text);
  const match = pattern.exec(text);
  if (match === null) {
    assert.equal(parsed, undefined);
    return;
  }
  const expected = Number(match[1]) * (unitMs[match[2] as string] as number);
  assert.ok(parsed !== undefined && Math.abs(parsed - expected) <= expected * 1e-12, `${text} is ${parsed} ms`);
}

/** From here on a timeout is told in whole milliseconds, in milliseconds. */
const wholeFromMs = 1000;

/** Whatever time is left comes back as no less, and as hardly more. */
export function playEncodedTimeout(tape: Tape): void {
  const remainingMs = (tape.uint32() / 2 ** tape.below(64)) * 10 ** (tape.below(24) - 8);
  tape.feedText(String(remainingMs));
  tape.words?.push(`encodeTimeout ${remainingMs}`);
  const text = encodeTimeout(remainingMs);
  assert.match(text, pattern);
  const parsed = parseTimeout(text) as number;
  const most = 99_999_999 * (unitMs["H"] as number);
  // One part in a hundred million is what eight digits leave; below that, hours and minutes are rounded up to a whole one.
  assert.ok(parsed >= Math.min(remainingMs, most) * (1 - 1e-12), `${remainingMs} ms became ${text}`);
  const rounding = remainingMs < wholeFromMs ? 1e-6 : 1;
  assert.ok(parsed <= Math.max(1e-6, remainingMs) * (1 + 1e-5) + rounding, `${remainingMs} ms became ${text}`);
}
