/** The wire format without a schema: records, one behind another (protobuf encoding, "Message Structure"). */

export const wireType = { varint: 0, bit64: 1, len: 2, startGroup: 3, endGroup: 4, bit32: 5 } as const;

/** One record of a well-formed message: tag and value are bytes[start, end). */
export interface WireRecord {
  readonly no: number;
  readonly wireType: number;
  readonly start: number;
  /** Where the tag ends. */
  readonly valueStart: number;
  readonly end: number;
}

/** The records of a message, not of those that lie in it. Throws when the message is not well-formed. */
export function recordsOf(bytes: Uint8Array, start = 0, end = bytes.length): WireRecord[] {
  const records: WireRecord[] = [];
  for (let at = start; at < end; ) {
    const record = recordAt(bytes, at, end);
    records.push(record);
    at = record.end;
  }
  return records;
}

function recordAt(bytes: Uint8Array, start: number, end: number): WireRecord {
  const tag = varintAt(bytes, start, end);
  const no = Math.floor(tag.value / 8);
  const type = tag.value % 8;
  const recordEnd = valueEnd(bytes, tag.end, end, no, type);
  if (recordEnd > end) throw new RangeError(`the record at ${start} ends at ${recordEnd}, behind ${end}`);
  return { no, wireType: type, start, valueStart: tag.end, end: recordEnd };
}

function valueEnd(bytes: Uint8Array, start: number, end: number, no: number, type: number): number {
  switch (type) {
    case wireType.varint:
      return varintAt(bytes, start, end).end;
    case wireType.bit64:
      return start + 8;
    case wireType.len: {
      const length = varintAt(bytes, start, end);
      return length.end + length.value;
    }
    case wireType.bit32:
      return start + 4;
    case wireType.startGroup:
      for (let at = start; ; ) {
        const tag = varintAt(bytes, at, end);
        if (tag.value === no * 8 + wireType.endGroup) return tag.end;
        at = recordAt(bytes, at, end).end;
      }
    default:
      throw new RangeError(`wire type ${type} at ${start}`);
  }
}

/** A varint as a number: exact up to 2^53, which tags and lengths are. */
export function varintAt(bytes: Uint8Array, start: number, end: number): { value: number; end: number } {
  let value = 0;
  for (let at = start; at < end && at < start + 10; at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError(`the varint at ${start} has no end`);
}

/** The bytes of a varint below 2^53; `size` asks for more of them than it needs. */
export function varint(value: number, size = 1): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left >= 0x80 || bytes.length + 1 < size) {
    bytes.push((left % 0x80) | 0x80);
    left = Math.floor(left / 0x80);
  }
  bytes.push(left);
  return bytes;
}
