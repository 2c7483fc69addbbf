import assert from "node:assert/strict";
import { clearExtension, create, createRegistry, getExtension, hasExtension, setExtension } from "@bufbuild/protobuf";
import { anyPack, anyUnpack, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { EditionLeafSchema, EditionSchema, edition_leaf } from "../../gen/godwit/testing/codec/v1/edition2023_pb.js";
import {
  ExtendedGroupSchema,
  extended_legacy,
  extended_number,
  extended_packed,
  extended_texts,
  extendedgroup,
  LegacySchema,
} from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import { EmptySchema, LeafSchema, ScalarsSchema, TreeSchema } from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { WellKnownSchema } from "../../gen/godwit/testing/codec/v1/well_known_pb.js";
import { bytes, decode, encode, encodeInit, len, refuse, varint } from "./against-protobuf-es.js";

/** Unknown records of every wire type, and the highest number. */
const unknown = [
  bytes(varint(900 * 8), 0x80, 0x01),
  bytes(varint(901 * 8 + 1), Buffer.alloc(8, 7)),
  len(902, "abc"),
  bytes(varint(903 * 8 + 3), 0x08, 1, 0x13, 0x14, varint(903 * 8 + 4)),
  bytes(varint(904 * 8 + 5), Buffer.alloc(4, 9)),
  bytes(varint((2 ** 29 - 1) * 8), 1),
];

describe("codec traps: unknown fields and well-known types", () => {
  describe("11, unknown fields", () => {
    it("are kept in their order, and written behind the known ones", () => {
      const message = decode(ScalarsSchema, unknown[3] ?? [], 0x08, 5, ...unknown, 0x10, 6, unknown[0] ?? []);
      assert.equal(message.$unknown?.length, 8);
      assert.deepEqual(
        encode(ScalarsSchema, message),
        bytes(0x08, 5, 0x10, 6, unknown[3] ?? [], ...unknown, unknown[0] ?? []),
      );
    });

    it("are kept in messages of any kind, and those that have no fields", () => {
      assert.deepEqual(encode(EmptySchema, decode(EmptySchema, ...unknown)), bytes(...unknown));
      const tree = decode(
        TreeSchema,
        len(2, ...unknown),
        len(4, unknown[2] ?? []),
        len(5, len(1, "k"), len(2, unknown[0] ?? [])),
      );
      assert.deepEqual(
        [tree.left?.$unknown?.length, tree.children[0]?.$unknown?.length, tree.named["k"]?.$unknown?.length],
        [6, 1, 1],
      );
      encode(TreeSchema, tree);
    });

    it("of a message that comes again go on", () => {
      const tree = decode(TreeSchema, len(2, unknown[0] ?? []), len(2, unknown[2] ?? []));
      assert.deepEqual(
        tree.left?.$unknown?.map(({ no }) => no),
        [900, 902],
      );
    });

    it("are not there when there are none", () => {
      assert.ok(!("$unknown" in decode(ScalarsSchema, 0x08, 1)));
    });

    it("hold the extensions of proto2 and editions", () => {
      const message = create(LegacySchema, { int32: 1 });
      setExtension(message, extended_number, -5);
      setExtension(message, extended_texts, ["a", "b"]);
      setExtension(message, extended_legacy, create(LegacySchema, { string: "inner" }));
      setExtension(message, extendedgroup, create(ExtendedGroupSchema, { number: 7 }));
      setExtension(message, extended_packed, [1, -1]);
      const decoded = decode(LegacySchema, encode(LegacySchema, message));
      assert.equal(getExtension(decoded, extended_number), -5);
      assert.deepEqual(getExtension(decoded, extended_texts), ["a", "b"]);
      assert.equal(getExtension(decoded, extended_legacy).string, "inner");
      assert.equal(getExtension(decoded, extendedgroup).number, 7);
      assert.deepEqual(getExtension(decoded, extended_packed), [1, -1]);
      clearExtension(decoded, extended_texts);
      assert.ok(!hasExtension(decode(LegacySchema, encode(LegacySchema, decoded)), extended_texts));
      const edition = create(EditionSchema);
      setExtension(edition, edition_leaf, create(EditionLeafSchema, { text: "x" }));
      assert.equal(getExtension(decode(EditionSchema, encode(EditionSchema, edition)), edition_leaf).text, "x");
    });

    it("and known ones nest a hundred deep together, and not deeper", () => {
      const nested = (levels: number, innermost: Uint8Array): Uint8Array => {
        let message = innermost;
        for (let level = 0; level < levels; level++) message = len(2, message);
        return message;
      };
      const groups = (levels: number): Uint8Array => bytes(...Array(levels).fill(0x0b), ...Array(levels).fill(0x0c));
      const unknownGroups = (levels: number): Uint8Array =>
        bytes(varint(900 * 8 + 3), groups(levels - 1), varint(900 * 8 + 4));
      decode(TreeSchema, nested(99, bytes()));
      assert.match(refuse(TreeSchema, nested(100, bytes())).message, /deep|depth/);
      decode(TreeSchema, unknownGroups(99));
      refuse(TreeSchema, unknownGroups(100));
      decode(TreeSchema, nested(50, unknownGroups(49)));
      refuse(TreeSchema, nested(50, unknownGroups(50)));
      const [start, end] = [varint(29 * 8 + 3), varint(29 * 8 + 4)];
      const recursive = (levels: number): Uint8Array =>
        bytes(...Array<number[]>(levels).fill(start), ...Array<number[]>(levels).fill(end));
      decode(EditionSchema, recursive(99));
      refuse(EditionSchema, recursive(100));
      // What is refused before is not remembered: a sibling may be as deep again.
      decode(TreeSchema, nested(99, bytes()), len(3, nested(98, bytes())));
    });

    it("that end in a map entry or a list of messages count as deep as any", () => {
      const named = (levels: number): Uint8Array => {
        let message: Uint8Array = bytes();
        for (let level = 0; level < levels; level++) message = len(5, len(1, "k"), len(2, message));
        return message;
      };
      decode(TreeSchema, named(99));
      refuse(TreeSchema, named(100));
    });
  });

  describe("12, well-known types", () => {
    const json = { a: [1, null, { b: "c" }], __proto__: null, "": true, n: -0.5 };
    const struct = Object.fromEntries(Object.entries(json));

    it("have Struct as JSON in every field but those of Value", () => {
      const init = {
        struct,
        structs: [struct, {}],
        mapStructs: { k: struct },
        choice: { case: "choiceStruct" as const, value: struct },
      };
      const message = decode(WellKnownSchema, encodeInit(WellKnownSchema, init));
      assert.deepEqual(
        [message.struct, message.structs, message.mapStructs, message.choice.value],
        [struct, [struct, {}], { k: struct }, struct],
      );
      const value = decode(WellKnownSchema, len(6, len(5, len(1, len(1, "k"), len(2, 0x20, 1)))));
      const kind = value.value?.kind;
      assert.ok(kind?.case === "structValue");
      assert.equal(kind.value.$typeName, StructSchema.typeName);
      encode(WellKnownSchema, value);
    });

    it("keep a key __proto__ of a Struct", () => {
      const { struct: decoded } = decode(WellKnownSchema, len(5, len(1, len(1, "__proto__"), len(2, 0x20, 1))));
      assert.deepEqual(Object.entries(decoded ?? {}), [["__proto__", true]]);
      assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
    });

    it("merge a Struct that comes again", () => {
      const entry = (key: string) => len(5, len(1, len(1, key), len(2, 0x20, 1)));
      assert.deepEqual(decode(WellKnownSchema, entry("a"), entry("b")).struct, { a: true, b: true });
    });

    it("have wrappers as bare values where they are singular and in no oneof, and nowhere else", () => {
      const init = {
        ...{
          boolValue: false,
          bytesValue: bytes(1),
          doubleValue: -0,
          floatValue: 0.5,
          int32Value: -1,
          int64Value: -1n,
        },
        ...{ stringValue: "", uint32Value: 4294967295, uint64Value: 2n ** 64n - 1n },
      };
      const message = decode(WellKnownSchema, encodeInit(WellKnownSchema, init));
      for (const [key, value] of Object.entries(init)) assert.deepEqual((message as never)[key], value, key);
      const elsewhere = decode(
        WellKnownSchema,
        len(23, len(1, "a")),
        len(33, len(1, "k"), len(2, 0x08, 5)),
        len(43, 0x08, 1),
      );
      assert.deepEqual(elsewhere.stringValues, [{ $typeName: "google.protobuf.StringValue", value: "a" }]);
      assert.equal(elsewhere.mapUint64s["k"]?.value, 5n);
      assert.equal((elsewhere.choice.value as { value: bigint }).value, 1n);
      encode(WellKnownSchema, elsewhere);
      assert.equal(decode(WellKnownSchema, len(16)).stringValue, "");
    });

    it("have Any, Timestamp, Duration and FieldMask as the messages that they are", () => {
      const any = anyPack(LeafSchema, create(LeafSchema, { text: "x" }));
      const init = {
        any,
        duration: { seconds: -1n, nanos: -5 },
        timestamp: { seconds: 2n ** 40n },
        fieldMask: { paths: ["a.b"] },
        empty: {},
      };
      const message = decode(WellKnownSchema, encodeInit(WellKnownSchema, init));
      assert.ok(message.any);
      assert.equal((anyUnpack(message.any, createRegistry(LeafSchema)) as { text?: string }).text, "x");
    });

    it("have values of every kind, nested, and one of none", () => {
      const kinds = [
        len(6),
        len(6, 0x08, 0),
        len(6, 0x11, Buffer.alloc(8)),
        len(6, len(3, "s")),
        len(6, 0x20, 1),
        len(6, len(6, len(1, 0x08, 0))),
      ];
      for (const kind of kinds) encode(WellKnownSchema, decode(WellKnownSchema, kind));
      assert.deepEqual(decode(WellKnownSchema, len(22), len(31, len(1, "k"))).values, [create(ValueSchema)]);
      assert.deepEqual(decode(WellKnownSchema, len(21, len(1, len(1, "k")))).structs, [{ k: null }]);
    });

    it("nest to the limit in Struct and Value too", () => {
      const value = (levels: number): Uint8Array => {
        let list: Uint8Array = bytes(0x08, 0);
        for (let level = 0; level < levels; level++) list = len(6, len(1, list));
        return list;
      };
      decode(WellKnownSchema, len(6, value(48)));
      refuse(WellKnownSchema, len(6, value(50)));
    });
  });
});
