import assert from "node:assert/strict";
import { DistinctCount } from "./distinct-count.js";

describe("DistinctCount", () => {
  it("counts a hash once", () => {
    const distinct = new DistinctCount(16);
    for (const hash of [1, -5, 1, 0, -5, 0x7fffffff, 0]) distinct.add(hash);
    assert.equal(distinct.count, 4);
  });

  it("is a little too low where there are many, never too high", () => {
    const distinct = new DistinctCount(20);
    for (let hash = 0; hash < 40_000; hash++) distinct.add(Math.imul(hash, 0x9e3779b1));
    assert.ok(distinct.count <= 40_000 && distinct.count > 38_800, `${distinct.count}`);
  });
});
