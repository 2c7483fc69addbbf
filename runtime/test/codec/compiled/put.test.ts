import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import * as pack from "../../../src/codec/compiled/pack.js";
import { putFixed64, putInt64, putSfixed64, putSint64, putUint64 } from "../../../src/codec/compiled/put-int64.js";
import {
  putBool,
  putDouble,
  putFixed32,
  putFloat,
  putInt32,
  putSfixed32,
  putSint32,
  putUint32,
} from "../../../src/codec/compiled/put-scalar.js";
import { putBytes, putString } from "../../../src/codec/compiled/put-text.js";
import { ArraySink } from "../array-sink.js";

type Write = (w: BinaryWriter, value: never) => unknown;
type Put = (w: ArraySink, tag: number, value: never) => void;
type Pack = (w: ArraySink, tag: number, list: never) => void;

const int32s = [
  0,
  -0,
  1,
  -1,
  127,
  128,
  300,
  16_383,
  16_384,
  2_097_152,
  268_435_456,
  2 ** 31 - 1,
  -(2 ** 31),
  "7",
  "-1",
];
const uint32s = [0, 1, 127, 128, 16_384, 2 ** 31, 2 ** 32 - 1, "4294967295"];
const int64s = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  2n ** 31n,
  2n ** 32n,
  -(2n ** 32n),
  2n ** 35n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  "12",
  7,
];
const uint64s = [0n, 1n, 300n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, "18446744073709551615", 7];
const floats = [
  0,
  -0,
  1.5,
  -2.25,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  3.4028234663852886e38,
  "1.5",
  "NaN",
];
const doubles = [...floats, 5e-324, 1.7976931348623157e308];

/** A type: how we write one and many, how protobuf-es does, what is written, what is refused. */
const types: readonly [name: string, put: Put, pack: Pack, write: Write, values: unknown[], refused: unknown[]][] = [
  [
    "int32",
    putInt32,
    pack.packInt32,
    (w, v) => w.int32(v),
    int32s,
    [2 ** 31, -(2 ** 31) - 1, 1.5, Number.NaN, "x", 1n, null],
  ],
  [
    "uint32",
    putUint32,
    pack.packUint32,
    (w, v) => w.uint32(v),
    uint32s,
    [2 ** 32, -1, 0.5, Number.NaN, "x", undefined],
  ],
  ["sint32", putSint32, pack.packSint32, (w, v) => w.sint32(v), int32s, [2 ** 31, 1.5, {}]],
  ["fixed32", putFixed32, pack.packFixed32, (w, v) => w.fixed32(v), uint32s, [2 ** 32, -1]],
  ["sfixed32", putSfixed32, pack.packSfixed32, (w, v) => w.sfixed32(v), int32s, [2 ** 31, 1.5]],
  ["int64", putInt64, pack.packInt64, (w, v) => w.int64(v), int64s, [2n ** 63n, -(2n ** 63n) - 1n, 1.5, "x"]],
  ["uint64", putUint64, pack.packUint64, (w, v) => w.uint64(v), uint64s, [2n ** 64n, -1n, "-1"]],
  ["sint64", putSint64, pack.packSint64, (w, v) => w.sint64(v), int64s, [2n ** 63n]],
  ["fixed64", putFixed64, pack.packFixed64, (w, v) => w.fixed64(v), uint64s, [2n ** 64n, -1n]],
  ["sfixed64", putSfixed64, pack.packSfixed64, (w, v) => w.sfixed64(v), int64s, [2n ** 63n]],
  ["float", putFloat, pack.packFloat, (w, v) => w.float(v), floats, [3.5e38, -1e300, "x", "1e39", 1n, null]],
  ["double", putDouble, pack.packDouble, (w, v) => w.double(v), doubles, [1n]],
  ["bool", putBool, pack.packBool, (w, v) => w.bool(v), [true, false], []],
];

function sinkWith(write: (sink: ArraySink) => void): string {
  const sink = new ArraySink();
  write(sink);
  return sink.written().toString("hex");
}

function expected(write: (writer: BinaryWriter) => unknown): string {
  const writer = new BinaryWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString("hex");
}

describe("compiled encoders write", () => {
  for (const [name, put, packed, write, values, refused] of types) {
    it(`a ${name} as protobuf-es does, behind tags of every width`, () => {
      for (const value of values as never[]) {
        for (const tag of [8, 128, 2 ** 14, 2 ** 21, 2 ** 28, 2 ** 32 - 8]) {
          const theirs = expected((w) => write(w.uint32(tag), value));
          assert.equal(
            sinkWith((w) => put(w, tag, value)),
            theirs,
            `${value}`,
          );
        }
      }
    });

    it(`a packed list of ${name} as protobuf-es does, whatever its length`, () => {
      for (const length of [0, 1, 2, 63, 64, 65, 200, 3000]) {
        const list = Array.from({ length }, (_, i) => values[i % values.length]) as never[];
        const theirs = expected((w) => {
          if (length === 0) return;
          w.uint32(10).fork();
          for (const value of list) write(w, value);
          w.join();
        });
        assert.equal(
          sinkWith((w) => packed(w, 10, list as never)),
          theirs,
          `${length} numbers`,
        );
      }
    });

    it(`no ${name} that is none`, () => {
      for (const value of refused as never[]) {
        assert.throws(() => put(new ArraySink(), 8, value), Error, `${name} ${String(value)}`);
        assert.throws(() => packed(new ArraySink(), 8, [value] as never), Error, `packed ${name} ${String(value)}`);
        assert.throws(() => write(new BinaryWriter(), value), Error, `protobuf-es takes ${name} ${String(value)}`);
      }
    });
  }

  it("text as protobuf-es does, of every length and width, and whole where it is long", () => {
    const units = ["a", "\u00e9", "\u20ac", "\ud83d\ude00", "\ud800", "\udc00", "\0", "\ufeff"];
    const lengths = [0, 1, 5, 17, 18, 19, 42, 43, 63, 64, 127, 128, 682, 2047, 2048, 2049, 5461, 16_384, 100_000];
    for (const unit of units) {
      for (const length of lengths) {
        for (const text of [unit.repeat(length), `${"x".repeat(length)}${unit}`, `${unit}${"x".repeat(length)}`]) {
          const ours = sinkWith((w) => putString(w, 10, text));
          assert.ok(ours === expected((w) => w.uint32(10).string(text)), `${JSON.stringify(unit)} and ${length}`);
        }
      }
    }
  });

  it("text of what is no text, as protobuf-es does", () => {
    for (const value of [undefined, 1, true] as unknown as string[]) {
      assert.equal(
        sinkWith((w) => putString(w, 10, value)),
        expected((w) => w.uint32(10).string(value)),
      );
    }
  });

  it("bytes of any Uint8Array, also of one from another realm, and of nothing else", () => {
    for (const length of [0, 1, 32, 33, 127, 128, 5000]) {
      const value = new Uint8Array(length).map((_, i) => i);
      assert.equal(
        sinkWith((w) => putBytes(w, 10, value)),
        expected((w) => w.uint32(10).bytes(value)),
      );
    }
    assert.equal(
      sinkWith((w) => putBytes(w, 10, Buffer.of(1))),
      "0a0101",
    );
    for (const value of [undefined, null, "ab", [1, 2], new Uint16Array(2), new ArrayBuffer(2), {}]) {
      assert.throws(() => putBytes(new ArraySink(), 10, value as never), {
        name: "TypeError",
        message: /^invalid bytes: .*expected a Uint8Array$/,
      });
    }
  });
});
