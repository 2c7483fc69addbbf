import { isUtf8 } from "node:buffer";

/** Up to here a loop over ASCII is faster than making a view for Node's check. */
const shortBytes = 64;

/** Whether bytes[start, end) are well-formed UTF-8. */
export function isWellFormedUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= shortBytes) {
    let i = start;
    while (i < end && (bytes[i] as number) < 0x80) i++;
    if (i === end) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}
