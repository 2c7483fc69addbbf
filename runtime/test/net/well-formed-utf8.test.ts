import assert from "node:assert/strict";
import { isWellFormedUtf8 } from "../../src/net/well-formed-utf8.js";

describe("isWellFormedUtf8", () => {
  const cases: readonly [string, readonly number[], boolean][] = [
    ["nothing", [], true],
    ["ASCII with a NUL", [0x41, 0x00, 0x7f], true],
    ["two, three and four bytes", [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80], true],
    ["a lone continuation byte", [0x80], false],
    ["a sequence that is cut", [0xe2, 0x82], false],
    ["an overlong slash", [0xc0, 0xaf], false],
    ["a surrogate", [0xed, 0xa0, 0x80], false],
    ["a code point above U+10FFFF", [0xf4, 0x90, 0x80, 0x80], false],
  ];
  for (const [title, bytes, expected] of cases) {
    it(`${title}: ${expected}`, () => {
      const long = [...Array<number>(100).fill(0x61), ...bytes];
      assert.equal(isWellFormedUtf8(Uint8Array.from(bytes), 0, bytes.length), expected);
      assert.equal(isWellFormedUtf8(Uint8Array.from(long), 0, long.length), expected);
    });
  }

  it("looks at the range only", () => {
    const bytes = Uint8Array.from([0xff, 0x61, 0xc3, 0xa9, 0xff]);
    assert.equal(isWellFormedUtf8(bytes, 1, 4), true);
    assert.equal(isWellFormedUtf8(bytes, 1, 3), false);
    assert.equal(isWellFormedUtf8(bytes, 0, 1), false);
  });
});
