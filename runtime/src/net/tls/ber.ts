import { Buffer } from "node:buffer";

const constructed = 0x20;
const octetString = 0x04;
/** Deeper than any file is that somebody has made to be read. */
const maxDepth = 32;

interface Read {
  readonly der: Uint8Array;
  /** Where the next element begins. */
  readonly end: number;
}

/**
 * The one element that `bytes` are, with definite lengths and whole octet strings, as DER has them (X.690 §10). Writers of
 * PKCS#12 that do not know in advance how long something will be use BER. Undefined when it is not even that.
 */
export function derOfBer(bytes: Uint8Array): Uint8Array | undefined {
  const read = readElement(bytes, 0, 0);
  return read?.end === bytes.length ? read.der : undefined;
}

function readElement(bytes: Uint8Array, at: number, depth: number): Read | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > maxDepth) return undefined;
  if (first === 0x80) return (tag & constructed) === 0 ? undefined : readParts(bytes, at + 2, undefined, tag, depth);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) return undefined;
  const from = at + 2 + lengthBytes;
  const length = first < 0x80 ? first : bytes.subarray(at + 2, from).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = from + length;
  if (end > bytes.length) return undefined;
  if ((tag & constructed) !== 0) return readParts(bytes, from, end, tag, depth);
  return { der: encode(tag, [bytes.subarray(from, end)]), end };
}

/** @param end Undefined: two zeros say where it is. */
function readParts(
  bytes: Uint8Array,
  from: number,
  end: number | undefined,
  tag: number,
  depth: number,
): Read | undefined {
  const parts: Uint8Array[] = [];
  let at = from;
  while (end === undefined ? bytes[at] !== 0 || bytes[at + 1] !== 0 : at < end) {
    const read = readElement(bytes, at, depth + 1);
    if (read === undefined || read.end > (end ?? bytes.length)) return undefined;
    parts.push(read.der);
    at = read.end;
  }
  const next = end ?? at + 2;
  if (tag !== (octetString | constructed)) return { der: encode(tag, parts), end: next };
  if (parts.some((part) => part[0] !== octetString)) return undefined;
  return { der: encode(octetString, parts.map(contentsOf)), end: next };
}

/** Of an element that `encode` has made. */
function contentsOf(der: Uint8Array): Uint8Array {
  const first = der[1] ?? 0;
  return der.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
}

function encode(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 | bytes.length, ...bytes];
  return new Uint8Array(Buffer.concat([Uint8Array.from(head), ...parts]));
}
