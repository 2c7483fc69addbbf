/** Unsigned varints of at most 32 bits, as protobuf writes lengths and tags (protobuf encoding, "Base 128 Varints"). */

/** What the largest value takes. */
export const maxVarintBytes = 5;

/** How many bytes a value takes. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes a value at a place that has room for it; returns the place behind it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let at = position;
  let left = value;
  while (left > 0x7f) {
    bytes[at++] = (left & 0x7f) | 0x80;
    left >>>= 7;
  }
  bytes[at] = left;
  return at + 1;
}
