import assert from "node:assert/strict";
import { poissonArrivals } from "../../macro/arrivals.js";

describe("poissonArrivals", () => {
  it("are the same for the same seed", () => {
    assert.deepEqual(poissonArrivals(1000, 500, 7), poissonArrivals(1000, 500, 7));
    assert.notDeepEqual(poissonArrivals(1000, 500, 7), poissonArrivals(1000, 500, 8));
  });

  it("ascend, and end with the duration", () => {
    const due = poissonArrivals(20_000, 1000, 1);
    assert.ok(due.every((at, index) => at >= (due[index - 1] ?? 0)));
    assert.ok((due.at(-1) as number) < 1000);
  });

  it("have the rate that was asked for, and gaps as different as those of callers who know nothing of each other", () => {
    const due = poissonArrivals(50_000, 4000, 3);
    assert.ok(Math.abs(due.length / 200_000 - 1) < 0.01, `${due.length} in 4 s`);
    const gaps = [...due.subarray(1)].map((at, index) => at - (due[index] as number));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    assert.ok(Math.abs(deviation / mean - 1) < 0.02, `deviation is ${deviation / mean} of the mean`);
  });

  it("can be made by a client in another language: these are its first four, in microseconds", () => {
    const firstUs = [...poissonArrivals(1000, 10, 42).subarray(0, 4)].map((ms) => Math.round(ms * 1000));
    assert.deepEqual(firstUs, [919, 1514, 3427, 4535]);
  });
});
