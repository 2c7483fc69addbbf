import assert from "node:assert/strict";
import { openLoopMs, openLoopOf, Peaks } from "../../macro/offered-load.js";
import type { Pair } from "../../macro/pair.js";
import type { Workload } from "../../macro/rows.js";

const workload: Workload = { kind: "unary", inFlight: 100, payloadBytes: 64, headline: true };

describe("offered load", () => {
  it("is a share of a peak that is found once in a run", async () => {
    const measured: number[] = [];
    const measure = (_: Workload, durationMs: number) => {
      measured.push(durationMs);
      return Promise.resolve({ operations: 3000, elapsedMs: 500 });
    };
    const pair = { pairing: "grpc-js", measure } as unknown as Pair;
    const peaks = new Peaks();
    assert.equal(await peaks.of(pair, workload, 500), 6000);
    assert.equal(await peaks.of(pair, workload, 500), 6000);
    assert.deepEqual(measured, [500, 500], "once to warm up, once to measure");
    const { perSecond } = openLoopOf({ share: 0.5, of: "grpc-js" }, 6000);
    assert.equal(perSecond, 3000);
  });

  it("lasts until 10,000 calls were due, or for four rounds", () => {
    assert.equal(openLoopMs(100_000, 1000), 1000);
    assert.equal(openLoopMs(4000, 1000), 2500);
    assert.equal(openLoopMs(500, 1000), 4000);
  });
});
