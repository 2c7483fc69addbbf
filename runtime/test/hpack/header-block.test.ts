import assert from "node:assert/strict";
import { flatFields, HeaderBlock } from "../../src/hpack/header-block.js";

describe("hpack header block", () => {
  const inner = new HeaderBlock([":method", "POST", "x", "inner"]);
  const prefix = new HeaderBlock([":path", "/a"], inner);
  const block = new HeaderBlock(["x", "outer", "y", "", "y", "2"], prefix);

  it("finds the first value under a name, those of the prefix first", () => {
    assert.equal(block.get(":method"), "POST");
    assert.equal(block.get("x"), "inner");
    assert.equal(block.get("y"), "");
    assert.equal(block.get("POST"), undefined, "a value is no name");
  });

  it("lists all fields in order", () => {
    assert.deepEqual(flatFields(block), [
      ":method",
      "POST",
      "x",
      "inner",
      ":path",
      "/a",
      "x",
      "outer",
      "y",
      "",
      "y",
      "2",
    ]);
    assert.equal(flatFields(inner), inner.fields);
  });

  it("counts name, value and 32 bytes for each field (RFC 9113 §6.5.2)", () => {
    assert.equal(new HeaderBlock([]).listBytes, 0);
    assert.equal(inner.listBytes, 11 + 32 + 6 + 32);
    assert.equal(block.listBytes, inner.listBytes + 7 + 32 + 6 + 32 + 1 + 32 + 2 + 32);
  });
});
