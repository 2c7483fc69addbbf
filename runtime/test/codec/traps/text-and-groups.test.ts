import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { Closed, EditionSchema, ImplicitOnlySchema } from "../../gen/godwit/testing/codec/v1/edition2023_pb.js";
import { LegacySchema, Size } from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import { ListsSchema, MapsSchema, OneofsSchema, ScalarsSchema } from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import {
  bytes,
  decode,
  encode,
  encodeInit,
  len,
  ourDecode,
  refuse,
  refusedByUs,
  varint,
} from "./against-protobuf-es.js";

const notUtf8 = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x61, 0xe2, 0x82]];
/** Long enough for another way of reading strings. */
const filler = "abcdefghijklmnopqrstuvwxyz".repeat(8);

describe("codec traps: enums, text and groups", () => {
  describe("8, closed enums", () => {
    it("leave a value that they do not have among the unknown fields, in its shortest form", () => {
      const message = decode(EditionSchema, 0x50, 99);
      assert.ok(!Object.hasOwn(message, "closed"));
      assert.deepEqual(message.$unknown, [{ no: 10, wireType: 0, data: bytes(99) }]);
      assert.deepEqual(decode(EditionSchema, 0x50, 0xe3, 0x80, 0x80, 0x00).$unknown, message.$unknown);
      assert.deepEqual(encode(EditionSchema, message), bytes(0x50, 99));
      decode(EditionSchema, 0x50, varint(-7));
      decode(LegacySchema, 0x80, 0x01, 77);
      decode(LegacySchema, 0x80, 0x01, varint(2n ** 32n + 2n));
    });

    it("keep what was there before, and in a oneof as well", () => {
      const message = decode(EditionSchema, 0x50, Closed.FIVE, 0x50, 99);
      assert.equal(message.closed, Closed.FIVE);
      const oneof = decode(LegacySchema, len(27, "text"), 0xd0, 0x01, 99);
      assert.deepEqual(oneof.choice, { case: "choiceText", value: "text" });
    });

    it("take any value in lists and maps", () => {
      assert.deepEqual(decode(EditionSchema, len(11, 99, 5), 0x60, 98).closedList, [99, 5]);
      assert.equal(decode(EditionSchema, len(20, len(1, "k"), 0x10, 99)).mapClosed["k"], 99);
      assert.deepEqual(decode(LegacySchema, 0x98, 0x01, 99, len(20, 98)).sizes, [99]);
    });

    it("beside other unknown fields lose nothing, other than in protobuf-es", () => {
      const message = ourDecode(EditionSchema, bytes(varint(900 * 8), 1, 0x50, 99, 0x50, 98));
      assert.deepEqual(
        message.$unknown?.map(({ no, data }) => [no, ...data]),
        [
          [900, 1],
          [10, 99],
          [10, 98],
        ],
      );
    });

    it("are open in proto3, with the sign of 32 bits", () => {
      assert.equal(decode(ScalarsSchema, 0x80, 0x01, 99).color, 99);
      assert.equal(decode(ScalarsSchema, 0x80, 0x01, varint(-3)).color, -3);
      assert.equal(decode(ScalarsSchema, 0x80, 0x01, varint(2n ** 32n + 5n)).color, 5);
    });

    it("have a default that is not zero", () => {
      assert.equal(decode(LegacySchema, []).size, Size.MEDIUM);
    });
  });

  describe("9, UTF-8", () => {
    it("is demanded of strings, of those in lists, maps and oneofs, short and long", () => {
      for (const bad of notUtf8) {
        for (const prefix of ["", "a", filler]) {
          const text = bytes(prefix, bad);
          refuse(ScalarsSchema, len(14, text));
          refuse(ListsSchema, len(14, "ok"), len(14, text));
          refuse(MapsSchema, len(12, len(1, text)));
          refuse(MapsSchema, len(12, len(2, text)));
          refuse(OneofsSchema, len(14, text));
          refuse(EditionSchema, len(3, text));
        }
      }
    });

    it("is not demanded where utf8_validation is NONE, and of no string of proto2", () => {
      for (const bad of notUtf8) {
        for (const prefix of ["", filler]) {
          const text = bytes(prefix, bad);
          decode(EditionSchema, len(5, text), len(6, text), len(21, len(1, text), len(2, text)));
          decode(LegacySchema, len(14, text), len(23, text), len(27, text));
        }
      }
    });

    it("keeps a byte order mark, U+FFFD and NUL", () => {
      for (const text of ["\ufeffa", "\ufffd", `${filler}\ufffd`, "a\0b", "\u{10ffff}", "\ud7ff\ue000"]) {
        assert.equal(decode(ScalarsSchema, len(14, text)).string, text);
        encodeInit(ScalarsSchema, { string: text });
      }
    });

    it("is what half a surrogate pair is written as U+FFFD in", () => {
      for (const text of [
        "\ud800",
        "a\udfff",
        "\udfff\ud800",
        `${filler}\ud83d`,
        `\ud83d${filler}`,
        "\ud83d\udc26\ud83d",
      ]) {
        encodeInit(ScalarsSchema, { string: text });
        encodeInit(MapsSchema, { stringString: { [text]: text } });
      }
      assert.deepEqual(encodeInit(ScalarsSchema, { string: "\ud800" }), len(14, 0xef, 0xbf, 0xbd));
    });

    it("comes out whole at every length and mix of widths", () => {
      for (let length = 0; length < 140; length++) {
        for (const unit of ["a", "é", "\u4e2d", "\u{1f426}", "aé", "aaaaaaaaa\u4e2d"]) {
          const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
          const input = encodeInit(ScalarsSchema, { string: text });
          if (Buffer.from(text).toString() === text)
            assert.equal(decode(ScalarsSchema, input).string.length, text.length);
        }
      }
    });
  });

  describe("10, groups", () => {
    const [start, end] = [varint(17 * 8 + 3), varint(17 * 8 + 4)];

    it("nest, repeat and merge", () => {
      const inner = [0x13, len(1, "t"), 0x14];
      const message = decode(LegacySchema, start, 0x08, 1, ...inner, 0x1b, 0x08, 5, 0x1c, end, start, 0x08, 2, end);
      assert.deepEqual([message.group?.number, message.group?.inner?.text, message.group?.items.length], [2, "t", 1]);
      encode(LegacySchema, message);
      const [open, close] = [varint(18 * 8 + 3), varint(18 * 8 + 4)];
      const { entries } = decode(LegacySchema, open, len(1, "a"), close, open, len(2, 0x08, 1), close);
      assert.deepEqual(
        entries.map(({ key, value }) => [key, value?.int32]),
        [
          ["a", undefined],
          ["", 1],
        ],
      );
    });

    it("have to end with their own number", () => {
      for (const wrong of [varint(18 * 8 + 4), [0x0c], [], [0x08]]) refuse(LegacySchema, start, 0x08, 1, wrong);
      refuse(LegacySchema, end);
      refuse(LegacySchema, 0x0c);
      refuse(ScalarsSchema, 0x9b, 0x06, 0x94, 0x06);
    });

    it("that nobody knows are kept with all that is in them", () => {
      const group = [0x9b, 0x06, 0x0b, 0x08, 1, 0x0c, len(2, "x"), 0x9c, 0x06];
      const message = decode(ScalarsSchema, ...group, 0x08, 1);
      assert.deepEqual(encode(ScalarsSchema, message), bytes(0x08, 1, ...group));
      refuse(ScalarsSchema, 0x9b, 0x06, 0x0b, 0x9c, 0x06);
      refuse(ScalarsSchema, 0x9b, 0x06, 0x08, 1);
    });

    it("are bounded by the message that they are in", () => {
      // The group's end lies behind the end of the message: protobuf-es reads on.
      refusedByUs(LegacySchema, bytes(len(30, start, 0x08, 1), end));
    });

    it("are what messages of editions are written as where a feature says so", () => {
      const message = encodeInit(EditionSchema, {
        delimited: { text: "a" },
        delimitedList: [{}, { number: 1 }],
        recursive: { recursive: {} },
      });
      decode(EditionSchema, message);
      assert.deepEqual(encodeInit(ImplicitOnlySchema, { leaf: {} }), bytes(0x1b, 0x1c));
      const both = create(EditionSchema, { choice: { case: "choiceDelimited", value: {} }, prefixed: {} });
      decode(EditionSchema, encode(EditionSchema, both));
    });
  });
});
