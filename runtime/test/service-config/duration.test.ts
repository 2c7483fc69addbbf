import assert from "node:assert/strict";
import { parseDuration, parsePositiveDuration } from "../../src/service-config/duration.js";
import { show } from "../../src/service-config/json.js";

describe("parseDuration", () => {
  const good: readonly [string, number][] = [
    ["0s", 0],
    ["1s", 1000],
    ["1.5s", 1500],
    ["0.5s", 500],
    ["0.05s", 50],
    ["0.050s", 50],
    [".1s", 100],
    [".000000001s", 0.000001],
    ["0.000001s", 0.001],
    ["0.000000001s", 0.000001],
    ["315576000000s", 315_576_000_000_000],
    ["315576000000.000000000s", 315_576_000_000_000],
  ];
  for (const [text, ms] of good) {
    it(`reads ${text} as ${ms} ms`, () => assert.deepEqual(parseDuration(text), { value: ms }));
  }

  const bad: readonly unknown[] = [
    "",
    "s",
    "1",
    "1.s",
    ".s",
    "..5s",
    "-1s",
    "+1s",
    "1.0000000001s",
    "1 s",
    "1S",
    "1ms",
    1,
    null,
  ];
  for (const json of bad) {
    it(`refuses ${JSON.stringify(json)}`, () => {
      assert.deepEqual(parseDuration(json), {
        error: `is ${JSON.stringify(json)}: expected a duration such as "1.5s"`,
      });
    });
  }

  it("refuses more than the protobuf type holds", () => {
    for (const text of ["315576000000.1s", "315576000001s"]) {
      assert.deepEqual(parseDuration(text), { error: `is "${text}": the longest duration is "315576000000s"` });
    }
  });
});

describe("show", () => {
  it("writes JSON, cut where it is long", () => {
    assert.equal(show({ a: 1 }), '{"a":1}');
    assert.equal(show(undefined), "undefined");
    assert.equal(show("x".repeat(100)), `"${"x".repeat(56)}...`);
  });
});

describe("parsePositiveDuration", () => {
  it("refuses a duration of nothing", () => {
    assert.deepEqual(parsePositiveDuration("0.000000001s"), { value: 0.000001 });
    assert.deepEqual(parsePositiveDuration("0s"), { error: 'is "0s": expected a duration of more than nothing' });
    assert.deepEqual(parsePositiveDuration("1"), { error: 'is "1": expected a duration such as "1.5s"' });
  });
});
