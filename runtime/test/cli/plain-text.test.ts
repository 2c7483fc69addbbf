import assert from "node:assert/strict";
import { plainText } from "../../src/cli/plain-text.js";

describe("plainText", () => {
  it("writes out what could command a terminal, and nothing else", () => {
    assert.equal(plainText("a\u001b[2Jb\r\n\u009bc\u007f\u202e"), "a\\u001b[2Jb\\u000d\\u000a\\u009bc\\u007f\\u202e");
    assert.equal(plainText("no “thing” – ☺ 😈"), "no “thing” – ☺ 😈");
  });
});
