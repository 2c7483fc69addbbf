/**
 * Varints of more than a byte, written out byte by byte because loops cost twice as much. What lies past the end of the
 * input reads as zero, which ends a number: that it lay there is found when its message is left.
 */
import { high, low, words } from "./words.js";

/** What is read from, and the place of the next byte. */
interface Place {
  readonly input: Uint8Array;
  position: number;
  failAt(position: number, what: string): never;
}

/** The lower 32 bits, signed. Of ten bytes the last five say nothing: a negative int32 is sent with 64 bits. */
export function readLongVarint(r: Place): number {
  const { input } = r;
  const start = r.position;
  let at = start;
  let byte = input[at++] as number;
  let value = byte & 0x7f;
  if (byte > 0x7f) {
    byte = input[at++] as number;
    value |= (byte & 0x7f) << 7;
    if (byte > 0x7f) {
      byte = input[at++] as number;
      value |= (byte & 0x7f) << 14;
      if (byte > 0x7f) {
        byte = input[at++] as number;
        value |= (byte & 0x7f) << 21;
        if (byte > 0x7f) {
          byte = input[at++] as number;
          value |= byte << 28;
          while (byte > 0x7f && at < start + 10) byte = input[at++] as number;
          if (byte > 0x7f) r.failAt(start, "a varint has more than 10 bytes");
        }
      }
    }
  }
  r.position = at;
  return value;
}

/** All 64 bits, left in `words`. */
export function readVarint64(r: Place): void {
  const { input } = r;
  const start = r.position;
  let at = start;
  let byte = input[at++] as number;
  let lo = byte & 0x7f;
  if (byte > 0x7f) {
    byte = input[at++] as number;
    lo |= (byte & 0x7f) << 7;
    if (byte > 0x7f) {
      byte = input[at++] as number;
      lo |= (byte & 0x7f) << 14;
      if (byte > 0x7f) {
        byte = input[at++] as number;
        lo |= (byte & 0x7f) << 21;
        if (byte > 0x7f) {
          readUpper(r, start, lo);
          return;
        }
      }
    }
  }
  words[low] = lo;
  words[high] = 0;
  r.position = at;
}

/** What follows the first four bytes. */
function readUpper(r: Place, start: number, lower: number): void {
  const { input } = r;
  let at = start + 4;
  let byte = input[at++] as number;
  words[low] = lower | (byte << 28);
  let hi = (byte & 0x7f) >>> 4;
  if (byte > 0x7f) {
    byte = input[at++] as number;
    hi |= (byte & 0x7f) << 3;
    if (byte > 0x7f) {
      byte = input[at++] as number;
      hi |= (byte & 0x7f) << 10;
      if (byte > 0x7f) {
        byte = input[at++] as number;
        hi |= (byte & 0x7f) << 17;
        if (byte > 0x7f) {
          byte = input[at++] as number;
          hi |= (byte & 0x7f) << 24;
          if (byte > 0x7f) {
            byte = input[at++] as number;
            hi |= byte << 31;
            if (byte > 0x7f) r.failAt(start, "a varint has more than 10 bytes");
          }
        }
      }
    }
  }
  words[high] = hi;
  r.position = at;
}
