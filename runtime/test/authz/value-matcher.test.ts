import assert from "node:assert/strict";
import { ValueMatcher } from "../../src/authz/value-matcher.js";

describe("authz/value-matcher", () => {
  const cases: readonly (readonly [pattern: string, matches: readonly string[], others: readonly string[]])[] = [
    ["abc", ["abc"], ["", "ab", "abcd", "ABC", "abc "]],
    ["abc*", ["abc", "abcd", "abc*"], ["", "ab", "xabc", "Abc"]],
    ["*abc", ["abc", "xabc", "*abc"], ["", "bc", "abcd", "abC"]],
    ["*", ["a", " ", "\n", "*"], [""]],
    ["", [""], ["a", "*"]],
    ["**", ["*", "*a"], ["", "a", "a*"]],
    ["*a*", ["*a", "*ab"], ["a", "ba", "bab"]],
    ["a*b", ["a*b"], ["ab", "axb"]],
    ["***", ["**", "**a"], ["*", "a"]],
  ];

  for (const [pattern, matches, others] of cases) {
    it(`reads ${JSON.stringify(pattern)} as gRFC A43 does`, () => {
      const matcher = new ValueMatcher([pattern]);
      assert.deepEqual(
        [...matches, ...others].filter((value) => matcher.matches(value)),
        matches,
      );
    });
  }

  it("matches with any one of several patterns, and with none of none", () => {
    const matcher = new ValueMatcher(["a", "b*", "*c"]);
    assert.deepEqual(
      ["a", "bb", "cc", "d", ""].map((value) => matcher.matches(value)),
      [true, true, true, false, false],
    );
    assert.equal(new ValueMatcher([]).matches(""), false);
    assert.equal(new ValueMatcher(["*", ""]).matches(""), true);
  });

  it("takes names of what every object has for what they are", () => {
    const matcher = new ValueMatcher(["a"]);
    for (const name of ["__proto__", "constructor", "toString"]) assert.equal(matcher.matches(name), false);
  });
});
