import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, EmptySchema } from "@bufbuild/protobuf/wkt";
import { chooseCodec, codecChoice } from "../../src/codec/codec-choice.js";
import { createProtobufEsCodec } from "../../src/codec/protobuf-es-codec.js";
import { decDuration, encDuration } from "../../src/codec/well-known/time.js";
import { ArraySink } from "./array-sink.js";

const functions = { encode: encDuration, decode: decDuration };

describe("codec/codec-choice", () => {
  it("reads GODWIT_CODEC, whose default is compiled", () => {
    assert.equal(codecChoice(undefined), "compiled");
    assert.equal(codecChoice(""), "compiled");
    for (const choice of ["compiled", "protobuf-es", "verify"]) assert.equal(codecChoice(choice), choice);
    assert.throws(() => codecChoice("off"), {
      name: "TypeError",
      message: 'the environment variable GODWIT_CODEC is "off", expected compiled, protobuf-es, verify',
    });
  });

  it("gives each message type one codec", () => {
    const codec = chooseCodec(DurationSchema, functions, "compiled");
    assert.equal(chooseCodec(DurationSchema, functions, "compiled"), codec);
    assert.notEqual(codec, createProtobufEsCodec(DurationSchema));
  });

  it("is protobuf-es where it is asked for and where nothing is compiled", () => {
    assert.equal(chooseCodec(DurationSchema, functions, "protobuf-es"), createProtobufEsCodec(DurationSchema));
    assert.equal(chooseCodec(EmptySchema, undefined, "compiled"), createProtobufEsCodec(EmptySchema));
    assert.equal(chooseCodec(EmptySchema, undefined, "verify"), createProtobufEsCodec(EmptySchema));
  });

  it("compares with protobuf-es where it is to verify", () => {
    const wrong = {
      ...functions,
      encode: (m: Duration, w: ArraySink) => encDuration({ ...m, nanos: m.nanos + 1 }, w),
    };
    const schema = { ...DurationSchema } as typeof DurationSchema;
    const codec = chooseCodec(schema, wrong as never, "verify");
    assert.throws(() => codec.encode(create(DurationSchema, { nanos: 1 }), new ArraySink()), {
      message:
        "the compiled codec of google.protobuf.Duration encodes otherwise than protobuf-es: byte 1 is 2, protobuf-es has 1",
    });
  });

  for (const [name, value, expected] of [
    ["GODWIT_CODEC", "protobuf-es", "ProtobufEsCodec"],
    ["GODWIT_CODEC", "verify", "VerifyingCodec"],
    ["GODWIT_CODEC", "compiled", "CompiledCodec"],
    ["BUF_BIGINT_DISABLE", "1", "ProtobufEsCodec"],
  ] as const) {
    it(`of a generated service is a ${expected} with ${name}=${value}`, () => {
      const stub = new URL("../gen/godwit/testing/v1/echo_godwit.js", import.meta.url).href;
      const script = `const { EchoService } = await import(${JSON.stringify(stub)});
        for (const { requestCodec, responseCodec } of EchoService.methods)
          console.log(requestCodec.constructor.name, responseCodec.constructor.name);`;
      const args = ["--input-type=module", "--eval", script];
      const output = execFileSync(process.execPath, args, {
        encoding: "utf8",
        env: { ...process.env, [name]: value },
        cwd: new URL(".", import.meta.url),
      });
      assert.deepEqual(new Set(output.trim().split(/\s/)), new Set([expected]));
    });
  }
});
