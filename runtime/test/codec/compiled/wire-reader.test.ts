import assert from "node:assert/strict";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import * as unpack from "../../../src/codec/compiled/unpack.js";
import { WireReader } from "../../../src/codec/compiled/wire-reader.js";

type Read = (r: WireReader) => unknown;
type ReadTheirs = (r: BinaryReader) => unknown;
type Write = (w: BinaryWriter, value: never) => unknown;
type Unpack = (r: WireReader, list: never[]) => void;

const int32s = [0, 1, -1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_456, 2 ** 31 - 1, -(2 ** 31)];
const uint32s = [0, 1, 127, 128, 16_384, 2_097_152, 268_435_456, 2 ** 31, 2 ** 32 - 1];
const int64s = [
  0n,
  1n,
  -1n,
  ...Array.from({ length: 10 }, (_, i) => 2n ** BigInt(7 * i) - 1n),
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const uint64s = [0n, ...Array.from({ length: 10 }, (_, i) => 2n ** BigInt(7 * i)), 2n ** 64n - 1n];
const floats = [0, -0, 1.5, -2.25, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const types: readonly [name: string, Read, ReadTheirs, Write, Unpack, values: unknown[]][] = [
  ["int32", (r) => r.int32(), (r) => r.int32(), (w, v) => w.int32(v), unpack.unpackInt32, int32s],
  ["uint32", (r) => r.uint32(), (r) => r.uint32(), (w, v) => w.uint32(v), unpack.unpackUint32, uint32s],
  ["sint32", (r) => r.sint32(), (r) => r.sint32(), (w, v) => w.sint32(v), unpack.unpackSint32, int32s],
  ["fixed32", (r) => r.fixed32(), (r) => r.fixed32(), (w, v) => w.fixed32(v), unpack.unpackFixed32, uint32s],
  ["sfixed32", (r) => r.sfixed32(), (r) => r.sfixed32(), (w, v) => w.sfixed32(v), unpack.unpackSfixed32, int32s],
  ["int64", (r) => r.int64(), (r) => r.int64(), (w, v) => w.int64(v), unpack.unpackInt64, int64s],
  ["uint64", (r) => r.uint64(), (r) => r.uint64(), (w, v) => w.uint64(v), unpack.unpackUint64, uint64s],
  ["sint64", (r) => r.sint64(), (r) => r.sint64(), (w, v) => w.sint64(v), unpack.unpackSint64, int64s],
  ["fixed64", (r) => r.fixed64(), (r) => r.fixed64(), (w, v) => w.fixed64(v), unpack.unpackFixed64, uint64s],
  ["sfixed64", (r) => r.sfixed64(), (r) => r.sfixed64(), (w, v) => w.sfixed64(v), unpack.unpackSfixed64, int64s],
  ["float", (r) => r.float(), (r) => r.float(), (w, v) => w.float(v), unpack.unpackFloat, floats],
  ["double", (r) => r.double(), (r) => r.double(), (w, v) => w.double(v), unpack.unpackDouble, [...floats, 5e-324]],
  ["bool", (r) => r.bool(), (r) => r.bool(), (w, v) => w.bool(v), unpack.unpackBool, [true, false]],
];

/** A reader of bytes amid others, as received messages lie. */
function readerOf(bytes: Uint8Array, alias = false): WireReader {
  const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(12, 0x7f)]);
  return new WireReader("a.M", around, 3, 3 + bytes.length, alias);
}

function bytesOf(write: (w: BinaryWriter) => unknown): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

