/** Packed lists, read behind their tag and appended to what a list has. */
import type { WireReader } from "./wire-reader.js";

/** Reads the numbers of a packed list; none of them can make more memory than its bytes allow. */
function unpack<T>(r: WireReader, list: T[], read: (r: WireReader) => T): void {
  const size = r.length();
  const end = r.position + size;
  while (r.position < end) list.push(read(r));
  if (r.position > end) r.fail("a number goes beyond the packed list that it is in");
}

export function unpackBool(r: WireReader, list: boolean[]): void {
  unpack(r, list, (from) => from.bool());
}
export function unpackInt32(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.int32());
}
export function unpackUint32(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.uint32());
}
export function unpackSint32(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.sint32());
}
export function unpackFixed32(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.fixed32());
}
export function unpackSfixed32(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.sfixed32());
}
export function unpackFloat(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.float());
}
export function unpackDouble(r: WireReader, list: number[]): void {
  unpack(r, list, (from) => from.double());
}
export function unpackInt64(r: WireReader, list: bigint[]): void {
  unpack(r, list, (from) => from.int64());
}
export function unpackUint64(r: WireReader, list: bigint[]): void {
  unpack(r, list, (from) => from.uint64());
}
export function unpackSint64(r: WireReader, list: bigint[]): void {
  unpack(r, list, (from) => from.sint64());
}
export function unpackFixed64(r: WireReader, list: bigint[]): void {
  unpack(r, list, (from) => from.fixed64());
}
export function unpackSfixed64(r: WireReader, list: bigint[]): void {
  unpack(r, list, (from) => from.sfixed64());
}
/** A list whose field says jstype = JS_STRING. */
export function unpackText64(r: WireReader, list: string[], read: (r: WireReader, list: bigint[]) => void): void {
  const numbers: bigint[] = [];
  read(r, numbers);
  for (const number of numbers) list.push(String(number));
}
