import assert from "node:assert/strict";
import { medianInterval } from "../macro/statistics.js";

describe("medianInterval", () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => count - i);

  it("has the ranks of the binomial distribution", () => {
    assert.deepEqual(medianInterval(upTo(6)), { low: 1, high: 6 });
    assert.deepEqual(medianInterval(upTo(21)), { low: 6, high: 16 });
    assert.deepEqual(medianInterval(upTo(31)), { low: 10, high: 22 });
  });

  it("says nothing of fewer than six", () => {
    assert.deepEqual(medianInterval(upTo(5)), { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  });
});
