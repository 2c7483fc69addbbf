import assert from "node:assert/strict";
import { compact, duration } from "../../plot/numbers.js";
import { linearScale, logScale } from "../../plot/scale.js";

describe("linearScale", () => {
  it("begins at 0 and has round ticks up to above the largest value", () => {
    assert.deepEqual(linearScale(163_838, 0, 100).ticks, [0, 50_000, 100_000, 150_000, 200_000]);
    assert.deepEqual(linearScale(6, 0, 100).ticks, [0, 1, 2, 3, 4, 5, 6]);
    for (let value = 0.001; value < 1e9; value *= 1.37) {
      const { ticks, at } = linearScale(value, 10, 110);
      assert.ok(ticks.length >= 4 && ticks.length <= 8, `${value}: ${ticks.length} ticks`);
      assert.ok(at(value) <= 110 + 1e-6 && at(value) > 10 + 50);
    }
  });

  it("has 0 at its beginning and the last tick at its end", () => {
    const { at, ticks } = linearScale(80, 20, 220);
    assert.deepEqual([at(0), at(ticks.at(-1) as number)], [20, 220]);
  });
});

describe("logScale", () => {
  it("has 1, 2 and 5 of each power of ten where there are few", () => {
    assert.deepEqual(logScale(2500, 80_000, 0, 1).ticks, [2000, 5000, 10_000, 20_000, 50_000, 100_000]);
  });

  it("has the powers alone where there are many", () => {
    assert.deepEqual(logScale(60, 3e6, 0, 1).ticks, [10, 100, 1000, 10_000, 100_000, 1e6, 1e7]);
  });

  it("puts equal ratios at equal distances, within its ends", () => {
    const { at } = logScale(10, 1000, 0, 100);
    assert.ok(Math.abs(at(100) - at(10) - (at(1000) - at(100))) < 1e-9);
    for (const value of [10, 55, 1000]) assert.ok(at(value) >= -1e-9 && at(value) <= 100 + 1e-9);
  });

  it("has a place for a value that is alone", () => {
    const { at } = logScale(100, 100, 0, 100);
    assert.ok(Number.isFinite(at(100)));
  });
});

describe("figures in charts", () => {
  it("have three digits and what they are thousands of", () => {
    assert.deepEqual([0, 59.44, 999, 6494, 163_838, 1_087_000].map(compact), [
      "0",
      "59.4",
      "999",
      "6.49k",
      "164k",
      "1.09M",
    ]);
    assert.equal(compact(999_900), "1M");
  });

  it("have their unit", () => {
    assert.deepEqual([58.5, 3424, 1_250_000].map(duration), ["58.5 µs", "3.42 ms", "1.25 s"]);
  });
});
