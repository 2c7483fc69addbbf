import assert from "node:assert/strict";
import type { WeightedRoundRobinConfig } from "../../../src/balancer/weighted-round-robin/config.js";
import { EndpointWeight } from "../../../src/balancer/weighted-round-robin/endpoint-weight.js";
import { CallLoadRecorder } from "../../../src/rpc/load-recorder.js";
import type { LoadReport } from "../../../src/rpc/load-report.js";

const config: WeightedRoundRobinConfig = {
  oobReportingPeriodMs: undefined,
  blackoutPeriodMs: 10_000,
  weightExpirationPeriodMs: 180_000,
  weightUpdatePeriodMs: 1000,
  errorUtilizationPenalty: 1,
  metricNames: [],
};
const atOnce = { ...config, blackoutPeriodMs: 0 };

const empty = new CallLoadRecorder().report();

/** The weight that follows from one report. */
function weightOf(report: Partial<LoadReport>, settings: Partial<WeightedRoundRobinConfig> = {}): number {
  const weight = new EndpointWeight();
  weight.onReport({ ...empty, ...report }, { ...atOnce, ...settings }, 1000);
  return weight.current(atOnce, 1000);
}

describe("EndpointWeight", () => {
  it("is requests per second by utilization", () => {
    assert.equal(weightOf({ qps: 100, cpuUtilization: 0.5 }), 200);
    assert.equal(weightOf({ qps: 100, cpuUtilization: 0.5, applicationUtilization: 0.25 }), 400);
  });

  it("counts failed requests as utilization, as much as the penalty says", () => {
    assert.equal(weightOf({ qps: 100, eps: 50, cpuUtilization: 0.5 }), 100);
    assert.equal(weightOf({ qps: 100, eps: 50, cpuUtilization: 0.5 }, { errorUtilizationPenalty: 3 }), 50);
    assert.equal(weightOf({ qps: 100, eps: 50, cpuUtilization: 0.5 }, { errorUtilizationPenalty: 0 }), 200);
  });

  it("takes nothing from a report that says nothing, or nonsense", () => {
    const half = { cpuUtilization: 0.5 };
    for (const report of [
      {},
      half,
      { qps: 100 },
      { qps: -1, ...half },
      { qps: Number.NaN, ...half },
      { qps: Number.POSITIVE_INFINITY, ...half },
      { qps: 100, cpuUtilization: Number.NaN },
      { qps: 100, cpuUtilization: -0.5 },
      { qps: 100, cpuUtilization: Number.POSITIVE_INFINITY },
      { qps: 100, eps: Number.NaN, ...half },
      { qps: 1e308, cpuUtilization: 1e-10 },
    ]) {
      assert.equal(weightOf(report), 0, JSON.stringify(report));
    }
    assert.equal(weightOf({ qps: 100, eps: -50, ...half }), 200, "no bonus for fewer than no failures");
  });

  it("looks at the metrics that it was told of, where the application says nothing (gRFC A114)", () => {
    const report = { qps: 100, cpuUtilization: 0.1, memoryUtilization: 0.25, namedMetrics: new Map([["queue", 0.5]]) };
    assert.equal(weightOf(report, { metricNames: ["mem_utilization"] }), 400);
    assert.equal(weightOf(report, { metricNames: ["mem_utilization", "named_metrics.queue"] }), 200);
    assert.equal(weightOf(report, { metricNames: ["named_metrics.other"] }), 1000, "none of them: the processor");
    assert.equal(weightOf({ ...report, applicationUtilization: 1 }, { metricNames: ["mem_utilization"] }), 100);
    const broken = { ...report, namedMetrics: new Map([["queue", Number.NaN]]) };
    assert.equal(weightOf(broken, { metricNames: ["named_metrics.queue", "cpu_utilization"] }), 1000);
    const endless = { ...report, namedMetrics: new Map([["queue", Number.POSITIVE_INFINITY]]) };
    assert.equal(weightOf(endless, { metricNames: ["named_metrics.queue"] }), 1000);
  });

  it("is not used before reports have come for the blackout period", () => {
    const weight = new EndpointWeight();
    const report = { ...empty, qps: 10, cpuUtilization: 1 };
    assert.equal(weight.current(config, 0), 0);
    weight.onReport(report, config, 1000);
    weight.onReport(report, config, 9000);
    assert.equal(weight.current(config, 10_999), 0);
    assert.equal(weight.current(config, 11_000), 10);
  });

  it("expires, and the blackout period holds again", () => {
    const weight = new EndpointWeight();
    const report = { ...empty, qps: 10, cpuUtilization: 1 };
    weight.onReport(report, config, 0);
    assert.equal(weight.current(config, 179_999), 10);
    assert.equal(weight.current(config, 180_000), 0);
    weight.onReport(report, config, 200_000);
    assert.equal(weight.current(config, 209_999), 0);
    assert.equal(weight.current(config, 210_000), 10);
  });

  it("is forgotten when the endpoint is connected anew", () => {
    const weight = new EndpointWeight();
    weight.onReport({ ...empty, qps: 10, cpuUtilization: 1 }, atOnce, 0);
    weight.onReady();
    assert.equal(weight.current(atOnce, 1), 0);
    weight.onReport({ ...empty, qps: 20, cpuUtilization: 1 }, config, 1);
    assert.equal(weight.current(config, 10_000), 0);
    assert.equal(weight.current(config, 10_001), 20);
  });
});
