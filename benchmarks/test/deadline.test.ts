import assert from "node:assert/strict";
import { describeLateness, isKept, latenessOf } from "../deadline/lateness.js";

describe("the benchmark of deadlines", () => {
  const hundred = (...last: number[]): number[] => [...Array.from({ length: 100 - last.length }, () => 0.5), ...last];

  it("forgives one in a hundred", () => {
    assert.ok(isKept(latenessOf(hundred(4.9))));
    assert.ok(isKept(latenessOf([...hundred(), ...hundred(80)])));
    assert.ok(!isKept(latenessOf(hundred(80, 80))));
  });

  it("forgives none that is early, by more than clocks can tell", () => {
    assert.ok(isKept(latenessOf(hundred(-0.9))));
    assert.ok(!isKept(latenessOf(hundred(-1.1))));
    assert.ok(!isKept(latenessOf([])));
  });

  it("says what it saw", () =>
    assert.equal(
      describeLateness("client", latenessOf([1, 2, 3])),
      "client: 3 deadlines, late by 2.00 ms (p50), 3.00 ms (p99), 3.00 ms (most), 0 early: within 5 ms at p99 kept",
    ));
});
