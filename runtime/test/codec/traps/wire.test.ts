import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { LegacySchema } from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import {
  LeafSchema,
  ListsSchema,
  MapsSchema,
  ScalarsSchema,
  TreeSchema,
} from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { encoded } from "../fuzz/differential.js";
import { subjectOf } from "../fuzz/subjects.js";
import { bytes, decode, encodeInit, len, ourDecode, refuse, refusedByUs, varint } from "./against-protobuf-es.js";

describe("codec traps: the wire", () => {
  describe("13, varints and tags", () => {
    it("tags may take five bytes and no more than 32 bits", () => {
      assert.equal(decode(ScalarsSchema, 0x88, 0x80, 0x80, 0x80, 0x00, 7).int32, 7);
      for (const tag of [
        [0x88, 0x80, 0x80, 0x80, 0x10],
        [0x88, 0x80, 0x80, 0x80, 0x80, 0x00],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      ]) {
        refuse(ScalarsSchema, tag, 7);
        refuse(TreeSchema, len(2, tag, 7));
        refuse(MapsSchema, len(1, tag, 7));
        refuse(ScalarsSchema, varint(900 * 8 + 3), tag, 7, varint(900 * 8 + 4));
      }
    });

    it("field 0 and the wire types 6 and 7 are refused, in entries of maps and unknown groups too", () => {
      const tags = [0x00, 0x01, 0x02, 0x05, 0x0e, 0x0f, 0x06, 0x07];
      for (const tag of tags) {
        const record = [tag, 0, 0, 0, 0, 0, 0, 0, 0];
        refuse(ScalarsSchema, record);
        refuse(TreeSchema, len(2, record));
        refuse(MapsSchema, len(1, record));
        refuse(ScalarsSchema, varint(900 * 8 + 3), record, varint(900 * 8 + 4));
        refuse(LegacySchema, varint(17 * 8 + 3), record, varint(17 * 8 + 4));
      }
    });

    it("numbers of 32 bits are read from ten bytes, and cut to 32 bits", () => {
      assert.equal(decode(ScalarsSchema, 0x08, varint(-5)).int32, -5);
      assert.equal(decode(ScalarsSchema, 0x18, varint(2n ** 40n + 5n)).uint32, 5);
      assert.equal(decode(ScalarsSchema, 0x28, varint(2n ** 33n + 3n)).sint32, -2);
      assert.equal(decode(ScalarsSchema, 0x08, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00).int32, 5);
      assert.equal(decode(ListsSchema, len(1, varint(-1), varint(2n ** 63n))).int32.length, 2);
    });

    it("a bool is true for any bit of 64", () => {
      for (const value of [1, 2, 128, 2n ** 32n, 2n ** 63n])
        assert.equal(decode(ScalarsSchema, 0x68, varint(value)).bool, true);
      assert.equal(decode(ScalarsSchema, 0x68, 0x80, 0x80, 0x00).bool, false);
      assert.deepEqual(decode(ListsSchema, len(13, varint(2n ** 40n), 0x80, 0x00)).bool, [true, false]);
    });

    it("a varint of more than ten bytes is refused", () => {
      const long = [...Array(10).fill(0x80), 0x01] as number[];
      for (const no of [1, 2, 3, 4, 5, 6, 13, 16]) {
        refuse(ScalarsSchema, varint(no * 8), long);
        refuse(ListsSchema, len(no, long));
      }
      // In an unknown field protobuf-es takes it.
      refusedByUs(ScalarsSchema, bytes(varint(900 * 8), long));
    });

    it("whatever is cut off is refused, at every byte of a message with everything", () => {
      const whole = encodeInit(TreeSchema, {
        name: "name",
        left: {
          name: "left",
          scalars: { int32: -1, double: 1, fixed32: 1, bytes: bytes(1, 2, 3), leaf: { text: "x" } },
        },
        named: { k: { name: "v" } },
        lists: { int32: [1, 300], double: [1], string: ["a"], leaf: [{}] },
        maps: { stringString: { a: "b" }, int64Int64: { "1": 2n } },
        oneofs: { choice: { case: "leaf", value: { text: "t" } } },
      });
      decode(TreeSchema, whole);
      let refused = 0;
      for (let end = 0; end < whole.length; end++) {
        const cut = whole.subarray(0, end);
        try {
          decode(TreeSchema, cut);
        } catch {
          refuse(TreeSchema, cut);
          refused += 1;
        }
      }
      assert.ok(refused > whole.length * 0.9, `${refused} of ${whole.length}`);
    });

    it("a length beyond the end is refused before memory is made for it", () => {
      for (const length of [2, 0x7f, 0xffff, 0x7fff_ffff, 0xffff_ffff, 2n ** 40n + 5n]) {
        for (const no of [14, 15, 17]) refuse(ScalarsSchema, varint(no * 8 + 2), varint(length), 1);
        for (const no of [1, 7, 8, 14, 15, 17]) refuse(ListsSchema, varint(no * 8 + 2), varint(length), 1);
        refuse(MapsSchema, varint(12 * 8 + 2), varint(length), 1);
        refuse(ScalarsSchema, varint(900 * 8 + 2), varint(length), 1);
      }
    });

    it("a message of another type is refused, one that looks like it is taken", () => {
      const { codec } = subjectOf(LeafSchema.typeName.replace("Leaf", "Scalars"));
      assert.throws(() => encoded({ desc: ScalarsSchema, codec }, create(LeafSchema)), {
        name: "TypeError",
        message: /Leaf.*Scalars/,
      });
      for (const none of [null, undefined, 5, "text", [], {}]) {
        assert.throws(() => encoded({ desc: ScalarsSchema, codec }, none as never), TypeError);
      }
      const nested = create(TreeSchema, { name: "a" });
      Object.assign(nested, { left: create(LeafSchema, { text: "not a tree" }) });
      const tree = subjectOf(TreeSchema.typeName);
      assert.throws(() => encoded(tree, nested), /Leaf/);
    });

    it("an error says where: type, byte and size", () => {
      assert.match(
        refusedByUs(TreeSchema, bytes(len(1, "ok"), 0x12, 9, 1)).message,
        /godwit\.testing\.codec\.v1\.Tree: .* at byte 5 of 7/,
      );
    });
  });

  describe("a known field of another wire type", () => {
    it("is kept as unknown, as in C++ and Go", () => {
      const message = ourDecode(ScalarsSchema, bytes(len(1, "abc"), 0x70, 5, 0x0d, 1, 2, 3, 4, 0x08, 9));
      assert.equal(message.int32, 9);
      assert.equal(message.string, "");
      assert.deepEqual(
        message.$unknown?.map(({ no, wireType }) => [no, wireType]),
        [
          [1, 2],
          [14, 0],
          [1, 5],
        ],
      );
    });

    it("is skipped in an entry of a map", () => {
      assert.deepEqual(ourDecode(MapsSchema, len(1, len(1, "x"), 0x08, 5, len(2, "y"), 0x10, 6)).int32Int32, { 5: 6 });
    });

    it("that would be a group where a message is expected, and the other way round, is kept too", () => {
      const group = ourDecode(TreeSchema, bytes(0x13, 0x08, 1, 0x14, len(1, "n")));
      assert.deepEqual([group.name, group.left, group.$unknown?.length], ["n", undefined, 1]);
      const message = ourDecode(LegacySchema, len(17, 0x08, 1));
      assert.deepEqual([message.group, message.$unknown?.length], [undefined, 1]);
    });
  });

  describe("what ends behind the end of what it lies in", () => {
    it("is refused: a message, a list, an entry", () => {
      refusedByUs(TreeSchema, bytes(0x12, 2, 0x0a, 3, "abc"));
      refusedByUs(TreeSchema, bytes(0x12, 1, 0x0a, 1, "a"));
      refusedByUs(ListsSchema, bytes(0x0a, 1, 0x80, 0x01, 0x08, 1));
      refusedByUs(ListsSchema, bytes(0x3a, 5, Buffer.alloc(8), 0x08, 1));
      refusedByUs(MapsSchema, bytes(0x62, 3, 0x0a, 3, "abc"));
      refusedByUs(MapsSchema, bytes(0x0a, 3, 0x08, 1, 0x10, 0x80, 0x01));
    });
  });
});
