import assert from "node:assert/strict";
import type { OutlierDetectionConfig } from "../../../src/balancer/outlier-detection/config.js";
import { EndpointRecord } from "../../../src/balancer/outlier-detection/endpoint-record.js";
import { sweepEndpoints } from "../../../src/balancer/outlier-detection/sweep.js";
import { OK } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";

const enforcement = { enforcementPercentage: 100, minimumHosts: 3, requestVolume: 10 };
const successRate = { ...enforcement, stdevFactor: 1900 };
const failurePercentage = { ...enforcement, threshold: 85 };
const judgeNothing: OutlierDetectionConfig = {
  intervalMs: 10_000,
  baseEjectionTimeMs: 30_000,
  maxEjectionTimeMs: 300_000,
  maxEjectionPercent: 100,
  successRate: undefined,
  failurePercentage: undefined,
  child: undefined as never,
};

/** Successes and failures. */
type Counts = readonly [number, number];

function count(record: EndpointRecord, [successes, failures]: Counts): void {
  for (let i = 0; i < successes; i++) record.onEnd(OK);
  for (let i = 0; i < failures; i++) record.onEnd({ code: StatusCode.INTERNAL, message: "" });
}

function recordsOf(counts: readonly Counts[]): EndpointRecord[] {
  return counts.map((each) => {
    const record = new EndpointRecord();
    count(record, each);
    return record;
  });
}

/** Which are ejected after one sweep. */
function ejected(counts: readonly Counts[], config: Partial<OutlierDetectionConfig>, random = () => 0): string {
  const records = recordsOf(counts);
  sweepEndpoints(records, { ...judgeNothing, ...config }, 1000, random);
  return records.map((record) => (record.isEjected ? "x" : ".")).join("");
}

