import { decodeByAutomaton, huffmanTooLong } from "./huffman-automaton.js";
import { huffmanCodeBits, huffmanCodes } from "./huffman-table.js";

/**
 * Bits that a look-up reads. Longer codes are those of octets that no key, token or path has; a text with one of them is
 * decoded by the automaton.
 */
const windowBits = 12;
const windowMask = (1 << windowBits) - 1;
const octetBits = 4;
const bitsMask = (1 << octetBits) - 1;
/** By the next `windowBits` bits: the octet that they begin with and, in the low four bits, the length of its code; else 0. */
const firstOctets = new Uint16Array(1 << windowBits);
/** The same of one or two octets: the first, the second << 8, the length of their codes << 16, how many they are << 24. */
const octetPairs = new Uint32Array(1 << windowBits);
/** What two more octets of code stand for: they and the bits that wait are at most 27, and no code is shorter than five. */
const mostAtOnce = 5;
buildTables();

/**
 * Decodes bytes[start, end) into out[0...]. Returns the number of octets written, at most `limit` (out has that much
 * room), or a negative value of the automaton. Strict: the end-of-string symbol in the text, padding of 8 bits or more
 * and padding that is not all ones are errors.
 *
 * Two octets a look-up: of 32 hexadecimal digits that takes four fifths, of a long token two thirds of the automaton's time.
 */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number, out: Uint8Array, limit: number): number {
  let pending = 0; // only the low `bits` bits count
  let bits = 0;
  let count = 0;
  let at = start;
  while (at + 2 <= end && count + mostAtOnce <= limit) {
    pending = (pending << 16) | ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    at += 2;
    bits += 16;
    do {
      const found = octetPairs[(pending >>> (bits - windowBits)) & windowMask] as number;
      if (found === 0) return decodeByAutomaton(bytes, start, end, out, limit);
      out[count] = found;
      out[count + 1] = found >>> 8;
      count += found >>> 24;
      bits -= (found >>> 16) & 0xff;
    } while (bits >= windowBits);
  }
  for (;;) {
    while (bits < windowBits && at < end) {
      pending = (pending << 8) | (bytes[at++] as number);
      bits += 8;
    }
    // What is missing of the last window is as if it were padding.
    const missing = Math.max(0, windowBits - bits);
    const window = missing > 0 ? (pending << missing) | ((1 << missing) - 1) : pending >>> (bits - windowBits);
    const found = firstOctets[window & windowMask] as number;
    const codeBits = found & bitsMask;
    if (found === 0 || codeBits > bits) break;
    if (count >= limit) return huffmanTooLong;
    out[count++] = found >>> octetBits;
    bits -= codeBits;
  }
  const padding = (1 << bits) - 1;
  if (at === end && bits < 8 && (pending & padding) === padding) return count;
  // Something is rare or wrong about it.
  return decodeByAutomaton(bytes, start, end, out, limit);
}

function buildTables(): void {
  for (let octet = 0; octet < 256; octet++) {
    const bits = huffmanCodeBits[octet] as number;
    if (bits > windowBits) continue;
    const from = (huffmanCodes[octet] as number) << (windowBits - bits);
    firstOctets.fill((octet << octetBits) | bits, from, from + (1 << (windowBits - bits)));
  }
  for (let window = 0; window <= windowMask; window++) {
    const first = firstOctets[window] as number;
    if (first === 0) continue;
    const firstBits = first & bitsMask;
    const second = firstOctets[(window << firstBits) & windowMask] as number;
    const bits = firstBits + (second & bitsMask);
    const one = (1 << 24) | (firstBits << 16) | (first >>> octetBits);
    const two = (2 << 24) | (bits << 16) | ((second >>> octetBits) << 8) | (first >>> octetBits);
    octetPairs[window] = second === 0 || bits > windowBits ? one : two;
  }
}
