/** A small message by its compiled codec, into the arena and from a chunk, and by protobuf-es. `bench:codec` has the others. */
import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageCodec } from "../../codec/subject.js";
import { subjects } from "../../codec/subjects/godwit.js";
import { subject as peer } from "../../codec/subjects/protobuf-es.js";
import { SmallSchema } from "../../gen/godwit/benchmark/v1/messages_pb.js";
import type { MicroCase } from "../micro-case.js";

const messages = Array.from({ length: 64 }, (_, i) =>
  create(SmallSchema, { id: `item-${1000 + i}`, name: `kettle number ${i} of steel`, count: i, offset: 123_456 + i }),
);
const chunks = messages.map((message) => Buffer.from(toBinary(SmallSchema, message)));

export function codecCases(): readonly MicroCase[] {
  const own = subjects["godwit"]?.["Small"] as MessageCodec;
  const theirs = peer["Small"] as MessageCodec;
  assert.deepEqual(own.decode(chunks[7] as Buffer), messages[7]);
  const encode = (codec: MessageCodec) => () => {
    let last: unknown;
    for (let i = 0; i < messages.length; i++) last = codec.encode(messages[i] as never);
    return last;
  };
  const decode = (codec: MessageCodec) => () => {
    let last: unknown;
    for (let i = 0; i < chunks.length; i++) last = codec.decode(chunks[i] as Buffer);
    return last;
  };
  const common = { operations: messages.length };
  return [
    {
      id: "codec/encode-small",
      operation: "a message of two texts and two numbers, written into the arena",
      ...common,
      run: encode(own),
      peer: { name: "protobuf-es", run: encode(theirs) },
    },
    {
      id: "codec/decode-small",
      operation: "the same, read where it lies",
      ...common,
      run: decode(own),
      peer: { name: "protobuf-es", run: decode(theirs) },
    },
  ];
}
