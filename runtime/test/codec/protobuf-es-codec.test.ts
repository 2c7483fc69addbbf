import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import { createProtobufEsCodec } from "../../src/codec/protobuf-es-codec.js";
import { ErrorInfoSchema, HelpSchema } from "../gen/google/rpc/error_details_pb.js";
import { ArraySink } from "./array-sink.js";

const any = create(AnySchema, { typeUrl: "t", value: Uint8Array.from({ length: 200 }, (_, i) => i) });
const anyBytes = toBinary(AnySchema, any);

/** The message's bytes inside a larger array. */
function embedded(bytes: Uint8Array, asBuffer: boolean): { bytes: Uint8Array; start: number; end: number } {
  const around = asBuffer ? Buffer.alloc(bytes.length + 20) : new Uint8Array(bytes.length + 20);
  around.set(bytes, 7);
  return { bytes: around, start: 7, end: 7 + bytes.length };
}

describe("codec/protobuf-es-codec", () => {
  it("is one for each schema", () => {
    assert.equal(createProtobufEsCodec(AnySchema), createProtobufEsCodec(AnySchema));
    assert.notEqual(
      createProtobufEsCodec<typeof AnySchema | typeof HelpSchema>(AnySchema),
      createProtobufEsCodec(HelpSchema),
    );
  });

  it("appends what protobuf-es encodes", () => {
    const sink = new ArraySink();
    sink.append(Uint8Array.of(1, 2, 3));
    createProtobufEsCodec(AnySchema).encode(any, sink);
    assert.deepEqual(sink.written(), Buffer.concat([Uint8Array.of(1, 2, 3), anyBytes]));
  });

  it("decodes a range of a larger array", () => {
    for (const asBuffer of [true, false]) {
      for (const alias of [true, false]) {
        const { bytes, start, end } = embedded(anyBytes, asBuffer);
        assert.deepEqual(createProtobufEsCodec(AnySchema).decode(bytes, start, end, alias), any);
      }
    }
  });

  it("keeps nothing of the input without alias, and a view with it, never a Buffer", () => {
    for (const size of [0, 1, 20, 60, 5000]) {
      const message = create(AnySchema, { value: new Uint8Array(size).fill(5) });
      for (const asBuffer of [true, false]) {
        const { bytes, start, end } = embedded(toBinary(AnySchema, message), asBuffer);
        const copied = createProtobufEsCodec(AnySchema).decode(bytes, start, end, false);
        const viewed = createProtobufEsCodec(AnySchema).decode(bytes, start, end, true);
        bytes.fill(6, start);
        assert.deepEqual(copied.value, new Uint8Array(size).fill(5));
        assert.deepEqual(viewed.value, new Uint8Array(size).fill(6));
        for (const { value } of [copied, viewed]) assert.equal(value.constructor, Uint8Array);
        if (size > 0) assert.notEqual(copied.value.buffer, bytes.buffer);
        if (size > 0) assert.equal(viewed.value.buffer, bytes.buffer);
      }
    }
  });

  it("decodes an empty message", () => {
    assert.deepEqual(
      createProtobufEsCodec(DurationSchema).decode(new Uint8Array(4), 4, 4, false),
      create(DurationSchema),
    );
  });

  it("refuses to encode what is no message of the type", () => {
    const codec = createProtobufEsCodec(AnySchema);
    const wrong: [value: unknown, observed: string][] = [
      [create(HelpSchema), "a google.rpc.Help"],
      [create(DurationSchema), "a google.protobuf.Duration"],
      [undefined, "undefined"],
      [null, "null"],
      [{ value: "x" }, "an object without $typeName"],
      [{ $typeName: 5 }, "an object without $typeName"],
      [[], "an array"],
      ["text", "a string"],
      [5n, "a bigint"],
    ];
    for (const [value, observed] of wrong) {
      const sink = new ArraySink();
      assert.throws(() => codec.encode(value as typeof any, sink), {
        name: "TypeError",
        message: `message to encode is ${observed}, expected a google.protobuf.Any`,
      });
      assert.equal(sink.position, 0);
    }
  });

  it("lets errors of either direction through", () => {
    const codec = createProtobufEsCodec(ErrorInfoSchema);
    const broken = create(DurationSchema, { nanos: 1.5 });
    assert.throws(() => createProtobufEsCodec(DurationSchema).encode(broken, new ArraySink()), /int32/);
    for (const bytes of [[0x0a, 5, 65], [0x0a, 1, 0xff], [0x07], [0x0a]]) {
      assert.throws(() => codec.decode(Uint8Array.from(bytes), 0, bytes.length, false), Error, bytes.join());
    }
  });
});
