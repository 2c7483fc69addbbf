import assert from "node:assert/strict";
import { JsonSplitter } from "../../../src/cli/call/json-splitter.js";

/** All documents of a text that comes in pieces of this length. */
function split(text: string, length: number): string[] {
  const splitter = new JsonSplitter();
  const found: string[] = [];
  for (let at = 0; at < text.length; at += length) found.push(...splitter.push(text.slice(at, at + length)));
  return [...found, ...splitter.end()];
}

describe("JsonSplitter", () => {
  const documents = [
    '{"a": [1, {"b": "}"}], "c": "\\"{"}',
    "{}",
    '"text \\\\"',
    "17",
    "[[], {}]",
    "true",
    '{\n  "é": "\\u007b"\n}',
    "null",
  ];

  it("finds the documents, however the text is cut", () => {
    const text = ` ${documents.join(" \n,")}\n`;
    for (let length = 1; length <= text.length; length++) assert.deepEqual(split(text, length), documents);
  });

  it("gives a document as soon as it is complete", () => {
    const splitter = new JsonSplitter();
    assert.deepEqual(splitter.push('{"a": 1'), []);
    assert.deepEqual(splitter.push("}{"), ['{"a": 1}']);
    assert.deepEqual(splitter.push('}{"b"'), ["{}"]);
    assert.deepEqual(splitter.end(), ['{"b"']);
    assert.deepEqual(splitter.end(), []);
  });

  it("passes on what is no JSON, for others to say so", () => {
    assert.deepEqual(split("}] nonsense", 100), ["}", "]", "nonsense"]);
    assert.deepEqual(split("  \n ", 1), []);
  });
});
