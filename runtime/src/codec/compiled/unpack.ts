/** Packed lists, read behind their tag and appended to what a list has. None can make more memory than its bytes allow. */
import { readLongVarint, readVarint64 } from "./read-varint.js";
import type { WireReader } from "./wire-reader.js";
import { high, low, signed, unsigned, words } from "./words.js";

/** From this many numbers on it pays to say beforehand how many come; arrays above the other limit become hash tables. */
const minReserved = 64;
const maxReserved = 1 << 20;

/** Makes room for up to `count` more numbers, the most that the bytes can hold; returns where the first one goes. */
function reserve(list: unknown[], count: number): number {
  const { length } = list;
  if (count >= minReserved && count <= maxReserved) list.length = length + count;
  return length;
}

/** Ends a packed list of varints: gives up the room that was not needed. */
function finish(r: WireReader, end: number, list: unknown[], length: number): void {
  r.leavePart(end);
  if (list.length !== length) list.length = length;
}

export function unpackInt32(r: WireReader, list: number[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  const { input } = r;
  while (r.position < end) {
    const at = r.position;
    const byte = input[at] as number;
    if (byte < 0x80) {
      r.position = at + 1;
      list[i++] = byte;
    } else {
      list[i++] = readLongVarint(r);
    }
  }
  finish(r, end, list, i);
}

export function unpackUint32(r: WireReader, list: number[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  const { input } = r;
  while (r.position < end) {
    const at = r.position;
    const byte = input[at] as number;
    if (byte < 0x80) {
      r.position = at + 1;
      list[i++] = byte;
    } else {
      list[i++] = readLongVarint(r) >>> 0;
    }
  }
  finish(r, end, list, i);
}

export function unpackSint32(r: WireReader, list: number[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  const { input } = r;
  while (r.position < end) {
    const at = r.position;
    let zigzag = input[at] as number;
    if (zigzag < 0x80) r.position = at + 1;
    else zigzag = readLongVarint(r);
    list[i++] = (zigzag >>> 1) ^ -(zigzag & 1);
  }
  finish(r, end, list, i);
}

export function unpackBool(r: WireReader, list: boolean[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  while (r.position < end) list[i++] = r.bool();
  finish(r, end, list, i);
}

export function unpackInt64(r: WireReader, list: bigint[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  while (r.position < end) {
    readVarint64(r);
    list[i++] = signed[0] as bigint;
  }
  finish(r, end, list, i);
}

export function unpackUint64(r: WireReader, list: bigint[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  while (r.position < end) {
    readVarint64(r);
    list[i++] = unsigned[0] as bigint;
  }
  finish(r, end, list, i);
}

export function unpackSint64(r: WireReader, list: bigint[]): void {
  const end = r.enterPacked();
  let i = reserve(list, end - r.position);
  while (r.position < end) {
    readVarint64(r);
    const lo = words[low] as number;
    const hi = words[high] as number;
    const sign = -(lo & 1);
    words[low] = ((lo >>> 1) | (hi << 31)) ^ sign;
    words[high] = (hi >>> 1) ^ sign;
    list[i++] = signed[0] as bigint;
  }
  finish(r, end, list, i);
}

export function unpackFixed32(r: WireReader, list: number[]): void {
  const end = r.enterFixed(4);
  const { view } = r;
  let i = reserve(list, (end - r.position) / 4);
  for (let at = r.position; at < end; at += 4) list[i++] = view.getUint32(at, true);
  r.position = end;
}

export function unpackSfixed32(r: WireReader, list: number[]): void {
  const end = r.enterFixed(4);
  const { view } = r;
  let i = reserve(list, (end - r.position) / 4);
  for (let at = r.position; at < end; at += 4) list[i++] = view.getInt32(at, true);
  r.position = end;
}

export function unpackFloat(r: WireReader, list: number[]): void {
  const end = r.enterFixed(4);
  const { view } = r;
  let i = reserve(list, (end - r.position) / 4);
  for (let at = r.position; at < end; at += 4) list[i++] = view.getFloat32(at, true);
  r.position = end;
}

export function unpackDouble(r: WireReader, list: number[]): void {
  const end = r.enterFixed(8);
  const { view } = r;
  let i = reserve(list, (end - r.position) / 8);
  for (let at = r.position; at < end; at += 8) list[i++] = view.getFloat64(at, true);
  r.position = end;
}

export function unpackFixed64(r: WireReader, list: bigint[]): void {
  const end = r.enterFixed(8);
  const { view } = r;
  let i = reserve(list, (end - r.position) / 8);
  for (let at = r.position; at < end; at += 8) list[i++] = view.getBigUint64(at, true);
  r.position = end;
}

export function unpackSfixed64(r: WireReader, list: bigint[]): void {
  const end = r.enterFixed(8);
  const { view } = r;
  let i = reserve(list, (end - r.position) / 8);
  for (let at = r.position; at < end; at += 8) list[i++] = view.getBigInt64(at, true);
  r.position = end;
}

/** A list whose field says jstype = JS_STRING: text in the message. */
export function unpackText64(r: WireReader, list: string[], unpack: (r: WireReader, list: bigint[]) => void): void {
  const numbers: bigint[] = [];
  unpack(r, numbers);
  for (const number of numbers) list.push(String(number));
}
