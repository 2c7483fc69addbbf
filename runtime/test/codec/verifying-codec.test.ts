import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema } from "@bufbuild/protobuf/wkt";
import { createProtobufEsCodec } from "../../src/codec/protobuf-es-codec.js";
import { createVerifyingCodec } from "../../src/codec/verifying-codec.js";
import type { Codec } from "../../src/rpc/codec.js";
import { ArraySink } from "./array-sink.js";
import { Dice } from "./fuzz/dice.js";
import { RandomMessages } from "./fuzz/random-message.js";
import { registry, subjects } from "./fuzz/subjects.js";

const right = createProtobufEsCodec(AnySchema);
type AnyCodec = typeof right;
const any = create(AnySchema, { typeUrl: "a.b/C", value: Uint8Array.of(1, 2) });
const bytes = toBinary(AnySchema, any);

function verifying(wrong: Partial<AnyCodec>): AnyCodec {
  const codec: AnyCodec = {
    encode: (message, sink) => right.encode(message, sink),
    decode: (...args) => right.decode(...args),
    ...wrong,
  };
  return createVerifyingCodec(AnySchema, codec);
}

const encode = (codec: AnyCodec) => {
  const sink = new ArraySink();
  codec.encode(any, sink);
  return sink.written();
};
const decode = (codec: AnyCodec) => codec.decode(bytes, 0, bytes.length, false);
const refuse = () => {
  throw new Error("no");
};

describe("codec/verifying-codec", () => {
  it("gives what both say when they agree", () => {
    assert.deepEqual(encode(verifying({})), Buffer.from(bytes));
    assert.deepEqual(decode(verifying({})), any);
  });

  it("finds compiled codecs in order", () => {
    const messages = new RandomMessages(new Dice(3), registry);
    for (const { desc, codec } of subjects) {
      const message = messages.make(desc);
      const sink = new ArraySink();
      const verified = createVerifyingCodec(desc, codec as Codec<never>);
      verified.encode(message as never, sink);
      const written = sink.written();
      verified.decode(written, 0, written.length, true);
    }
  });

  const differences: readonly [
    what: string,
    wrong: Partial<AnyCodec>,
    act: (codec: AnyCodec) => unknown,
    text: string,
  ][] = [
    [
      "other bytes",
      { encode: (_, sink) => sink.append(Uint8Array.of(10, 6)) },
      encode,
      "encodes otherwise than protobuf-es: byte 1 is 6, protobuf-es has 5",
    ],
    [
      "bytes that are missing",
      { encode: (_, sink) => sink.append(bytes.subarray(0, 3)) },
      encode,
      "encodes otherwise than protobuf-es: 3 bytes, protobuf-es has 11",
    ],
    [
      "a message that is refused",
      { encode: refuse },
      encode,
      "encodes otherwise than protobuf-es: protobuf-es takes it, we say: no",
    ],
    [
      "another value",
      { decode: () => ({ ...any, typeUrl: "x" }) },
      decode,
      'decodes otherwise than protobuf-es: typeUrl is "x", protobuf-es has "a.b/C"',
    ],
    [
      "bytes that are refused",
      { decode: refuse },
      decode,
      "decodes otherwise than protobuf-es: protobuf-es takes it, we say: no",
    ],
  ];
  for (const [what, wrong, act, text] of differences) {
    it(`tells ${what}`, () => {
      assert.throws(() => act(verifying(wrong)), { message: `the compiled codec of google.protobuf.Any ${text}` });
    });
  }

  it("tells what protobuf-es refuses", () => {
    const codec = verifying({ decode: () => any });
    assert.throws(() => codec.decode(Uint8Array.of(0xff), 0, 1, false), {
      message:
        /^the compiled codec of google.protobuf.Any decodes otherwise than protobuf-es: protobuf-es refuses it: /,
    });
  });

  it("fails as the codec does when both refuse", () => {
    const codec = createVerifyingCodec(DurationSchema, { encode: refuse, decode: refuse });
    assert.throws(() => codec.decode(Uint8Array.of(0xff), 0, 1, false), { message: "no" });
  });
});
