/** Changes to the bytes of a message: such that leave it a message, and such that may well not. */
import type { Dice } from "./dice.js";
import { recordsOf, varint, type WireRecord, wireType } from "./wire-record.js";

/** The same message in other bytes, or another message; well-formed in any case. */
export function rewrite(dice: Dice, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const records = recordsOf(bytes);
  const raw = (record: WireRecord): Uint8Array => bytes.subarray(record.start, record.end);
  switch (dice.below(5)) {
    case 0: // In any order.
      return Buffer.concat(shuffled(dice, records).map(raw));
    case 1: // Some twice: lists go on, messages merge, the last of scalars wins.
      return Buffer.concat(records.flatMap((record) => Array(dice.pick([1, 1, 2])).fill(raw(record)) as Uint8Array[]));
    case 2: // Merged with another message.
      return Buffer.concat([bytes, other]);
    case 3: // With some left out.
      return Buffer.concat(records.filter(() => !dice.oneIn(4)).map(raw));
    default: // Tags and lengths in more bytes than they need.
      return Buffer.concat(records.flatMap((record) => stretched(dice, bytes, record)));
  }
}

function shuffled<T>(dice: Dice, items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = dice.below(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

function stretched(dice: Dice, bytes: Uint8Array, record: WireRecord): Uint8Array[] {
  const tag = Uint8Array.from(varint(record.no * 8 + record.wireType, dice.pick([1, 2, 5])));
  if (record.wireType !== wireType.len) return [tag, bytes.subarray(record.valueStart, record.end)];
  const [, content] = [record.valueStart, contentStart(bytes, record)];
  const length = Uint8Array.from(varint(record.end - content, dice.pick([1, 3, 5])));
  return [tag, length, bytes.subarray(content, record.end)];
}

function contentStart(bytes: Uint8Array, record: WireRecord): number {
  let at = record.valueStart;
  while ((bytes[at] as number) >= 0x80) at++;
  return at + 1;
}

/** One to three changes anywhere, one time in five with the end cut off. */
export function mutate(dice: Dice, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let changed: Uint8Array = Uint8Array.from(bytes);
  for (let left = 1 + dice.below(3); left > 0; left--) changed = change(dice, changed, other);
  return dice.oneIn(5) ? changed.subarray(0, dice.below(changed.length + 1)) : changed;
}

function change(dice: Dice, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = dice.below(bytes.length + 1);
  const span = dice.below(Math.min(16, bytes.length - at) + 1);
  switch (dice.below(10)) {
    case 0: // Bytes put in.
      return spliced(bytes, at, 0, dice.bytes(1 + dice.below(4)));
    case 1: // Bytes taken out.
      return spliced(bytes, at, span, new Uint8Array(0));
    case 2: // Bytes twice.
      return spliced(bytes, at, 0, bytes.subarray(at, at + span));
    case 3: // A part of another message.
      return spliced(bytes, at, span, other.subarray(0, dice.below(other.length + 1)));
    case 4: // Something that means something.
      return spliced(bytes, at, dice.pick([0, 1]), dice.pick(tokens));
    default:
      return overwritten(dice, bytes);
  }
}

function overwritten(dice: Dice, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return dice.bytes(1);
  const at = dice.below(bytes.length);
  const byte = bytes[at] as number;
  bytes[at] = dice.pick([dice.word(), byte + 1, byte - 1, byte ^ (1 << dice.below(8)), (byte & ~7) | dice.below(8)]);
  return bytes;
}

function spliced(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - Math.min(remove, bytes.length - at) + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(Math.min(bytes.length, at + remove)), at + insert.length);
  return result;
}

/** Varints that are too long or the longest, tags that may not be, groups. */
const tokens: readonly Uint8Array[] = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x1f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  [0x00],
  [0x06],
  [0x0b, 0x0c],
  [0x0c],
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
].map((bytes) => Uint8Array.from(bytes));
