import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { escapeControls, stringLiteral } from "../src/string-literal.js";

describe("stringLiteral", () => {
  it("means the string that it was made of", () => {
    for (const text of [
      "",
      'a"b',
      "a\\",
      "\r\n\t\0",
      "\u2028\u2029",
      "</script><!--",
      "\x24{x}`'",
      "\u0085\u009b31m",
      "\ud800",
      "文",
      "<a",
    ]) {
      assert.equal(runInNewContext(stringLiteral(text)), text);
    }
  });

  it("holds nothing that ends a line or a script", () => {
    assert.equal(stringLiteral("\n\r\u0085\u2028\u2029</script>"), '"\\n\\r\\u0085\\u2028\\u2029\\u003c/script>"');
  });
});

describe("escapeControls", () => {
  it("leaves what is printed as it is", () => {
    assert.equal(escapeControls('a "b" \\ 文 \ud83d\ude00'), 'a "b" \\ 文 \ud83d\ude00');
  });

  it("makes one line of several, and no escape sequences", () => {
    assert.equal(escapeControls("a\n\u001b[31m\u2028"), "a\\u000a\\u001b[31m\\u2028");
  });
});
