import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { EditionSchema } from "../../gen/godwit/testing/codec/v1/edition2023_pb.js";
import { DefaultsSchema, LegacySchema } from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import { JsTypesSchema, OneofsSchema, ScalarsSchema } from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { bytes, decode, encode, encodeInit, len, refuseToEncode, varint } from "./against-protobuf-es.js";

describe("codec traps: values", () => {
  describe("4, 64 bits", () => {
    const edges = [0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];

    it("are bigint to the last bit", () => {
      for (const value of edges) {
        const unsigned = BigInt.asUintN(64, value);
        const init = { int64: value, sint64: value, sfixed64: value, uint64: unsigned, fixed64: unsigned };
        const message = decode(ScalarsSchema, encodeInit(ScalarsSchema, init));
        assert.deepEqual(
          [message.int64, message.sint64, message.sfixed64, message.uint64, message.fixed64],
          [value, value, value, unsigned, unsigned],
        );
      }
    });

    it("are text where jstype says so: singular, optional, repeated, in a oneof and as a default", () => {
      for (const value of edges.map(String)) {
        const init = {
          text: value,
          texts: [value, "0"],
          optionalText: value,
          choice: { case: "choiceText" as const, value },
        };
        const message = decode(JsTypesSchema, encodeInit(JsTypesSchema, init));
        assert.deepEqual(
          [message.text, message.texts, message.optionalText, message.choice.value],
          [value, [value, "0"], value, value],
        );
      }
      const unsigned = decode(
        JsTypesSchema,
        encodeInit(JsTypesSchema, { unsignedText: "18446744073709551615", fixedTexts: ["1"] }),
      );
      assert.deepEqual([unsigned.unsignedText, unsigned.fixedTexts], ["18446744073709551615", ["1"]]);
      const empty = decode(JsTypesSchema, []);
      assert.deepEqual([empty.text, empty.normal, empty.number], ["0", 0n, 0n]);
      assert.equal(decode(DefaultsSchema, []).text64, "7");
      assert.equal(decode(EditionSchema, []).implicitString64, "0");
      assert.equal(decode(LegacySchema, 0xf8, 0x01, 5).text64, "5");
    });

    it("of a map are bigint whatever jstype says of fields", () => {
      const { map } = decode(JsTypesSchema, len(10, 0x08, 1, 0x10, 2));
      assert.deepEqual(map, { 1: 2n });
    });

    it("beyond the range are refused, and not wrapped", () => {
      for (const init of [{ int64: 2n ** 63n }, { uint64: 2n ** 64n }, { uint64: -1n }, { sfixed64: 2n ** 63n }]) {
        refuseToEncode(ScalarsSchema, create(ScalarsSchema, init));
      }
      for (const text of ["9223372036854775808", "-9223372036854775809", "1e3", "x"]) {
        refuseToEncode(JsTypesSchema, create(JsTypesSchema, { text }));
      }
    });
  });

  describe("5, oneofs", () => {
    it("are a fresh object for each that is set, with case and value in this order", () => {
      const [one, other] = [decode(OneofsSchema, 0x08, 5), decode(OneofsSchema, 0x08, 5)];
      assert.deepEqual(Object.entries(one.choice), [
        ["case", "int32"],
        ["value", 5],
      ]);
      assert.notEqual(one.choice, other.choice);
      const [none, another] = [decode(OneofsSchema, []), decode(OneofsSchema, [])];
      assert.deepEqual(Object.entries(none.choice), [["case", undefined]]);
      assert.notEqual(none.choice, another.choice);
      assert.notEqual(none.choice, none.other);
    });

    it("write zeros", () => {
      assert.deepEqual(encodeInit(OneofsSchema, { choice: { case: "int32", value: 0 } }), bytes(0x08, 0));
      assert.deepEqual(encodeInit(OneofsSchema, { choice: { case: "string", value: "" } }), bytes(0x72, 0));
      assert.deepEqual(encodeInit(OneofsSchema, { choice: { case: "bytes", value: bytes() } }), bytes(0x7a, 0));
      assert.deepEqual(encodeInit(OneofsSchema, { choice: { case: "double", value: 0 } }).length, 9);
    });

    it("keep the case that comes last", () => {
      const message = decode(OneofsSchema, 0x08, 5, len(14, "x"), 0x68, 1);
      assert.deepEqual(message.choice, { case: "bool", value: true });
    });

    it("merge a message that comes again, unless another case was between", () => {
      const merged = decode(OneofsSchema, len(17, len(1, "a")), len(17, 0x10, 5));
      assert.deepEqual(
        [merged.choice.case, merged.choice.value],
        ["leaf", { $typeName: "godwit.testing.codec.v1.Leaf", text: "a", number: 5 }],
      );
      const replaced = decode(OneofsSchema, len(17, len(1, "a")), 0x08, 1, len(17, 0x10, 5));
      assert.deepEqual(replaced.choice.value, { $typeName: "godwit.testing.codec.v1.Leaf", text: "", number: 5 });
      const elsewhere = decode(OneofsSchema, len(17, len(1, "a")), len(31, len(1, "b")), len(17, 0x10, 5));
      assert.equal(elsewhere.choice.case, "leaf");
    });

    it("are written in the order of numbers, other fields between their members", () => {
      const init = {
        other: { case: "otherLeaf", value: { number: 1 } },
        behind: "b",
        choice: { case: "tree", value: {} },
      } as const;
      const [first, second] = [encodeInit(OneofsSchema, init), bytes(0x92, 0x01, 0, len(25, "b"), len(31, 0x10, 1))];
      assert.deepEqual(first, second);
      encode(OneofsSchema, decode(OneofsSchema, len(31, 0x10, 1), len(25, "b")));
    });

    it("with a case that nobody knows are written as if they were not set", () => {
      const message = create(OneofsSchema);
      Object.assign(message, { choice: { case: "noSuch", value: 1 } });
      assert.deepEqual(encode(OneofsSchema, message), bytes());
    });

    it("have groups, closed enums and text of 64 bits as members", () => {
      const group = decode(LegacySchema, varint(28 * 8 + 3), 0x08, 1, varint(28 * 8 + 4));
      assert.deepEqual([group.choice.case, encode(LegacySchema, group).length], ["choicegroup", 6]);
      const closed = decode(LegacySchema, 0xd0, 0x01, 2);
      assert.deepEqual(closed.choice, { case: "choiceSize", value: 2 });
    });
  });
});
