import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { OutputArena } from "../../../src/base/output-arena.js";
import {
  ListsSchema,
  MapsSchema,
  OptionalsSchema,
  ScalarsSchema,
  TreeSchema,
} from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { encoded } from "../fuzz/differential.js";
import { subjectOf } from "../fuzz/subjects.js";
import { bytes, decode, encode, encodeInit, len, ourDecode } from "./against-protobuf-es.js";

const { codec } = subjectOf(ScalarsSchema.typeName);

describe("codec traps: memory", () => {
  describe("14, aliasing", () => {
    /** A message with bytes of a size, in the middle of a chunk. */
    function received(size: number): { chunk: Buffer; start: number; end: number } {
      const message = len(15, Buffer.alloc(size, 7));
      const chunk = Buffer.alloc(message.length + 20, 1);
      chunk.set(message, 10);
      return { chunk, start: 10, end: 10 + message.length };
    }

    for (const size of [0, 1, 100, 5000, 100_000]) {
      it(`bytes of ${size} are a plain Uint8Array, and copied unless views are allowed`, () => {
        const { chunk, start, end } = received(size);
        const { bytes: value } = codec.decode(chunk, start, end, false) as unknown as { bytes: Uint8Array };
        assert.equal(Object.getPrototypeOf(value), Uint8Array.prototype);
        chunk.fill(0);
        assert.ok(value.every((byte) => byte === 7) && value.length === size);
        assert.notEqual(value.buffer, chunk.buffer);
      });
    }

    it("views keep memory alive that is worth it, and no chunk for the sake of a few bytes", () => {
      for (const size of [10, 1000]) {
        const message = len(15, Buffer.alloc(size, 7));
        const chunk = Buffer.concat([message, Buffer.alloc(100_000)]);
        const { bytes: value } = codec.decode(chunk, 0, message.length, true) as unknown as { bytes: Uint8Array };
        assert.deepEqual(Buffer.from(value), Buffer.alloc(size, 7));
      }
      const large = len(15, Buffer.alloc(1 << 20, 7));
      const { bytes: value } = ourDecode(ScalarsSchema, large, true);
      assert.equal(value.buffer, large.buffer);
      assert.equal(Object.getPrototypeOf(value), Uint8Array.prototype);
    });

    it("unknown fields are copied alike", () => {
      const input = bytes(0xa2, 0x38, 3, "abc");
      const message = ourDecode(ScalarsSchema, input);
      input.fill(0);
      assert.deepEqual(message.$unknown?.[0]?.data, bytes(3, "abc"));
    });
  });

  describe("15, re-entrancy", () => {
    it("a getter may encode and decode other messages meanwhile", () => {
      const message = create(ScalarsSchema, { int32: 1, uint64: 5n, leaf: { text: "x" } });
      Object.defineProperty(message, "string", {
        enumerable: true,
        get() {
          const inner = encodeInit(ScalarsSchema, { double: 0.1, uint64: 2n ** 63n, string: "é".repeat(500) });
          assert.equal(ourDecode(ScalarsSchema, inner).uint64, 2n ** 63n);
          return "from a getter";
        },
      });
      encode(ScalarsSchema, message);
    });

    it("an encoder that throws midway leaves no trace in the arena", () => {
      const arena = new OutputArena();
      arena.append(bytes("before"));
      const wrong = create(TreeSchema, {
        name: "n".repeat(300),
        children: [{ name: "x" }, { scalars: { int32: 0.5 } }],
      });
      for (let times = 0; times < 3; times++) {
        arena.begin(14);
        assert.throws(() => subjectOf(TreeSchema.typeName).codec.encode(wrong, arena), /int32/);
        arena.abort();
      }
      arena.begin(0);
      subjectOf(TreeSchema.typeName).codec.encode(create(TreeSchema, { name: "ok" }), arena);
      arena.commit();
      assert.deepEqual(Buffer.concat(arena.take()), Buffer.concat([Buffer.from("before"), len(1, "ok")]));
    });

    it("a getter that throws is what the caller sees", () => {
      const message = create(ScalarsSchema);
      const reason = new Error("from a getter");
      Object.defineProperty(message, "int64", {
        enumerable: true,
        get() {
          throw reason;
        },
      });
      assert.throws(
        () => encoded(subjectOf(ScalarsSchema.typeName), message),
        (error) => error === reason,
      );
    });

    it("a Proxy around a message is a message", () => {
      const message = new Proxy(create(OptionalsSchema, { int32: 0, string: "s" }), {});
      assert.deepEqual(encode(OptionalsSchema, message), bytes(0x08, 0, len(14, "s")));
    });
  });

  describe("16, sizes", () => {
    it("lengths of messages, strings and bytes grow by a byte where they should", () => {
      for (const size of [0, 1, 126, 127, 128, 129, 16_382, 16_383, 16_384, 16_385, 70_000]) {
        for (const text of ["a".repeat(size), `${"a".repeat(Math.max(0, size - 2))}é`]) {
          const nested = encodeInit(TreeSchema, { left: { left: { name: text } }, name: "n" });
          assert.equal(decode(TreeSchema, nested).left?.left?.name, text);
        }
        encodeInit(MapsSchema, { stringString: { k: "v".repeat(size) }, stringBytes: { k: new Uint8Array(size) } });
        encodeInit(ListsSchema, { bytes: [new Uint8Array(size), new Uint8Array(1)], string: ["x".repeat(size), "é"] });
      }
    });

    it("text whose length in bytes has more digits than its length in units", () => {
      for (const units of [42, 43, 63, 64, 127, 128, 5461, 5462, 8191, 8192]) {
        for (const unit of ["é", "\u4e2d"]) {
          const text = unit.repeat(units);
          assert.equal(decode(ScalarsSchema, encodeInit(ScalarsSchema, { string: text })).string, text);
        }
      }
    });

    it("many messages one in another, each of which makes the lengths around it longer", () => {
      let tree = create(TreeSchema, { name: "x".repeat(100) });
      for (let level = 0; level < 90; level++) tree = create(TreeSchema, { name: "y".repeat(level), left: tree });
      assert.deepEqual(decode(TreeSchema, encode(TreeSchema, tree)), tree);
    });

    it("large bytes within messages are in their place, by reference or not", () => {
      const large = Buffer.alloc(40_000, 5);
      const init = {
        left: { scalars: { bytes: large, string: "behind" }, name: "n" },
        right: { scalars: { bytes: large } },
        name: "first",
      };
      const input = encodeInit(TreeSchema, init);
      assert.equal(decode(TreeSchema, input).left?.scalars?.string, "behind");
    });
  });
});
