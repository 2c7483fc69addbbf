import assert from "node:assert/strict";
import { boundOf, summarizeScaling } from "../cores/summary.js";
import type { Measured } from "../cores/worked-server.js";

describe("the benchmark of more cores", () => {
  /** A second of two cores, in which each call took its worker 100 us and the client 10. */
  const round = (calls: number): Measured => ({
    calls,
    elapsedMs: 1000,
    workersCpuUs: calls * 100,
    clientCpuUs: calls * 10,
  });
  const one = [round(9_900), round(10_000), round(9_950)];
  const two = [round(17_820), round(18_000), round(16_915)];

  it("compares within a round, and says what its cores would allow", () => {
    const scaling = summarizeScaling(2, two, one, 2);
    assert.equal(scaling.perSecond, 17_820);
    assert.equal(scaling.ratio, 1.8);
    assert.equal(scaling.freeRatio, 2);
    assert.equal(scaling.workersUs, 100);
    assert.equal(scaling.clientUs, 10);
    assert.equal(Math.round(scaling.allowed), 18_182);
    assert.equal(summarizeScaling(1, one, one, 2).allowed, 10_000);
  });

  it("says what keeps it from being more", () => {
    assert.equal(boundOf(summarizeScaling(1, one, one, 2), 2), "the worker's core is busy");
    assert.equal(boundOf(summarizeScaling(2, two, one, 2), 2), "all cores are busy");
    assert.equal(boundOf(summarizeScaling(8, two, one, 8), 8), "the cores were not free");
    const quick = { calls: 10_000, elapsedMs: 1000, workersCpuUs: 400_000, clientCpuUs: 970_000 };
    assert.equal(boundOf(summarizeScaling(2, [quick], [quick], 8), 8), "the client's core is busy");
  });
});
