import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { EditionSchema } from "../../gen/godwit/testing/codec/v1/edition2023_pb.js";
import { LegacySchema } from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import {
  ListsSchema,
  MapsSchema,
  ScalarsSchema,
  TreeSchema,
  UnpackedListsSchema,
} from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { bytes, decode, encode, encodeInit, len, refuse, varint } from "./against-protobuf-es.js";

const leaf = "godwit.testing.codec.v1.Leaf";

describe("codec traps: collections", () => {
  describe("6, maps", () => {
    it("give a missing key or value its zero", () => {
      const { int32Int32, stringBytes, stringLeaf, boolBool, stringColor } = decode(
        MapsSchema,
        ...[len(1), len(1, 0x08, 1), len(1, 0x10, 2), len(13), len(17, len(1, "k")), len(11), len(16)],
      );
      assert.deepEqual(int32Int32, { 0: 2, 1: 0 });
      assert.deepEqual([boolBool, stringColor], [{ false: false }, { "": 0 }]);
      assert.deepEqual(stringBytes, { "": bytes() });
      assert.deepEqual(stringLeaf, { k: { $typeName: leaf, text: "", number: 0 } });
      assert.equal(decode(LegacySchema, len(24, len(1, "k"))).mapWeights["k"], 0);
    });

    it("do not share a zero between entries", () => {
      const { stringLeaf } = decode(MapsSchema, len(17, len(1, "a")), len(17, len(1, "b")));
      assert.notEqual(stringLeaf["a"], stringLeaf["b"]);
    });

    it("keep the last of equal keys, at the place of the first", () => {
      const { stringString } = decode(
        MapsSchema,
        ...["a", "b", "a"].map((key, i) => len(12, len(1, key), len(2, String(i)))),
      );
      assert.deepEqual(Object.entries(stringString), [
        ["a", "2"],
        ["b", "1"],
      ]);
      const { stringLeaf } = decode(
        MapsSchema,
        len(17, len(1, "a"), len(2, len(1, "x"))),
        len(17, len(1, "a"), len(2, 0x10, 1)),
      );
      assert.deepEqual(stringLeaf["a"], { $typeName: leaf, text: "", number: 1 });
    });

    it("merge a value that comes twice in one entry, and keep the last key", () => {
      const { stringLeaf } = decode(
        MapsSchema,
        len(17, len(1, "a"), len(2, len(1, "x")), len(1, "b"), len(2, 0x10, 1)),
      );
      assert.deepEqual(stringLeaf, { b: { $typeName: leaf, text: "x", number: 1 } });
    });

    it("take value before key, and skip what else is in an entry", () => {
      const group = [0x1b, 0x08, 1, 0x1c];
      const { stringString } = decode(MapsSchema, len(12, len(2, "v"), 0x18, 5, len(9, "?"), group, len(1, "k")));
      assert.deepEqual(stringString, { k: "v" });
    });

    it("have __proto__ and members of Object.prototype as keys like any other", () => {
      const keys = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
      const { stringString, stringLeaf } = decode(
        MapsSchema,
        ...keys.flatMap((key) => [len(12, len(1, key), len(2, "v")), len(17, len(1, key), len(2, 0x10, 1))]),
      );
      assert.deepEqual([Object.keys(stringString), Object.keys(stringLeaf)], [keys, keys]);
      assert.equal(Object.getPrototypeOf(stringString), Object.prototype);
      assert.equal(Object.getPrototypeOf(stringLeaf), Object.prototype);
      const again = create(MapsSchema);
      again.stringString = stringString;
      again.stringLeaf = stringLeaf;
      assert.ok(Buffer.from(encode(MapsSchema, again)).includes("__proto__"));
    });

    it("have keys of every type as text", () => {
      const message = decode(
        MapsSchema,
        ...[len(1, 0x08, varint(-1)), len(2, 0x08, varint(-(2n ** 63n))), len(4, 0x08, varint(2n ** 64n - 1n))],
        ...[len(5, 0x08, 1), len(7, 0x0d, 255, 255, 255, 255), len(8, 0x09, Buffer.alloc(8, 255)), len(11, 0x08, 1)],
        ...[len(9, 0x0d, 255, 255, 255, 255), len(10, 0x09, Buffer.alloc(8, 255))],
      );
      const { int32Int32, int64Int64, uint64Uint64, sint32Sint32, fixed32Fixed32, fixed64Fixed64, boolBool } = message;
      assert.deepEqual([int32Int32, int64Int64, uint64Uint64, sint32Sint32].map(Object.keys), [
        ["-1"],
        ["-9223372036854775808"],
        ["18446744073709551615"],
        ["-1"],
      ]);
      assert.deepEqual(
        [fixed32Fixed32, fixed64Fixed64, message.sfixed32Sfixed32, message.sfixed64Sfixed64, boolBool].map(Object.keys),
        [["4294967295"], ["18446744073709551615"], ["-1"], ["-1"], ["true"]],
      );
      encode(MapsSchema, message);
    });

    it("write key and value even where they are zero", () => {
      assert.deepEqual(encodeInit(MapsSchema, { stringString: { "": "" } }), len(12, 0x0a, 0, 0x12, 0));
      assert.deepEqual(encodeInit(MapsSchema, { boolBool: { false: false } }), len(11, 0x08, 0, 0x10, 0));
      assert.deepEqual(encodeInit(MapsSchema, { stringLeaf: { a: {} } }), len(17, len(1, "a"), 0x12, 0));
    });

    it("nest in messages of their own type", () => {
      const tree = decode(TreeSchema, len(5, len(1, "a"), len(2, len(5, len(1, "b"), len(2, len(1, "name"))))));
      assert.equal(tree.named["a"]?.named["b"]?.name, "name");
      encode(TreeSchema, tree);
    });
  });

  describe("7, repeated fields", () => {
    const numbers = ["int32", "int64", "uint32", "uint64", "sint32", "sint64"] as const;

    it("are read packed and one by one, whatever the declaration says, and mixed", () => {
      for (const schema of [ListsSchema, UnpackedListsSchema]) {
        for (const [i, name] of numbers.entries()) {
          const no = i + 1;
          const message = decode(schema, len(no, 2, 4), no * 8, 6, len(no), len(no, 8), no * 8, 0xfe, 0x01);
          assert.equal((message as never)[name]["length"], 5, name);
        }
        const fixed = decode(
          schema,
          len(7, Buffer.alloc(8, 1)),
          0x3d,
          1,
          2,
          3,
          4,
          len(12, Buffer.alloc(16)),
          0x61,
          Buffer.alloc(8),
        );
        assert.deepEqual([fixed.fixed32.length, fixed.double.length], [3, 3]);
        const bools = decode(schema, len(13, 1, 0, 0x80, 0x01), 0x68, 2);
        assert.deepEqual(bools.bool, [true, false, true, true]);
        assert.deepEqual(decode(schema, len(16, 1, varint(-3)), 0x80, 0x01, 99).color, [1, -3, 99]);
      }
    });

    it("are written as they are declared", () => {
      assert.deepEqual(encodeInit(ListsSchema, { int32: [1, 2] }), len(1, 1, 2));
      assert.deepEqual(encodeInit(UnpackedListsSchema, { int32: [1, 2] }), bytes(0x08, 1, 0x08, 2));
      assert.deepEqual(
        encodeInit(LegacySchema, { numbers: [1], packedNumbers: [2] }),
        bytes(0xa8, 0x01, 1, len(22, 2)),
      );
      assert.deepEqual(encodeInit(EditionSchema, { packed: [1], expanded: [1] }), bytes(len(13, 2), 0x70, 2));
      for (const schema of [ListsSchema, UnpackedListsSchema]) {
        const init = {
          ...{
            int32: [-1, 0, 1],
            int64: [-1n, 0n],
            uint32: [300],
            uint64: [2n ** 63n],
            sint32: [-1],
            sint64: [-(2n ** 63n)],
          },
          ...{
            fixed32: [1],
            fixed64: [1n],
            sfixed32: [-1],
            sfixed64: [-1n],
            float: [0.5, -0],
            double: [0.1],
            bool: [true],
          },
          color: [-3],
        };
        encodeInit(schema, init);
      }
      assert.deepEqual(encodeInit(ListsSchema, { int32: [], string: [], leaf: [] }), bytes());
    });

    it("are written packed with lengths of every width", () => {
      for (const length of [63, 64, 127, 128, 8191, 8192, 16383, 16384, 70_000]) {
        encodeInit(ListsSchema, { bool: Array<boolean>(length).fill(true), int32: Array<number>(length).fill(-1) });
        encodeInit(ListsSchema, {
          double: Array<number>(length).fill(0.1),
          uint64: Array<bigint>(length).fill(2n ** 63n),
        });
      }
    });

    it("go on where a message comes again; messages merge, of scalars the last stays", () => {
      const inner = (text: string, number: number) => len(2, len(1, text), len(8, len(1, number), len(14, text)));
      const { left } = decode(TreeSchema, inner("a", 1), inner("b", 2), len(2, len(7, 0x08, 3)));
      assert.deepEqual(
        [left?.name, left?.lists?.int32, left?.lists?.string, left?.optionals?.int32],
        ["b", [1, 2], ["a", "b"], 3],
      );
      assert.equal(decode(ScalarsSchema, 0x08, 1, 0x08, 2).int32, 2);
      assert.deepEqual(decode(ScalarsSchema, len(17, len(1, "a")), len(17, 0x10, 5)).leaf, {
        $typeName: leaf,
        text: "a",
        number: 5,
      });
    });

    it("are refused where an element is cut off", () => {
      refuse(ListsSchema, len(1, 0x80));
      refuse(ListsSchema, len(7, 1, 2, 3));
      refuse(ListsSchema, len(12, Buffer.alloc(7)));
      refuse(ListsSchema, 0x0a, 5, 1);
    });
  });
});
