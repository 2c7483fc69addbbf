/** Messages on the standard input and output of a program under test: four bytes of length, big-endian, and protobuf. */
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";

const prefixBytes = 4;

/** Gives each message out when it has come. Throws when the input ends in the middle of one. */
export async function* readDelimited<Desc extends DescMessage>(
  input: AsyncIterable<Uint8Array>,
  schema: Desc,
): AsyncGenerator<MessageShape<Desc>> {
  let held = Buffer.alloc(0);
  for await (const chunk of input) {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const end = held.length < prefixBytes ? Number.POSITIVE_INFINITY : prefixBytes + held.readUInt32BE();
      if (held.length < end) break;
      yield fromBinary(schema, held.subarray(prefixBytes, end));
      held = held.subarray(end);
    }
  }
  if (held.length > 0) throw new Error(`the input ends with ${held.length} bytes of an incomplete message`);
}

/** The bytes of one message, ready to be written. */
export function encodeDelimited<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array {
  const bytes = toBinary(schema, message);
  const framed = Buffer.alloc(prefixBytes + bytes.length);
  framed.writeUInt32BE(bytes.length);
  framed.set(bytes, prefixBytes);
  return framed;
}
