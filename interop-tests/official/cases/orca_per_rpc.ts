import assert from "node:assert/strict";
import { CallInfo, loadReportOf } from "godwit";
import { inTime, type OfficialCase } from "../case.js";

/** The server reports its load with the trailers of a call (gRFC A51). */
export const orcaPerRpc: OfficialCase = async ({ service }) => {
  const info = new CallInfo();
  const orcaPerQueryReport = {
    cpuUtilization: 0.821,
    memoryUtilization: 0.5847,
    requestCost: { cost: 3456.32 },
    utilization: { util: 0.30499 },
  };
  await service.unaryCall({ orcaPerQueryReport }, { ...inTime, info });
  const report = loadReportOf(info.trailers);
  assert.ok(report !== undefined, "a report came");
  const { cpuUtilization, memoryUtilization, requestCost, utilization } = report;
  const received = {
    cpuUtilization,
    memoryUtilization,
    requestCost: Object.fromEntries(requestCost),
    utilization: Object.fromEntries(utilization),
  };
  assert.deepEqual(received, orcaPerQueryReport);
};
