import assert from "node:assert/strict";
import { create, createRegistry } from "@bufbuild/protobuf";
import { AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { createJsonCodec } from "../../src/codec/json-codec.js";
import { ErrorInfoSchema, QuotaFailure_ViolationSchema } from "../gen/google/rpc/error_details_pb.js";
import { ArraySink } from "./array-sink.js";

function decode(text: string | Uint8Array): { reason: string; metadata: Record<string, string> } {
  const bytes = Buffer.concat([Buffer.from("##"), Buffer.from(text as string), Buffer.from("##")]);
  return createJsonCodec(ErrorInfoSchema).decode(bytes, 2, bytes.length - 2, true);
}

describe("codec/json-codec", () => {
  it("writes ProtoJSON in UTF-8", () => {
    const sink = new ArraySink();
    createJsonCodec(ErrorInfoSchema).encode(create(ErrorInfoSchema, { reason: "né", metadata: { a: "b" } }), sink);
    assert.equal(sink.written().toString(), '{"reason":"né","metadata":{"a":"b"}}');
    const numbers = new ArraySink();
    createJsonCodec(QuotaFailure_ViolationSchema).encode(
      create(QuotaFailure_ViolationSchema, { quotaValue: 9007199254740993n, futureQuotaValue: 0n }),
      numbers,
    );
    assert.equal(numbers.written().toString(), '{"quotaValue":"9007199254740993","futureQuotaValue":"0"}');
  });

  it("reads ProtoJSON in a range of a larger array, unknown fields ignored", () => {
    const message = decode('{"reason":"né","later":{"x":[1]},"metadata":{"__proto__":"p"}}');
    assert.equal(message.reason, "né");
    assert.deepEqual(Object.entries(message.metadata), [["__proto__", "p"]]);
  });

  it("throws on what is no JSON, no UTF-8 or not of the type", () => {
    for (const text of ["", "{", "[]", "5", '{"reason":5}', '{"reason":"a"}}', "\ufeff{}"]) {
      assert.throws(() => decode(text), Error, text);
    }
    assert.throws(() => decode(Uint8Array.of(0x7b, 0xff, 0x7d)), TypeError);
  });

  it("knows the types of a registry inside Any", () => {
    const any = anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "R" }));
    const sink = new ArraySink();
    const codec = createJsonCodec(AnySchema, createRegistry(ErrorInfoSchema));
    codec.encode(any, sink);
    assert.deepEqual(JSON.parse(sink.written().toString()), {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "R",
    });
    assert.deepEqual(codec.decode(sink.written(), 0, sink.position, false), any);
    assert.throws(() => createJsonCodec(AnySchema).encode(any, new ArraySink()));
  });

  it("refuses to encode a message of another type", () => {
    const message = create(AnySchema) as never;
    assert.throws(() => createJsonCodec(ErrorInfoSchema).encode(message, new ArraySink()), {
      name: "TypeError",
      message: "message to encode is a google.protobuf.Any, expected a google.rpc.ErrorInfo",
    });
  });
});
