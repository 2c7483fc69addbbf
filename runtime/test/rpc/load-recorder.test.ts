import assert from "node:assert/strict";
import { CallLoadRecorder, LoadRecorder } from "../../src/rpc/load-recorder.js";

const nothing = {
  cpuUtilization: 0,
  memoryUtilization: 0,
  applicationUtilization: 0,
  qps: 0,
  eps: 0,
  utilization: new Map(),
  requestCost: new Map(),
  namedMetrics: new Map(),
};

describe("LoadRecorder", () => {
  it("has nothing to report at first", () => {
    assert.deepEqual(new LoadRecorder().report(), nothing);
  });

  it("reports what was written down last, until it is taken away", () => {
    const recorder = new LoadRecorder().setCpuUtilization(0.5).setMemoryUtilization(0.25).setApplicationUtilization(2);
    recorder.setQps(100).setEps(3).setUtilization("disk", 0.1).setUtilization("disk", 0.9);
    const written = { cpuUtilization: 0.5, memoryUtilization: 0.25, applicationUtilization: 2, qps: 100, eps: 3 };
    assert.deepEqual(recorder.report(), { ...nothing, ...written, utilization: new Map([["disk", 0.9]]) });
    recorder.setCpuUtilization(undefined).setMemoryUtilization(undefined).setApplicationUtilization(undefined);
    recorder.setQps(undefined).setEps(undefined).setUtilization("disk", undefined).setUtilization("none", undefined);
    assert.deepEqual(recorder.report(), nothing);
  });

  it("ignores what is out of range", () => {
    const recorder = new CallLoadRecorder().setCpuUtilization(0.5).setCpuUtilization(-1).setCpuUtilization(Number.NaN);
    recorder.setMemoryUtilization(1.1).setQps(-1).setEps(Number.POSITIVE_INFINITY).setApplicationUtilization(-0.1);
    recorder.setUtilization("disk", 2).setRequestCost("rows", Number.NaN).setNamedMetric("queue", -1);
    assert.deepEqual(recorder.report(), { ...nothing, cpuUtilization: 0.5 });
  });

  it("of a call goes before what its server says, even with 0", () => {
    const server = new LoadRecorder().setCpuUtilization(0.5).setQps(100).setUtilization("disk", 0.1);
    server.setUtilization("net", 0.2);
    const call = new CallLoadRecorder().setCpuUtilization(0).setUtilization("disk", 0.3);
    call.setRequestCost("rows", 12).setNamedMetric("queue", 7);
    assert.deepEqual(call.reportOver(server.report()), {
      ...nothing,
      qps: 100,
      utilization: new Map([
        ["disk", 0.3],
        ["net", 0.2],
      ]),
      requestCost: new Map([["rows", 12]]),
      namedMetrics: new Map([["queue", 7]]),
    });
  });

  it("gives reports that do not change with it", () => {
    const recorder = new LoadRecorder().setUtilization("disk", 0.1);
    const report = recorder.report();
    recorder.setUtilization("disk", 0.9).setQps(1);
    assert.deepEqual(report, { ...nothing, utilization: new Map([["disk", 0.1]]) });
    assert.equal(recorder.report(), recorder.report(), "the same object until something changes");
  });
});
