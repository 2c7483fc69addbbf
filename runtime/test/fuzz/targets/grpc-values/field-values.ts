import assert from "node:assert/strict";
import { contentTypeOf, parseContentType } from "../../../../src/wire/content-type.js";
import { decodeStatusMessage, encodeStatusMessage } from "../../../../src/wire/grpc-message.js";
import { maxStatusMessageBytes } from "../../../../src/wire/limits.js";
import { decodeBinary, encodeBinary } from "../../../../src/wire/metadata-codec.js";
import type { Tape } from "../../tape.js";
import { textOf } from "./texts.js";

const escapes = [
  "%",
  "%%",
  "%4",
  "%41",
  "%E2%82%AC",
  "%e2%82",
  "%C3",
  "%ff",
  "%g0",
  "%0",
  "plain text",
  "\u00c3\u00a9",
  "%00",
];

export function playDecodedMessage(tape: Tape): void {
  const value = textOf(tape, escapes, 10);
  tape.words?.push(`decodeStatusMessage ${JSON.stringify(value)}`);
  const octets: number[] = [];
  for (const [piece, digits] of value.matchAll(/%([0-9a-fA-F]{2})|./gs)) {
    octets.push(digits === undefined ? piece.charCodeAt(0) : Number.parseInt(digits, 16));
  }
  assert.equal(decodeStatusMessage(value), Buffer.from(octets).toString("utf8"));
}

const sentences = [
  "",
  " ",
  "%",
  "a",
  "not found",
  "line\nbreak",
  "\u20ac",
  "\ud83d\ude00",
  "\ud83d",
  "\ude00",
  "\u0000",
  "x".repeat(200),
];

export function playEncodedMessage(tape: Tape): void {
  let text = "";
  for (let count = tape.below(10); count > 0; count--) text += tape.pick(sentences);
  // Long enough to be cut, at any place of a character.
  if (tape.oneIn(16)) text = tape.pick(sentences).repeat(900 + tape.below(256)) + text;
  tape.feedText(text);
  tape.words?.push(`encodeStatusMessage ${JSON.stringify(text)}`);
  const value = encodeStatusMessage(text);
  assert.match(value, /^[\x20-\x7e]*$/);
  assert.ok(value.length <= maxStatusMessageBytes && !value.startsWith(" ") && !value.endsWith(" "));
  const decoded = decodeStatusMessage(value);
  const whole = Buffer.from(text).toString("utf8");
  if (decoded === whole) return;
  assert.ok(value.length > maxStatusMessageBytes - 16, "only what is too long is cut");
  assert.ok(decoded.endsWith("...") && whole.startsWith(decoded.slice(0, -3)), "it is cut between two characters");
}

const base64Parts = ["", "=", "==", "A", "QQ", "QQ==", "QUI", "QUI=", "QUJD", "++//", "-_", "A A", "\r\n"];

export function playBinary(tape: Tape): void {
  const text = textOf(tape, base64Parts, 6);
  tape.words?.push(`decodeBinary ${JSON.stringify(text)}`);
  const decoded = decodeBinary(text);
  const bare = text.replace(/={1,2}$/, "");
  const isPadded = bare !== text;
  const isGood = /^[A-Za-z0-9+/]*$/.test(bare) && (isPadded ? text.length % 4 === 0 : bare.length % 4 !== 1);
  assert.equal(decoded !== undefined, isGood, text);
  if (decoded !== undefined) {
    assert.equal(decoded.length, Math.floor((bare.length * 3) / 4));
    assert.equal(decoded.buffer.byteLength, decoded.length, "it shares no memory");
  }
  const bytes = tape.octets(tape.below(40));
  tape.feed(bytes, 0, bytes.length);
  const encoded = encodeBinary(bytes);
  assert.ok(!encoded.includes("="));
  assert.ok(Buffer.from(decodeBinary(encoded) as Uint8Array).equals(bytes));
}

const typeParts = [
  "application/grpc",
  "+proto",
  "+json",
  "+",
  ";charset=utf-8",
  "; ",
  "-web",
  "APPLICATION/",
  "text/html",
];

export function playContentType(tape: Tape): void {
  const value = textOf(tape, typeParts, 4);
  tape.words?.push(`parseContentType ${JSON.stringify(value)}`);
  const subtype = parseContentType(value);
  if (subtype === undefined) {
    assert.ok(!/^application\/grpc(\+[^;]*)?(;|$)/.test(value), value);
    return;
  }
  assert.match(value, /^application\/grpc\s*($|\+|;|\s)/i);
  assert.equal(parseContentType(contentTypeOf(subtype)), subtype);
}
