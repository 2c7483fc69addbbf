import assert from "node:assert/strict";
import { maxMessageLength, messagePrefixBytes, writeMessagePrefix } from "../../src/wire/message-framer.js";

describe("wire/message-framer", () => {
  it("writes the flag and four bytes, big end first, and nothing else", () => {
    for (const length of [0, 1, 255, 256, 65_535, 0x0102_0304, 0x7fff_ffff, 0x8000_0000, maxMessageLength]) {
      for (const compressed of [false, true]) {
        const bytes = Buffer.alloc(9, 0xee);
        writeMessagePrefix(bytes, 2, compressed, length);
        const expected = Buffer.alloc(9, 0xee);
        expected[2] = compressed ? 1 : 0;
        expected.writeUInt32BE(length, 3);
        assert.deepEqual(bytes, expected);
      }
    }
    assert.equal(messagePrefixBytes, 5);
  });
});
