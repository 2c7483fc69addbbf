/** Packed lists: one field with all numbers behind each other. An empty list is no field. */
import type { ByteSink } from "../../base/byte-sink.js";
import { maxVarintBytes, writeVarint } from "../../base/varint.js";
import { toFloat, toInt32, toUint32 } from "./numbers.js";
import { load, loadUnsigned, writeWords, zigzag } from "./put-int64.js";
import { putTag, writeNegative } from "./put-scalar.js";
import { high, low, words } from "./words.js";

/** Numbers for which room is made at once. */
const blockLength = 64;
/** What the longest varint takes. */
const maxBytes = 10;

/** Writes one number of a list at a place that has room for it; returns the place behind it. */
type Write<T> = (bytes: Uint8Array, position: number, value: T) => number;

function writeInt32(bytes: Uint8Array, position: number, value: number): number {
  const v = (value | 0) === value ? value : toInt32(value);
  return v >= 0 ? writeVarint(bytes, position, v) : writeNegative(bytes, position, v);
}

function writeUint32(bytes: Uint8Array, position: number, value: number): number {
  return writeVarint(bytes, position, value >>> 0 === value ? value : toUint32(value));
}

function writeSint32(bytes: Uint8Array, position: number, value: number): number {
  const v = (value | 0) === value ? value : toInt32(value);
  return writeVarint(bytes, position, ((v << 1) ^ (v >> 31)) >>> 0);
}

function writeInt64(bytes: Uint8Array, position: number, value: bigint | string): number {
  load(value);
  return writeWords(bytes, position);
}

function writeUint64(bytes: Uint8Array, position: number, value: bigint | string): number {
  loadUnsigned(value);
  return writeWords(bytes, position);
}

function writeSint64(bytes: Uint8Array, position: number, value: bigint | string): number {
  load(value);
  zigzag();
  return writeWords(bytes, position);
}

export function packInt32(w: ByteSink, tag: number, list: readonly number[]): void {
  packVarints(w, tag, list, writeInt32);
}

export function packUint32(w: ByteSink, tag: number, list: readonly number[]): void {
  packVarints(w, tag, list, writeUint32);
}

export function packSint32(w: ByteSink, tag: number, list: readonly number[]): void {
  packVarints(w, tag, list, writeSint32);
}

export function packInt64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  packVarints(w, tag, list, writeInt64);
}

export function packUint64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  packVarints(w, tag, list, writeUint64);
}

export function packSint64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  packVarints(w, tag, list, writeSint64);
}

export function packBool(w: ByteSink, tag: number, list: readonly boolean[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length);
  for (let i = 0; i < length; i++) w.bytes[at + i] = list[i] ? 1 : 0;
}

export function packFixed32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 4);
  for (let i = 0; i < length; i++) {
    const value = list[i] as number;
    w.view.setUint32(at + i * 4, value >>> 0 === value ? value : toUint32(value), true);
  }
}

export function packSfixed32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 4);
  for (let i = 0; i < length; i++) {
    const value = list[i] as number;
    w.view.setInt32(at + i * 4, (value | 0) === value ? value : toInt32(value), true);
  }
}

export function packFloat(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 4);
  for (let i = 0; i < length; i++) w.view.setFloat32(at + i * 4, toFloat(list[i]), true);
}

export function packDouble(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 8);
  for (let i = 0; i < length; i++) w.view.setFloat64(at + i * 8, list[i] as number, true);
}

export function packFixed64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 8);
  for (let i = 0; i < length; i++) {
    loadUnsigned(list[i] as bigint | string);
    writeFixedWords(w, at + i * 8);
  }
}

export function packSfixed64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 8);
  for (let i = 0; i < length; i++) {
    load(list[i] as bigint | string);
    writeFixedWords(w, at + i * 8);
  }
}

function writeFixedWords(w: ByteSink, position: number): void {
  w.view.setInt32(position, words[low] as number, true);
  w.view.setInt32(position + 4, words[high] as number, true);
}

/** Tag and length of a list that takes `size` bytes, and room for those; returns where they go, with the cursor behind them. */
function openPacked(w: ByteSink, tag: number, size: number): number {
  let at = putTag(w, tag, maxVarintBytes + size);
  at = writeVarint(w.bytes, at, size);
  w.position = at + size;
  return at;
}

function packVarints<T>(w: ByteSink, tag: number, list: readonly T[], write: Write<T>): void {
  const { length } = list;
  if (length === 0) return;
  w.position = putTag(w, tag, 1);
  const start = w.openLength();
  for (let from = 0; from < length; from += blockLength) {
    const to = Math.min(from + blockLength, length);
    w.ensure((to - from) * maxBytes);
    const { bytes } = w;
    let at = w.position;
    for (let i = from; i < to; i++) at = write(bytes, at, list[i] as T);
    w.position = at;
  }
  w.closeLength(start);
}
