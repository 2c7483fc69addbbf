import assert from "node:assert/strict";
import { toBinary } from "@bufbuild/protobuf";
import { OutputArena } from "../../../src/base/output-arena.js";
import { Dice } from "../fuzz/dice.js";
import { RandomMessages } from "../fuzz/random-message.js";
import { registry, subjects } from "../fuzz/subjects.js";

/** First memory of the arenas: more than a message of this test takes. */
const firstBytes = 4096;

describe("compiled encoders", () => {
  for (const { desc, codec } of subjects) {
    it(`write a ${desc.name} alike wherever the memory ends in it`, () => {
      const messages = new RandomMessages(new Dice(desc.name.length), registry);
      let expected: Uint8Array;
      let message: unknown;
      do {
        message = messages.make(desc);
        expected = toBinary(desc, message as never);
      } while (desc.fields.length > 0 && (expected.length < 10 || expected.length > 2000));
      for (let left = 0; left <= expected.length + 10; left++) {
        const arena = new OutputArena(firstBytes);
        arena.begin(firstBytes - left);
        codec.encode(message as never, arena);
        const written = Buffer.concat(arena.detach(firstBytes - left).chunks);
        assert.ok(written.equals(expected), `with ${left} bytes left: ${written.toString("hex")}`);
      }
    });
  }
});
