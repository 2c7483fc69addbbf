import { assert } from "../base/assert.js";
import { huffmanEncode, octetLaw } from "./huffman.js";
import { huffmanBadPadding, huffmanTooLong } from "./huffman-automaton.js";
import { huffmanDecode } from "./huffman-decoder.js";
import { longestCodeBits, shortestCodeBits } from "./huffman-table.js";
import { integerOctets, readInteger, writeInteger } from "./integer.js";
import type { OctetReader } from "./octet-reader.js";

const huffmanFlag = 0x80;
const lengthMask = 0x7f;

/**
 * Writes a string literal (RFC 7541 §5.2), coded when that is shorter; returns the end offset. Never takes more than
 * the text itself and five octets for its length.
 */
export function writeString(out: Buffer, offset: number, text: string): number {
  const size = text.length;
  if (size < lengthMask) {
    // Either length fits in one octet, so the text can be coded right behind it before the length is known.
    const end = huffmanEncode(text, out, offset + 1, offset + size);
    if (end < 0) return writeShortText(out, offset, text);
    out[offset] = (size === 0 ? 0 : huffmanFlag) | (end - offset - 1);
    return end;
  }
  return writeLongString(out, offset, text);
}

/** Coded behind as many octets as the least length takes that it may come to, and moved on where it is longer. */
function writeLongString(out: Buffer, offset: number, text: string): number {
  const size = text.length;
  const least = Math.ceil((size * shortestCodeBits) / 8);
  const start = writeInteger(out, offset, huffmanFlag, lengthMask, least);
  const end = huffmanEncode(text, out, start, start + size - 1);
  if (end < 0) {
    assert(!beyondOctets.test(text), octetLaw);
    const at = writeInteger(out, offset, 0, lengthMask, size);
    return at + out.write(text, at, "latin1");
  }
  const coded = end - start;
  const shift = integerOctets(lengthMask, coded) - (start - offset);
  if (shift > 0) out.copyWithin(start + shift, start, end);
  writeInteger(out, offset, huffmanFlag, lengthMask, coded);
  return end + shift;
}

function writeShortText(out: Buffer, offset: number, text: string): number {
  let at = offset;
  let seen = 0;
  out[at++] = text.length;
  for (let i = 0; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    seen |= octet;
    out[at++] = octet;
  }
  assert(seen <= 0xff, octetLaw);
  return at;
}

/** Of a text that the engine keeps as octets it looks at none of them. */
const beyondOctets = /[^\0-\xff]/;

/**
 * Reads a string literal of at most `room` octets; undefined with the reader's fault set when there is none. The length
 * is held against the octets that remain and against `room` before any octet is decoded (CVE-2016-1544 and its like).
 */
export function readString(reader: OctetReader, room: number): string | undefined {
  const first = reader.position;
  const coded = first < reader.end && (reader.bytes[first] as number) >= huffmanFlag;
  const length = readInteger(reader, lengthMask);
  if (length < 0) return undefined;
  const start = reader.position;
  const end = start + length;
  if (end > reader.end) {
    const remain = reader.end - start;
    return fail(reader, `HPACK string at octet ${first - reader.start} has ${length} octets, the block ${remain} more`);
  }
  const least = coded ? Math.ceil((length * 8 - 7) / longestCodeBits) : length;
  if (least > room) return failTooLong(reader, first, room);
  reader.position = end;
  if (!coded) return latin1String(reader.bytes, start, end);
  const most = Math.min(Math.floor((length * 8) / shortestCodeBits), room);
  const scratch = scratchOf(most);
  const count = huffmanDecode(reader.bytes, start, end, scratch, most);
  if (count >= 0) return latin1String(scratch, 0, count);
  if (count === huffmanTooLong) return failTooLong(reader, first, room);
  const what =
    count === huffmanBadPadding ? "padding that is not up to 7 ones" : "the end-of-string symbol in its text";
  return fail(reader, `HPACK string at octet ${first - reader.start} has ${what}`);
}

function failTooLong(reader: OctetReader, first: number, room: number): undefined {
  return fail(
    reader,
    `HPACK string at octet ${first - reader.start} is over the ${room} bytes left for the header list`,
  );
}

function fail(reader: OctetReader, fault: string): undefined {
  reader.fail(fault);
  return undefined;
}

/**
 * Where Huffman text is decoded before it becomes a string; one for all decoders, since nothing is kept in it. It grows
 * to the largest header list that a decoder takes and no further.
 */
let scratch: Buffer = Buffer.allocUnsafeSlow(1024);

function scratchOf(size: number): Buffer {
  if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(Math.max(size, scratch.length * 2));
  return scratch;
}

/** Below this many octets a loop in JavaScript is faster than a call into the runtime. */
const shortText = 12;

const latin1Slice = (Buffer.prototype as unknown as { latin1Slice(this: Uint8Array, s: number, e: number): string })
  .latin1Slice;

/** The octets bytes[start, end) as text, one character each. */
export function latin1String(bytes: Uint8Array, start: number, end: number): string {
  if (end - start >= shortText) return latin1Slice.call(bytes, start, end);
  let text = "";
  let at = start;
  for (; at + 4 <= end; at += 4) {
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
    );
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}
