import { assert } from "../base/assert.js";
import { huffmanCodeBits, huffmanCodes } from "./huffman-table.js";

/** What callers see to. */
export const octetLaw = "the text of a header field is octets, one character U+0000 to U+00FF each";

/** Bits of the longest code of which two, and seven bits that wait, fit in 32 with one to spare. */
const pairedCodeBits = 12;
const lengthBits = 4;
const lengthMask = (1 << lengthBits) - 1;
/** Code and, in the low four bits, its length; 0 for the rare octets whose code is longer. */
const pairedCodes = Uint32Array.from({ length: 256 }, (_, octet) => {
  const bits = huffmanCodeBits[octet] as number;
  return bits > pairedCodeBits ? 0 : ((huffmanCodes[octet] as number) << lengthBits) | bits;
});

/**
 * Writes `text` coded, padded with ones; returns the end offset. Gives up with -1 where it would write at `limit`,
 * so that one pass both codes a text and finds out whether coding makes it shorter.
 *
 * Two characters a step, without a branch on how many octets they fill: of 32 hexadecimal digits that takes two thirds,
 * of a long token half of the time that one after the other takes.
 */
export function huffmanEncode(text: string, out: Uint8Array, offset: number, limit: number): number {
  // What a step writes beyond its last whole octet is written over by the characters that are left to encodeRest.
  const lastPair = text.length - 6;
  let at = offset;
  let pending = 0; // only the low `bits` bits count; what is above them was written
  let bits = 0;
  let i = 0;
  for (; i <= lastPair && at + 3 <= limit; i += 2) {
    const first = text.charCodeAt(i);
    const second = text.charCodeAt(i + 1);
    const firstCode = pairedCodes[first & 0xff] as number;
    const secondCode = pairedCodes[second & 0xff] as number;
    if (firstCode === 0 || secondCode === 0 || (first | second) > 0xff) break;
    const secondBits = secondCode & lengthMask;
    pending = (pending << (firstCode & lengthMask)) | (firstCode >>> lengthBits);
    pending = (pending << secondBits) | (secondCode >>> lengthBits);
    bits += (firstCode & lengthMask) + secondBits;
    const aligned = pending << (32 - bits);
    out[at] = aligned >>> 24;
    out[at + 1] = aligned >>> 16;
    out[at + 2] = aligned >>> 8;
    at += bits >>> 3;
    bits &= 7;
  }
  return encodeRest(text, i, out, at, limit, pending, bits);
}

/** Goes on one by one, from character `from`; `bits` bits of `pending` wait to be written. */
function encodeRest(
  text: string,
  from: number,
  out: Uint8Array,
  offset: number,
  limit: number,
  waiting: number,
  waitingBits: number,
): number {
  let at = offset;
  let pending = waiting;
  let bits = waitingBits;
  let seen = 0;
  for (let i = from; i < text.length; i++) {
    const octet = text.charCodeAt(i);
    seen |= octet;
    let code = huffmanCodes[octet & 0xff] as number;
    let length = huffmanCodeBits[octet & 0xff] as number;
    if (length > 24) {
      // 7 pending bits and a code of 25 to 30 do not fit in 32: the upper part of the code goes first.
      pending = (pending << (length - 16)) | (code >>> 16);
      bits += length - 16;
      while (bits >= 8) {
        if (at >= limit) return -1;
        bits -= 8;
        out[at++] = pending >> bits;
      }
      code &= 0xffff;
      length = 16;
    }
    pending = (pending << length) | code;
    bits += length;
    while (bits >= 8) {
      if (at >= limit) return -1;
      bits -= 8;
      out[at++] = pending >> bits;
    }
  }
  assert(seen <= 0xff, octetLaw);
  if (bits === 0) return at;
  if (at >= limit) return -1;
  out[at++] = (pending << (8 - bits)) | (0xff >> bits);
  return at;
}
