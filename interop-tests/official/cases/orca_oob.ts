import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { createClient, pushable } from "godwit";
import { OpenRca } from "godwit/orca";
import type { StreamingOutputCallRequestInit } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";

const loads = [
  { cpuUtilization: 0.821, memoryUtilization: 0.5847, utilization: { util: 0.30499 } },
  { cpuUtilization: 0.29309, memoryUtilization: 0.2, utilization: { util: 0.2039 } },
] as const;

/** The server reports its load apart from calls (gRFC A51), each second, and one stream tells of both loads in turn. */
export const orcaOob: OfficialCase = async ({ service, channel }) => {
  const orders = pushable<StreamingOutputCallRequestInit>();
  const answers = service.fullDuplexCall(orders, inTime)[Symbol.asyncIterator]();
  const reportInterval = { seconds: 1n, nanos: 0 };
  const reports = createClient(OpenRca, channel).streamCoreMetrics({ reportInterval }, inTime)[Symbol.asyncIterator]();
  for (const load of loads) {
    void orders.write({ orcaOobReport: load, responseParameters: [{ size: 1 }] });
    assert.equal((await answers.next()).done, false, "the order has an answer");
    for (;;) {
      const report = await reports.next();
      if (report.done === true) assert.fail("the reports ended before the load was reported");
      const { cpuUtilization, memUtilization: memoryUtilization, utilization } = report.value;
      if (isDeepStrictEqual({ cpuUtilization, memoryUtilization, utilization: { ...utilization } }, load)) break;
    }
  }
  await reports.return?.();
  orders.finish();
  assert.equal((await answers.next()).done, true);
};
