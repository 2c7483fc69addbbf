/** Packed lists: one field with all numbers behind each other. An empty list is no field. */
import type { ByteSink } from "../../base/byte-sink.js";
import { maxVarintBytes, writeVarint } from "../../base/varint.js";
import { toFloat, toInt32, toUint32 } from "./numbers.js";
import { load, loadUnsigned, writeWords, zigzag } from "./put-int64.js";
import { beginNested, endNested } from "./put-nested.js";
import { putTag, writeNegative } from "./put-scalar.js";
import { high, low, words } from "./words.js";

/** Numbers for which room is made at once, not that of the longest for a whole list. */
const blockLength = 64;
/** What the longest varint takes. */
const maxBytes = 10;

/** Makes room for numbers of a list from `from` on; returns where the block of them ends. */
function nextBlock(w: ByteSink, from: number, length: number): number {
  const to = Math.min(from + blockLength, length);
  w.ensure((to - from) * maxBytes);
  return to;
}

export function packInt32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const start = beginNested(w, tag);
  for (let i = 0; i < length; ) {
    const to = nextBlock(w, i, length);
    const { bytes } = w;
    let at = w.position;
    for (; i < to; i++) {
      const value = list[i] as number;
      const v = (value | 0) === value ? value : toInt32(value);
      at = v >= 0 ? writeVarint(bytes, at, v) : writeNegative(bytes, at, v);
    }
    w.position = at;
  }
  endNested(w, start);
}

export function packUint32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const start = beginNested(w, tag);
  for (let i = 0; i < length; ) {
    const to = nextBlock(w, i, length);
    const { bytes } = w;
    let at = w.position;
    for (; i < to; i++) {
      const value = list[i] as number;
      const v = value >>> 0 === value ? value : toUint32(value);
      at = writeVarint(bytes, at, v);
    }
    w.position = at;
  }
  endNested(w, start);
}

export function packSint32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const start = beginNested(w, tag);
  for (let i = 0; i < length; ) {
    const to = nextBlock(w, i, length);
    const { bytes } = w;
    let at = w.position;
    for (; i < to; i++) {
      const value = list[i] as number;
      const v = (value | 0) === value ? value : toInt32(value);
      at = writeVarint(bytes, at, ((v << 1) ^ (v >> 31)) >>> 0);
    }
    w.position = at;
  }
  endNested(w, start);
}

export function packInt64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const start = beginNested(w, tag);
  for (let i = 0; i < length; ) {
    const to = nextBlock(w, i, length);
    const { bytes } = w;
    let at = w.position;
    for (; i < to; i++) {
      load(list[i] as bigint | string);
      at = writeWords(bytes, at);
    }
    w.position = at;
  }
  endNested(w, start);
}

export function packUint64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const start = beginNested(w, tag);
  for (let i = 0; i < length; ) {
    const to = nextBlock(w, i, length);
    const { bytes } = w;
    let at = w.position;
    for (; i < to; i++) {
      loadUnsigned(list[i] as bigint | string);
      at = writeWords(bytes, at);
    }
    w.position = at;
  }
  endNested(w, start);
}

export function packSint64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const start = beginNested(w, tag);
  for (let i = 0; i < length; ) {
    const to = nextBlock(w, i, length);
    const { bytes } = w;
    let at = w.position;
    for (; i < to; i++) {
      load(list[i] as bigint | string);
      zigzag();
      at = writeWords(bytes, at);
    }
    w.position = at;
  }
  endNested(w, start);
}

export function packBool(w: ByteSink, tag: number, list: readonly boolean[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length);
  const { bytes } = w;
  for (let i = 0; i < length; i++) bytes[at + i] = list[i] ? 1 : 0;
}

export function packFixed32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 4);
  const { view } = w;
  for (let i = 0; i < length; i++) {
    const value = list[i] as number;
    view.setUint32(at + i * 4, value >>> 0 === value ? value : toUint32(value), true);
  }
}

export function packSfixed32(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 4);
  const { view } = w;
  for (let i = 0; i < length; i++) {
    const value = list[i] as number;
    view.setInt32(at + i * 4, (value | 0) === value ? value : toInt32(value), true);
  }
}

export function packFloat(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 4);
  const { view } = w;
  for (let i = 0; i < length; i++) {
    const value = list[i] as number;
    const rounded = Math.fround(value);
    // What is not finite when it is subtracted from itself gives NaN: infinities and NaN, and text.
    view.setFloat32(at + i * 4, rounded - rounded === 0 && typeof value === "number" ? rounded : toFloat(value), true);
  }
}

export function packDouble(w: ByteSink, tag: number, list: readonly number[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 8);
  const { view } = w;
  for (let i = 0; i < length; i++) view.setFloat64(at + i * 8, list[i] as number, true);
}

export function packFixed64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 8);
  const { view } = w;
  for (let i = 0; i < length; i++) {
    loadUnsigned(list[i] as bigint | string);
    writeFixedWords(view, at + i * 8);
  }
}

export function packSfixed64(w: ByteSink, tag: number, list: readonly (bigint | string)[]): void {
  const { length } = list;
  if (length === 0) return;
  const at = openPacked(w, tag, length * 8);
  const { view } = w;
  for (let i = 0; i < length; i++) {
    load(list[i] as bigint | string);
    writeFixedWords(view, at + i * 8);
  }
}

function writeFixedWords(view: DataView, position: number): void {
  view.setInt32(position, words[low] as number, true);
  view.setInt32(position + 4, words[high] as number, true);
}

/** Tag and length of a list that takes `size` bytes, and room for those; returns where they go, with the cursor behind them. */
function openPacked(w: ByteSink, tag: number, size: number): number {
  let at = putTag(w, tag, maxVarintBytes + size);
  at = writeVarint(w.bytes, at, size);
  w.position = at + size;
  return at;
}
