/**
 * Fields of one number or boolean: tag and value are appended. Values are held to what protobuf-es takes: a number, or a
 * string that is one, within the range of the type.
 */
import type { ByteSink } from "../../base/byte-sink.js";
import { maxVarintBytes, writeVarint } from "../../base/varint.js";
import { toFloat, toInt32, toUint32 } from "./numbers.js";

const maxVarint64Bytes = 10;

/** A tag, with room for `size` bytes behind it. Returns where those go, in what is then `w.bytes`. */
export function putTag(w: ByteSink, tag: number, size: number): number {
  w.ensure(maxVarintBytes + size);
  if (tag < 0x80) {
    w.bytes[w.position] = tag;
    return w.position + 1;
  }
  return writeVarint(w.bytes, w.position, tag);
}

export function putBool(w: ByteSink, tag: number, value: boolean): void {
  const at = putTag(w, tag, 1);
  w.bytes[at] = value ? 1 : 0;
  w.position = at + 1;
}

export function putInt32(w: ByteSink, tag: number, value: number): void {
  const v = (value | 0) === value ? value : toInt32(value);
  const at = putTag(w, tag, maxVarint64Bytes);
  w.position = v >= 0 ? writeVarint(w.bytes, at, v) : writeNegative(w.bytes, at, v);
}

export function putUint32(w: ByteSink, tag: number, value: number): void {
  const v = value >>> 0 === value ? value : toUint32(value);
  const at = putTag(w, tag, maxVarintBytes);
  w.position = writeVarint(w.bytes, at, v);
}

export function putSint32(w: ByteSink, tag: number, value: number): void {
  const v = (value | 0) === value ? value : toInt32(value);
  const at = putTag(w, tag, maxVarintBytes);
  w.position = writeVarint(w.bytes, at, ((v << 1) ^ (v >> 31)) >>> 0);
}

export function putFixed32(w: ByteSink, tag: number, value: number): void {
  const v = value >>> 0 === value ? value : toUint32(value);
  const at = putTag(w, tag, 4);
  w.view.setUint32(at, v, true);
  w.position = at + 4;
}

export function putSfixed32(w: ByteSink, tag: number, value: number): void {
  const v = (value | 0) === value ? value : toInt32(value);
  const at = putTag(w, tag, 4);
  w.view.setInt32(at, v, true);
  w.position = at + 4;
}

export function putFloat(w: ByteSink, tag: number, value: number): void {
  const v = toFloat(value);
  const at = putTag(w, tag, 4);
  w.view.setFloat32(at, v, true);
  w.position = at + 4;
}

export function putDouble(w: ByteSink, tag: number, value: number): void {
  const at = putTag(w, tag, 8);
  w.view.setFloat64(at, value, true);
  w.position = at + 8;
}

/** A negative number has the ten bytes of its 64 bits. */
export function writeNegative(bytes: Uint8Array, position: number, value: number): number {
  let left = value;
  for (let i = 0; i < 9; i++) {
    bytes[position + i] = (left & 0x7f) | 0x80;
    left >>= 7;
  }
  bytes[position + 9] = 1;
  return position + 10;
}
