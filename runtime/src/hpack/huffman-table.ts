/**
 * The Huffman code of RFC 7541 Appendix B. The code is canonical: among codes of one length, the values rise by one in
 * the order of the symbols, and the first code of a length continues from the last shorter one. The lengths therefore
 * say everything, and the 257 codes are computed from them.
 */

/** An octet of coded text stands for at most 8/5 and at least 8/30 octets of text. */
export const shortestCodeBits = 5;
export const longestCodeBits = 30;

/** The end-of-string symbol, never part of a text (RFC 7541 §5.2). */
export const endOfString = 256;

/** Bits in the code of each octet and, last, of the end-of-string symbol. Sixteen symbols a line. */
// biome-ignore format: a table
export const huffmanCodeBits = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
);

/** The code of each symbol, in the low `huffmanCodeBits[symbol]` bits. */
export const huffmanCodes = canonicalCodes(huffmanCodeBits);

function canonicalCodes(bits: Uint8Array): Uint32Array {
  // At first the number of codes that are one bit shorter, then the next code of a length.
  const next = new Uint32Array(longestCodeBits + 2);
  for (const length of bits) next[length + 1] = (next[length + 1] as number) + 1;
  for (let length = 1; length < next.length; length++) {
    next[length] = 2 * ((next[length - 1] as number) + (next[length] as number));
  }
  const codes = new Uint32Array(bits.length);
  for (let symbol = 0; symbol < bits.length; symbol++) {
    const length = bits[symbol] as number;
    const code = next[length] as number;
    codes[symbol] = code;
    next[length] = code + 1;
  }
  return codes;
}