describe("compiled decoders read", () => {
  for (const [name, read, readTheirs, write, unpackList, values] of types) {
    it(`a ${name}`, () => {
      for (const value of values as never[]) {
        const bytes = bytesOf((w) => write(w, value));
        const r = readerOf(bytes);
        assert.deepEqual(read(r), value);
        assert.deepEqual(read(readerOf(bytes)), readTheirs(new BinaryReader(bytes)));
        r.leave(r.limit, -1);
      }
    });

    it(`a packed list of ${name}, behind what the list has`, () => {
      for (const length of [0, 1, 63, 64, 65, 1000]) {
        const list = Array.from({ length }, (_, i) => values[i % values.length]);
        const bytes = bytesOf((w) => {
          w.fork();
          for (const value of list) write(w, value as never);
          w.join();
        });
        const found = [values[0]] as never[];
        const r = readerOf(bytes);
        unpackList(r, found);
        assert.deepEqual(found, [values[0], ...list]);
        r.leave(r.limit, -1);
      }
    });

    it(`no ${name} that is cut off`, () => {
      const bytes = bytesOf((w) => write(w, (values.at(-2) ?? values[0]) as never));
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        const run = () => {
          const r = readerOf(cut);
          read(r);
          r.leave(r.limit, -1);
        };
        assert.throws(run, /^Error: a\.M: .* at byte \d+ of \d+$/, `${length} bytes`);
        const packed = bytesOf((w) => w.bytes(cut));
        const unpackCut = () => {
          const r = readerOf(packed);
          unpackList(r, []);
          r.leave(r.limit, -1);
        };
        if (length > 0) assert.throws(unpackCut, /^Error: a\.M: /, `packed, ${length} bytes`);
      }
    });
  }

  it("numbers of 32 bits from varints of up to ten bytes, and no longer ones", () => {
    const padded = (zeros: number) => Uint8Array.of(0x85, ...Array<number>(zeros).fill(0x80), 0x00);
    for (let zeros = 0; zeros <= 8; zeros++) {
      assert.equal(readerOf(padded(zeros)).int32(), 5);
      assert.equal(readerOf(padded(zeros)).uint64(), 5n);
      assert.equal(readerOf(padded(zeros)).bool(), true);
    }
    for (const read of types.slice(0, 3).map((type) => type[1])) {
      assert.throws(() => read(readerOf(padded(9))), {
        message: "a.M: a varint has more than 10 bytes at byte 0 of 11",
      });
    }
    assert.throws(() => readerOf(padded(9)).int64(), {
      message: "a.M: a varint has more than 10 bytes at byte 0 of 11",
    });
    assert.equal(readerOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)).uint32(), 2 ** 32 - 1);
  });

  it("text of every length", () => {
    for (let length = 0; length <= 40; length++) {
      const ascii = Array.from({ length }, (_, i) => String.fromCharCode(0x21 + i)).join("");
      for (const text of [ascii, `${ascii}\u00e9`, `\ufffd${ascii}`]) {
        const bytes = bytesOf((w) => w.string(text));
        assert.equal(readerOf(bytes).string(), text);
        assert.equal(readerOf(bytes).laxString(), text);
      }
    }
  });

  it("malformed text only where it may be", () => {
    for (const [hex, text] of [
      ["02c328", "\ufffd("],
      ["01ff", "\ufffd"],
      ["02c080", "\ufffd\ufffd"],
      ["03eda080", "\ufffd\ufffd\ufffd"],
      [`14${"61".repeat(19)}ff`, `${"a".repeat(19)}\ufffd`],
    ] as const) {
      const bytes = Buffer.from(hex, "hex");
      assert.equal(readerOf(bytes).laxString(), text);
      assert.throws(() => readerOf(bytes).string(), {
        message: `a.M: a string is not valid UTF-8 at byte 1 of ${bytes.length}`,
      });
    }
  });

  it("bytes as views only where those are worth what they keep alive", () => {
    const large = Buffer.alloc(20_000, 1);
    const bytes = bytesOf((w) => w.bytes(large));
    const lies = (alias: boolean, around: number) => {
      const input = Buffer.concat([bytes, Buffer.alloc(around)]);
      const r = new WireReader("a.M", new Uint8Array(input), 0, bytes.length, alias);
      return r.bytes().buffer === r.input.buffer;
    };
    assert.equal(lies(true, 0), true);
    assert.equal(lies(true, 3 * 19_900), true);
    assert.equal(lies(true, 3 * 20_100), false);
    assert.equal(lies(false, 0), false);
  });
});
