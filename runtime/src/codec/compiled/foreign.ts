/** Messages within a message that have no compiled codec: protobuf-es reads and writes them. */
import { create, type DescMessage, type Message, mergeFromBinary, toBinary } from "@bufbuild/protobuf";
import type { ByteSink } from "../../base/byte-sink.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { recursionLimit } from "./wire-cursor.js";
import type { WireReader } from "./wire-reader.js";

/** Appends the fields of a message, without tag and length. */
export function encForeign(message: Message, w: ByteSink, schema: DescMessage): void {
  w.append(toBinary(schema, message));
}

/** Reads the message that was entered: up to `end`, or to the tag `stop` that ends a group. */
export function decForeign(
  r: WireReader,
  end: number,
  stop: number,
  target: Message | undefined,
  schema: DescMessage,
): Message {
  const start = r.position;
  const size = (stop === -1 ? end : r.passGroup(stop)) - start;
  const message = target ?? create(schema);
  try {
    // The message itself is the first level that protobuf-es counts.
    mergeFromBinary(schema, message, r.keep(start, size), { recursionLimit: recursionLimit - r.depth + 1 });
  } catch (error) {
    r.failAt(start, `a ${schema.typeName} does not decode: ${textOfThrown(error)}`);
  }
  if (stop === -1) r.position = end;
  r.leave(end, -1);
  return message;
}
