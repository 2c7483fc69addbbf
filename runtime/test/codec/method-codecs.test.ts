import assert from "node:assert/strict";
import { create, createRegistry } from "@bufbuild/protobuf";
import { anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import { MethodCodecTable } from "../../src/codec/method-codecs.js";
import type { Codec } from "../../src/rpc/codec.js";
import { checkMessageFormat, messageFormats } from "../../src/rpc/message-format.js";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import { CodecService } from "../gen/godwit/testing/codec/v1/codec_service_godwit.js";
import { LeafSchema } from "../gen/godwit/testing/codec/v1/proto3_pb.js";
import { WellKnownSchema } from "../gen/godwit/testing/codec/v1/well_known_pb.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { ArraySink } from "./array-sink.js";

function methodCalled(name: string): MethodDescriptor {
  const method = CodecService.methods.find((candidate) => candidate.name === name);
  assert.ok(method);
  return method;
}

function textOf(codec: Codec, message: unknown): string {
  const sink = new ArraySink();
  codec.encode(message, sink);
  return sink.written().toString();
}

const method = methodCalled("EchoWellKnown");

describe("codec/method-codecs", () => {
  it("finds a method's own codecs for proto", () => {
    assert.equal(new MethodCodecTable().codecsOf(method, "proto"), method);
  });

  it("makes codecs of JSON, once for a method", () => {
    const table = new MethodCodecTable();
    const codecs = table.codecsOf(method, "json");
    assert.equal(table.codecsOf(method, "json"), codecs);
    const message = create(WellKnownSchema, { duration: { seconds: 5n } });
    assert.equal(textOf(codecs.requestCodec, message), '{"duration":"5s"}');
    assert.deepEqual(codecs.responseCodec.decode(Buffer.from('{"duration":"5s"}'), 0, 17, false), message);
  });

  it("knows in Any what the method's file and its imports define, and what it is given", () => {
    const leaf = create(WellKnownSchema, { any: anyPack(LeafSchema, create(LeafSchema, { text: "green" })) });
    const duration = create(WellKnownSchema, { any: anyPack(DurationSchema, create(DurationSchema, { nanos: 1 })) });
    const foreign = create(WellKnownSchema, {
      any: anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "R" })),
    });
    const own = new MethodCodecTable().codecsOf(method, "json").requestCodec;
    assert.match(textOf(own, leaf), /"text":"green","@type":"type\.googleapis\.com\/godwit\.testing\.codec\.v1\.Leaf"/);
    assert.match(textOf(own, duration), /"@type":"type\.googleapis\.com\/google\.protobuf\.Duration"/);
    assert.throws(() => textOf(own, foreign), /google\.rpc\.ErrorInfo" is not in the type registry/);
    const table = new MethodCodecTable({ jsonTypes: createRegistry(ErrorInfoSchema) });
    assert.match(textOf(table.codecsOf(method, "json").requestCodec, foreign), /"reason":"R".*google\.rpc\.ErrorInfo"/);
  });

  it("tells which subtypes are formats", () => {
    const subtypes = ["proto", "json", "", "JSON", "xml", "constructor"];
    assert.deepEqual(
      subtypes.filter((subtype) => new MethodCodecTable().has(subtype)),
      ["proto", "json"],
    );
    assert.deepEqual(
      subtypes.filter((subtype) => new MethodCodecTable({ formats: ["json"] }).has(subtype)),
      ["json"],
    );
  });

  it("refuses what is no format", () => {
    for (const format of messageFormats) assert.equal(checkMessageFormat(format, "messageFormat"), format);
    for (const format of ["xml", "", undefined, 5]) {
      assert.throws(() => checkMessageFormat(format, "messageFormat"), {
        name: "TypeError",
        message: `messageFormat is ${JSON.stringify(format)}, expected proto or json`,
      });
    }
  });
});
