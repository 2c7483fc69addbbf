/** The codec that a generated service has for a message, held against protobuf-es. */
import assert from "node:assert/strict";
import {
  create,
  type DescMessage,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { difference } from "../fuzz/difference.js";
import { encoded } from "../fuzz/differential.js";
import { subjectOf } from "../fuzz/subjects.js";

export function bytes(...parts: (number | string | Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === "number" ? [part] : [...Buffer.from(part as string)])),
  );
}

/** A record of wire type LEN. */
export function len(no: number, ...parts: Parameters<typeof bytes>): Uint8Array {
  const content = bytes(...parts);
  return bytes(varint(no * 8 + 2), varint(content.length), content);
}

export function varint(value: number | bigint): number[] {
  const result: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 0x7fn; left >>= 7n) result.push(Number(left & 0x7fn) | 0x80);
  return [...result, Number(left)];
}

/** Encodes with both; the bytes have to be the same. Returns them. */
export function encode<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): Uint8Array {
  const expected = toBinary(desc, message);
  const actual = encoded(subjectOf(desc.typeName), message);
  assert.equal(Buffer.from(actual).toString("hex"), Buffer.from(expected).toString("hex"));
  return expected;
}

/** The same for an init object. */
export function encodeInit<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Uint8Array {
  return encode(desc, create(desc, init));
}

export function ourDecode<Desc extends DescMessage>(desc: Desc, input: Uint8Array, alias = false): MessageShape<Desc> {
  const message: Message = subjectOf(desc.typeName).codec.decode(input, 0, input.length, alias);
  return message as MessageShape<Desc>;
}

/** Decodes with both; the messages have to be the same to the last property. Returns ours. */
export function decode<Desc extends DescMessage>(desc: Desc, ...parts: Parameters<typeof bytes>): MessageShape<Desc> {
  const input = bytes(...parts);
  const expected = fromBinary(desc, input);
  const actual = ourDecode(desc, input);
  assert.deepStrictEqual(actual, expected);
  assert.equal(difference(actual, expected), undefined);
  return actual;
}

/** Neither takes the bytes. */
export function refuse(desc: DescMessage, ...parts: Parameters<typeof bytes>): Error {
  const input = bytes(...parts);
  assert.throws(() => fromBinary(desc, input), `protobuf-es takes <${Buffer.from(input).toString("hex")}>`);
  return refusedByUs(desc, input);
}

/** We do not take the bytes, and say why in one sentence. */
export function refusedByUs(desc: DescMessage, input: Uint8Array): Error {
  try {
    ourDecode(desc, input);
  } catch (error) {
    assert.ok(error instanceof Error && !error.message.includes("\n"), String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `takes <${Buffer.from(input).toString("hex")}>` });
}

/** Neither encodes the message. */
export function refuseToEncode<Desc extends DescMessage>(desc: Desc, message: MessageShape<Desc>): Error {
  assert.throws(() => toBinary(desc, message));
  try {
    encoded(subjectOf(desc.typeName), message);
  } catch (error) {
    assert.ok(error instanceof Error && error.message.length > 10, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "encodes" });
}
