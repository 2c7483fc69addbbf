/** What a peer can make of a decoder with bytes alone: memory, depth and errors. */
import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import { retainedBytesOf } from "../fuzz/retained-memory.js";
import { subjectOf } from "./fuzz/subjects.js";
import { bytes, len, varint } from "./traps/against-protobuf-es.js";

const prefix = "godwit.testing.codec.v1.";

function decode(type: string, input: Uint8Array): unknown {
  return subjectOf(prefix + type).codec.decode(input, 0, input.length, false);
}

/** The one error that the input fails with: a sentence that names the type, and quotes nothing of the input. */
function failure(type: string, input: Uint8Array): Error {
  try {
    decode(type, input);
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
    assert.match(error.message, /^godwit\.testing\.codec\.v1\.\w+: .* at byte \d+ of \d+$/);
    assert.ok(error.message.length < 200 && error.cause === undefined, error.message);
    return error;
  }
  throw new assert.AssertionError({ message: `${type} takes ${input.length} bytes` });
}

function repeated(times: number, ...record: number[]): Uint8Array {
  const input = new Uint8Array(Math.floor(times) * record.length);
  for (let i = 0; i < input.length; i++) input[i] = record[i % record.length] as number;
  return input;
}

describe("codec: hostile input", () => {
  describe("a length that is not there", () => {
    const lengths = [1000, 2 ** 20, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    const fields: readonly (readonly [type: string, what: string, no: number])[] = [
      ["Scalars", "a string", 14],
      ["Scalars", "bytes", 15],
      ["Scalars", "a message", 17],
      ["Lists", "packed numbers", 2],
      ["Lists", "packed doubles", 12],
      ["Lists", "packed bools", 13],
      ["Maps", "an entry", 12],
      ["Empty", "an unknown field", 900],
      ["Envelope", "a message that is left to protobuf-es", 6],
    ];
    for (const [type, what, no] of fields) {
      it(`of ${what} makes no memory`, () => {
        for (const length of lengths) {
          const input = bytes(varint(no * 8 + 2), varint(length), 1, 2, 3);
          const before = process.memoryUsage();
          failure(type, input);
          const after = process.memoryUsage();
          assert.ok(after.arrayBuffers - before.arrayBuffers < 64 * 1024, `${length}`);
          assert.ok(after.heapUsed - before.heapUsed < 1024 * 1024, `${length}`);
        }
      });
    }
  });

  describe("depth", () => {
    const levels = 200_000;

    it("of messages ends at the limit, however deep they are", () => {
      const parts: Uint8Array[] = [];
      let size = 0;
      // From the innermost outwards, without copying what is within.
      for (let level = 0; level < 20_000; level++) {
        const head = Uint8Array.from([0x12, ...varint(size)]);
        parts.push(head);
        size += head.length;
      }
      assert.match(failure("Tree", Uint8Array.from(Buffer.concat(parts.reverse()))).message, /deeper than 100/);
    });

    it("of groups does, known ones and unknown ones, ended or not", () => {
      const [open, close] = [repeated(levels, 0x0b), repeated(levels, 0x0c)];
      assert.match(failure("Tree", Uint8Array.from(Buffer.concat([open, close]))).message, /deeper than 100/);
      assert.match(failure("Empty", open).message, /deeper than 100/);
      const known = repeated(levels, 0xeb, 0x01);
      assert.match(failure("Edition", known).message, /deeper than 100/);
      // In an entry of a map, where fields are skipped.
      assert.match(failure("Maps", len(12, repeated(200, 0x1b))).message, /deeper than 100/);
    });

    it("of Struct and Value does", () => {
      let value = bytes(0x08, 0);
      for (let level = 0; level < 60; level++) value = len(6, len(1, value));
      assert.match(failure("Envelope", len(1, len(6, value))).message, /depth|deeper/);
    });
  });

  describe("memory that the messages hold", () => {
    const size = 64 * 1024;
    /**
     * Bytes for each byte of input. Where two bytes name an object the limit is what an object of that kind takes: messages
     * are protobuf-es's, whose shape is not ours to choose.
     */
    const inputs: readonly (readonly [what: string, limit: number, type: string, input: Uint8Array])[] = [
      ["packed numbers", 12, "Lists", len(1, repeated(size, 1))],
      ["packed bools", 12, "Lists", len(13, repeated(size, 1))],
      ["packed doubles", 3, "Lists", len(12, repeated(size / 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f))],
      ["packed numbers of 64 bits", 40, "Lists", len(2, repeated(size, 1))],
      ["empty strings", 12, "Lists", repeated(size / 2, 0x72, 0)],
      ["short strings", 12, "Lists", repeated(size / 3, 0x72, 1, 0x61)],
      ["keys of a map", 20, "Maps", Buffer.concat(Array.from({ length: 8000 }, (_, i) => len(1, 0x08, varint(i))))],
      ["one key of a map again and again", 1, "Maps", repeated(size / 2, 0x0a, 0)],
      ["empty messages of two fields", 40, "Lists", repeated(size / 3, 0x8a, 1, 0)],
      ["empty messages of ten fields", 110, "Tree", repeated(size / 2, 0x22, 0)],
      ["empty bytes", 140, "Lists", repeated(size / 2, 0x7a, 0)],
      ["unknown fields", 140, "Empty", repeated(size / 2, 0x08, 1)],
    ];
    /** What else the process does meanwhile can only add: the least of three is what the message holds. */
    function heldBy(make: () => unknown, limit: number): number {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3 && least > limit; i++) least = Math.min(least, retainedBytesOf([make]));
      return least;
    }

    for (const [what, limit, type, input] of inputs) {
      it(`is at most ${limit} times the size of ${what}`, function () {
        this.timeout(60_000);
        const plain = Uint8Array.from(input);
        const held = heldBy(() => decode(type, plain), limit * plain.length) / plain.length;
        const theirs = retainedBytesOf([() => fromBinary(subjectOf(prefix + type).desc, plain)]) / plain.length;
        assert.ok(held <= limit, `${held.toFixed(1)} times, protobuf-es ${theirs.toFixed(1)}`);
        assert.ok(held <= Math.max(20, 2.5 * theirs), `${held.toFixed(1)} times, protobuf-es ${theirs.toFixed(1)}`);
      });
    }
  });
});
