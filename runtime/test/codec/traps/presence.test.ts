import assert from "node:assert/strict";
import { create, isFieldSet } from "@bufbuild/protobuf";
import {
  EditionRequiredSchema,
  EditionSchema,
  ImplicitOnlySchema,
} from "../../gen/godwit/testing/codec/v1/edition2023_pb.js";
import { NamesSchema } from "../../gen/godwit/testing/codec/v1/names_pb.js";
import { DefaultsSchema, LegacySchema, RequiredSchema, Size } from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import { NumbersSchema, OptionalsSchema, ScalarsSchema } from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { bytes, decode, encode, encodeInit, len, refuseToEncode } from "./against-protobuf-es.js";

describe("codec traps: presence", () => {
  describe("1, shape", () => {
    it("$typeName first, then the fields as they are declared, in plain objects of proto3", () => {
      const message = decode(NumbersSchema, 0x08, 1);
      assert.deepEqual(Object.keys(message), [
        ...["$typeName", "fifteen", "one", "sixteen", "twoThousandFortyEight", "huge", "larger", "largest"],
        ...["inBetween", "alias"],
      ]);
      assert.equal(Object.getPrototypeOf(message), Object.prototype);
      assert.equal(Object.getPrototypeOf(decode(ImplicitOnlySchema, [])), Object.prototype);
    });

    it("a prototype with the defaults in proto2 and editions, shared by all messages of a type", () => {
      const [one, other] = [decode(DefaultsSchema, []), decode(DefaultsSchema, 0x08, 1)];
      assert.equal(Object.getPrototypeOf(one), Object.getPrototypeOf(create(DefaultsSchema)));
      assert.equal(Object.getPrototypeOf(one), Object.getPrototypeOf(other));
      assert.deepEqual([one.int32, one.int64, one.uint64], [-42, -(2n ** 63n), 2n ** 64n - 1n]);
      assert.ok(Object.is(one.float, -0) && Number.isNaN(one.double) && one.infinite === Number.NEGATIVE_INFINITY);
      assert.deepEqual([one.bool, one.string, one.text64, one.size], [true, 'a"b\né', "7", Size.SMALL]);
      assert.deepEqual(one.bytes, Uint8Array.of(0, 255));
      assert.equal(other.int32, 1);
    });

    it("what is absent is not there, rather than undefined", () => {
      const message = decode(OptionalsSchema, 0x08, 0);
      assert.deepEqual(Object.keys(message), ["$typeName", "int32"]);
      assert.ok(!("leaf" in decode(ScalarsSchema, [])) && !Object.hasOwn(decode(DefaultsSchema, []), "int32"));
    });

    it("fields that come out of order, later ones first, do not change the order of keys", () => {
      const message = decode(ScalarsSchema, len(17, 0x10, 1), 0x80, 0x01, 5, 0x08, 1);
      assert.equal(Object.keys(message).at(-1), "leaf");
      const optional = decode(OptionalsSchema, 0x80, 0x01, 5, 0x08, 1);
      assert.deepEqual(Object.keys(optional), ["$typeName", "color", "int32"]);
    });
  });

  describe("2, presence on encode", () => {
    it("a zero that is set is written, one that is not is not", () => {
      assert.deepEqual(
        encodeInit(OptionalsSchema, { int32: 0, string: "", bool: false }),
        bytes(0x08, 0, 0x68, 0, 0x72, 0),
      );
      assert.deepEqual(encodeInit(OptionalsSchema, {}), bytes());
      assert.deepEqual(encodeInit(ScalarsSchema, { int32: 0, string: "", bool: false, bytes: bytes() }), bytes());
    });

    it("a default that is set is written, one that stands in the prototype is not", () => {
      assert.deepEqual(encodeInit(DefaultsSchema, { bool: true }), bytes(0x38, 1));
      assert.deepEqual(encode(DefaultsSchema, decode(DefaultsSchema, [])), bytes());
    });

    it("undefined in an own property is absent", () => {
      const message = create(OptionalsSchema, { int32: 1 });
      Object.assign(message, { int32: undefined, leaf: undefined });
      assert.deepEqual(encode(OptionalsSchema, message), bytes());
      const legacy = create(LegacySchema, { int32: 1 });
      Object.assign(legacy, { int32: undefined });
      assert.deepEqual(encode(LegacySchema, legacy), bytes());
    });

    it("fields may be called as what every object has", () => {
      const message = create(NamesSchema);
      Object.assign(message, { hasOwnProperty: "a", isPrototypeOf: "", toLocaleString: "", toString$: "b" });
      assert.deepEqual(encode(NamesSchema, message), bytes(len(1, "a"), len(6, "b")));
      const decoded = decode(NamesSchema, len(1, "a"), len(3, "c"), len(5, "d"));
      assert.deepEqual([decoded.hasOwnProperty, decoded.propertyIsEnumerable, decoded.constructor$], ["a", "c", "d"]);
      // Optional, and on Object.prototype: only what is the message's own counts.
      const absent = decode(NamesSchema, len(1, "a"));
      assert.deepEqual(encode(NamesSchema, absent), len(1, "a"));
    });

    it("required fields have to be there", () => {
      const child = { flag: true };
      const complete = { number: 0, text: "", bytes: bytes(), size: Size.MEDIUM, child, double: 0 };
      encodeInit(RequiredSchema, complete);
      for (const key of Object.keys(complete)) {
        const message = create(RequiredSchema, complete);
        Reflect.deleteProperty(message, key);
        assert.match(refuseToEncode(RequiredSchema, message).message, new RegExp(`${key}.*required`));
      }
      assert.match(refuseToEncode(EditionRequiredSchema, create(EditionRequiredSchema)).message, /number.*required/);
      // Read without them: a message in part is better than none (protobuf-es does the same).
      assert.ok(!Object.hasOwn(decode(RequiredSchema, 0x08, 1), "text"));
    });
  });

  describe("3, zeros of implicit presence", () => {
    it("negative zero is written, zero is not", () => {
      assert.deepEqual(
        encodeInit(ScalarsSchema, { float: -0, double: -0 }),
        bytes(0x5d, 0, 0, 0, 0x80, 0x61, 0, 0, 0, 0, 0, 0, 0, 0x80),
      );
      assert.ok(Object.is(decode(ScalarsSchema, 0x61, 0, 0, 0, 0, 0, 0, 0, 0x80).double, -0));
      encodeInit(EditionSchema, { implicitDouble: -0 });
    });

    it("zero may be given as text, as a number or as a bigint", () => {
      for (const zero of [0, 0n, "0"]) {
        const message = create(ScalarsSchema);
        Object.assign(message, { int64: zero, uint64: zero, sint64: zero, fixed64: zero, sfixed64: zero });
        assert.deepEqual(encode(ScalarsSchema, message), bytes());
      }
    });

    it("numbers may be given as text", () => {
      const message = create(ScalarsSchema);
      Object.assign(message, { int32: "5", uint32: "4294967295", sint32: "-1", fixed32: "7", sfixed32: "-7" });
      encode(ScalarsSchema, message);
      Object.assign(message, {
        int64: "-5",
        uint64: "18446744073709551615",
        sint64: 12,
        fixed64: 13,
        double: "1.5",
        float: "2.5",
      });
      encode(ScalarsSchema, message);
    });

    it("NaN and infinities are written, what a float cannot hold is refused", () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        encodeInit(ScalarsSchema, { float: value, double: value });
      }
      for (const float of [1e39, -1e39, Number.MAX_VALUE]) {
        assert.match(refuseToEncode(ScalarsSchema, create(ScalarsSchema, { float })).message, /float|float32/);
      }
    });

    it("an integer out of its range, or none, is refused", () => {
      const wrong = {
        int32: [2 ** 31, -(2 ** 31) - 1, 1.5, Number.NaN, "x", true],
        uint32: [-1, 2 ** 32, 0.5],
        fixed32: [-1, 2 ** 32],
        sfixed32: [2 ** 31],
        sint32: [2 ** 31],
        int64: [2n ** 63n, "x", 1.5],
        uint64: [-1n, 2n ** 64n],
        color: [2 ** 31, 0.5],
      };
      for (const [field, values] of Object.entries(wrong)) {
        for (const value of values) {
          const message = create(ScalarsSchema);
          Object.assign(message, { [field]: value });
          refuseToEncode(ScalarsSchema, message);
        }
      }
    });

    it("the zero of an enum is its first value", () => {
      assert.deepEqual(encodeInit(NumbersSchema, { alias: 0 }), bytes());
      assert.ok(!isFieldSet(decode(LegacySchema, []), LegacySchema.field.size));
      assert.equal(decode(LegacySchema, []).size, Size.MEDIUM);
      assert.equal(decode(DefaultsSchema, []).firstSize, Size.MEDIUM);
    });
  });
});
