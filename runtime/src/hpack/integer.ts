import type { OctetReader } from "./octet-reader.js";

/**
 * Largest integer that is accepted. RFC 7541 §5.1 asks for a limit on value and length; nothing that this decoder
 * takes (a table index, a string length, a table size) comes near it.
 */
export const maxInteger = 2 ** 28;

/** Longest encoding that is accepted, the octet with the prefix included: leading zeros are no way to burn CPU. */
export const maxIntegerOctets = 5;

/**
 * Writes an integer whose first octet has `flags` above the prefix (RFC 7541 §5.1); returns the end offset.
 * @param mask All ones in the bits of the prefix: 0x7f for a 7-bit prefix.
 */
export function writeInteger(out: Uint8Array, offset: number, flags: number, mask: number, value: number): number {
  let at = offset;
  if (value < mask) {
    out[at++] = flags | value;
    return at;
  }
  out[at++] = flags | mask;
  let rest = value - mask;
  while (rest >= 0x80) {
    out[at++] = 0x80 | (rest & 0x7f);
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}

/** Octets that writeInteger writes. */
export function integerOctets(mask: number, value: number): number {
  let octets = 1;
  if (value < mask) return octets;
  for (let rest = value - mask; rest >= 0x80; rest >>>= 7) octets++;
  return octets + 1;
}

/** Reads an integer with a prefix of the bits in `mask`; -1 with the reader's fault set when there is none. */
export function readInteger(reader: OctetReader, mask: number): number {
  const bytes = reader.bytes;
  const first = reader.position;
  if (first >= reader.end) return cutOff(reader, first);
  let value = (bytes[first] as number) & mask;
  reader.position = first + 1;
  if (value < mask) return value;
  for (let octets = 1; octets < maxIntegerOctets; octets++) {
    if (reader.position >= reader.end) return cutOff(reader, first);
    const octet = bytes[reader.position++] as number;
    value += (octet & 0x7f) << (7 * (octets - 1));
    if (octet >= 0x80) continue;
    if (value <= maxInteger) return value;
    reader.fail(`HPACK integer at octet ${first - reader.start} is ${value}, limit ${maxInteger}`);
    return -1;
  }
  reader.fail(`HPACK integer at octet ${first - reader.start} is longer than ${maxIntegerOctets} octets`);
  return -1;
}

function cutOff(reader: OctetReader, first: number): number {
  reader.fail(`HPACK integer at octet ${first - reader.start} is cut off by the end of the header block`);
  return -1;
}
