/** Fields of one 64-bit integer. Values are bigints; text and safe numbers are taken too, as protobuf-es does. */
import type { ByteSink } from "../../base/byte-sink.js";
import { writeVarint } from "../../base/varint.js";
import { putTag } from "./put-scalar.js";
import { high, low, signed, unsigned, words } from "./words.js";

/** The default of a 64-bit field: generated code spells no bigint, for compilers that target less than ES2020. */
export const zero64 = 0n;

/** Whether a field without presence is set. */
export function isSet64(value: bigint | string): boolean {
  return typeof value === "bigint" ? value !== 0n : Number(value) !== 0;
}

export function putInt64(w: ByteSink, tag: number, value: bigint | string): void {
  load(value);
  putVarint(w, tag);
}

export function putUint64(w: ByteSink, tag: number, value: bigint | string): void {
  loadUnsigned(value);
  putVarint(w, tag);
}

export function putSint64(w: ByteSink, tag: number, value: bigint | string): void {
  load(value);
  zigzag();
  putVarint(w, tag);
}

export function putFixed64(w: ByteSink, tag: number, value: bigint | string): void {
  loadUnsigned(value);
  putWords(w, tag);
}

export function putSfixed64(w: ByteSink, tag: number, value: bigint | string): void {
  load(value);
  putWords(w, tag);
}

/** Puts an int64 into `words`. */
export function load(value: bigint | string): void {
  const v = typeof value === "bigint" ? value : BigInt(value);
  if (BigInt.asIntN(64, v) !== v) throw new RangeError(`invalid int64: ${value}`);
  signed[0] = v;
}

/** Puts a uint64 into `words`. */
export function loadUnsigned(value: bigint | string): void {
  const v = typeof value === "bigint" ? value : BigInt(value);
  if (BigInt.asUintN(64, v) !== v) throw new RangeError(`invalid uint64: ${value}`);
  unsigned[0] = v;
}

export function zigzag(): void {
  const lo = words[low] as number;
  const hi = words[high] as number;
  const sign = hi >> 31;
  words[low] = (lo << 1) ^ sign;
  words[high] = ((hi << 1) | (lo >>> 31)) ^ sign;
}

/** Writes `words` as a varint; returns the place behind it. */
export function writeWords(bytes: Uint8Array, position: number): number {
  let lo = words[low] as number;
  let hi = words[high] as number;
  if (hi === 0) return writeVarint(bytes, position, lo >>> 0);
  let at = position;
  while (hi !== 0 || lo >>> 0 > 0x7f) {
    bytes[at++] = (lo & 0x7f) | 0x80;
    lo = (lo >>> 7) | (hi << 25);
    hi >>>= 7;
  }
  bytes[at] = lo;
  return at + 1;
}

function putVarint(w: ByteSink, tag: number): void {
  const at = putTag(w, tag, 10);
  w.position = writeWords(w.bytes, at);
}

function putWords(w: ByteSink, tag: number): void {
  const at = putTag(w, tag, 8);
  w.view.setInt32(at, words[low] as number, true);
  w.view.setInt32(at + 4, words[high] as number, true);
  w.position = at + 8;
}