describe("sweepEndpoints (gRFC A50)", () => {
  describe("by success rate", () => {
    /** Rates 1, 1, 1, 1, 0.5: mean 0.9, standard deviation 0.2, so that 1.9 of them below the mean are 0.52. */
    const half: Counts[] = [
      [10, 0],
      [10, 0],
      [10, 0],
      [10, 0],
      [5, 5],
    ];

    it("ejects those that are too many standard deviations below the mean", () => {
      assert.equal(ejected(half, { successRate }), "....x");
      assert.equal(ejected(half, { successRate: { ...successRate, stdevFactor: 1999 } }), "....x");
      assert.equal(ejected(half, { successRate: { ...successRate, stdevFactor: 2001 } }), ".....");
    });

    it("ejects nobody where all are alike, well or not", () => {
      assert.equal(
        ejected(
          [
            [10, 0],
            [10, 0],
            [10, 0],
          ],
          { successRate },
        ),
        "...",
      );
      assert.equal(
        ejected(
          [
            [0, 10],
            [0, 10],
            [0, 10],
          ],
          { successRate },
        ),
        "...",
      );
    });

    it("judges only endpoints with enough calls, and only where there are enough of them", () => {
      const few: Counts[] = [
        [10, 0],
        [10, 0],
        [10, 0],
        [10, 0],
        [0, 9],
      ];
      assert.equal(ejected(few, { successRate }), ".....");
      assert.equal(ejected(half, { successRate: { ...successRate, minimumHosts: 5 } }), "....x");
      assert.equal(ejected(half, { successRate: { ...successRate, minimumHosts: 6 } }), ".....");
      assert.equal(ejected(half, { successRate: { ...successRate, requestVolume: 11 } }), ".....");
    });

    it("does not divide by no calls at all", () => {
      const idle: Counts[] = [
        [0, 0],
        [10, 0],
        [10, 0],
        [10, 0],
        [0, 10],
      ];
      assert.equal(ejected(idle, { successRate: { ...successRate, requestVolume: 0, stdevFactor: 1000 } }), "....x");
    });
  });

  describe("by failure percentage", () => {
    it("ejects those above the threshold, whatever the others do", () => {
      const counts: Counts[] = [
        [15, 85],
        [14, 86],
        [0, 100],
      ];
      assert.equal(ejected(counts, { failurePercentage }), ".xx", "85 % is not above 85 %");
      assert.equal(ejected(counts, { failurePercentage: { ...failurePercentage, threshold: 100 } }), "...");
      assert.equal(ejected(counts, { failurePercentage: { ...failurePercentage, threshold: 0 } }), "xxx");
    });

    it("judges only endpoints with enough calls, and only where there are enough of them", () => {
      assert.equal(
        ejected(
          [
            [0, 9],
            [0, 10],
            [10, 0],
            [10, 0],
          ],
          { failurePercentage },
        ),
        ".x..",
      );
      assert.equal(
        ejected(
          [
            [0, 9],
            [0, 10],
            [10, 0],
          ],
          { failurePercentage },
        ),
        "...",
      );
    });
  });

  it("ejects with the chance that it was told", () => {
    const counts: Counts[] = [
      [0, 10],
      [10, 0],
      [10, 0],
    ];
    const rule = { failurePercentage: { ...failurePercentage, enforcementPercentage: 30 } };
    assert.equal(
      ejected(counts, rule, () => 0.299),
      "x..",
    );
    assert.equal(
      ejected(counts, rule, () => 0.3),
      "...",
    );
    const never = { failurePercentage: { ...failurePercentage, enforcementPercentage: 0 } };
    assert.equal(
      ejected(counts, never, () => 0),
      "...",
    );
    assert.equal(
      ejected(counts, { failurePercentage }, () => 0.999_999),
      "x..",
    );
  });

  it("ejects no more than the largest part, but one in any case", () => {
    const bad: Counts[] = Array.from({ length: 10 }, () => [0, 10] as const);
    assert.equal(ejected(bad, { failurePercentage, maxEjectionPercent: 30 }), "xxx.......");
    assert.equal(ejected(bad, { failurePercentage, maxEjectionPercent: 31 }), "xxxx......");
    assert.equal(ejected(bad, { failurePercentage, maxEjectionPercent: 0 }), "x.........");
    assert.equal(ejected(bad, { failurePercentage, maxEjectionPercent: 100 }), "xxxxxxxxxx");
    const both = { failurePercentage, successRate, maxEjectionPercent: 20 };
    assert.equal(
      ejected(
        [
          [0, 10],
          [0, 10],
          [0, 10],
          [10, 0],
          [10, 0],
        ],
        both,
      ),
      "x....",
    );
  });

  it("ejects one that both algorithms find once", () => {
    const records = recordsOf([
      [10, 0],
      [10, 0],
      [10, 0],
      [10, 0],
      [0, 10],
    ]);
    const rules = { ...judgeNothing, successRate, failurePercentage };
    sweepEndpoints(records, rules, 0, () => 0);
    const [last] = records.slice(-1);
    assert.equal(last?.isEjected, true);
    sweepEndpoints(records, rules, 30_000, () => 0);
    assert.equal(last?.isEjected, true, "not later than 30 s");
    sweepEndpoints(records, rules, 30_001, () => 0);
    assert.equal(last?.isEjected, false, "one ejection, not two: else it would last 60 s");
  });

  it("judges what has come since the last time, and nothing older", () => {
    const records = recordsOf([
      [10, 0],
      [10, 0],
      [0, 10],
    ]);
    const rules = { ...judgeNothing, failurePercentage };
    sweepEndpoints(records, rules, 0, () => 0);
    records[2]?.uneject();
    sweepEndpoints(records, rules, 10_000, () => 0);
    assert.equal(records[2]?.isEjected, false);
  });

  it("takes no failure of a call that never left for one of the server", () => {
    const records = recordsOf([
      [10, 0],
      [10, 0],
      [10, 0],
    ]);
    for (let i = 0; i < 100; i++) {
      records[0]?.onEnd({ code: StatusCode.UNAVAILABLE, message: "", delivery: "not-sent" });
    }
    sweepEndpoints(records, { ...judgeNothing, failurePercentage }, 0, () => 0);
    assert.equal(records[0]?.isEjected, false);
  });

  describe("the time of an ejection", () => {
    const rules = { ...judgeNothing, failurePercentage, maxEjectionTimeMs: 70_000 };

    /** Ejects the last of three at `now`; returns after how many sweeps, ten seconds apart, it is back. */
    function lasts(records: readonly EndpointRecord[], now: number): number {
      const [first, second, bad] = records as [EndpointRecord, EndpointRecord, EndpointRecord];
      count(first, [10, 0]);
      count(second, [10, 0]);
      count(bad, [0, 10]);
      sweepEndpoints(records, rules, now, () => 0);
      assert.equal(bad.isEjected, true);
      for (let sweeps = 1; ; sweeps++) {
        sweepEndpoints(records, rules, now + sweeps * 10_000, () => 0);
        if (!bad.isEjected) return sweeps;
      }
    }

    it("grows with each ejection, up to the longest", () => {
      const records = recordsOf([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      assert.equal(lasts(records, 0), 4, "the first sweep after 30 s");
      assert.equal(lasts(records, 50_000), 7, "60 s");
      assert.equal(lasts(records, 130_000), 8, "70 s, not 90");
    });

    it("shrinks again by one step in each interval without ejection", () => {
      const records = recordsOf([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
      lasts(records, 0);
      lasts(records, 50_000);
      sweepEndpoints(records, rules, 130_000, () => 0);
      assert.equal(lasts(records, 140_000), 7, "two ejections less one, and this one");
      for (let i = 0; i < 5; i++) sweepEndpoints(records, rules, 220_000 + i * 10_000, () => 0);
      assert.equal(lasts(records, 270_000), 4);
    });

    it("is never shorter than the base, whatever the longest is", () => {
      const records = recordsOf([
        [10, 0],
        [10, 0],
        [0, 10],
      ]);
      const short = { ...rules, maxEjectionTimeMs: 1000 };
      sweepEndpoints(records, short, 0, () => 0);
      sweepEndpoints(records, short, 30_000, () => 0);
      assert.equal(records[2]?.isEjected, true);
      sweepEndpoints(records, short, 30_001, () => 0);
      assert.equal(records[2]?.isEjected, false);
    });
  });
});
