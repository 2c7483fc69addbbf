/** Load reports (gRFC A51) by grpc-js's client: as they come, for its own reader of them is a balancing policy's. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
import type { ClientSettings, PeerCases } from "../program.js";
import { TestClient } from "./test-client.js";
import { type LoadReport, OpenRcaService, readLoadReport, type TestResponse } from "./test-definition.js";

const loads = [
  { cpu_utilization: 0.821, memory_utilization: 0.5847, utilization: { util: 0.30499 } },
  { cpu_utilization: 0.29309, memory_utilization: 0.2, utilization: { util: 0.2039 } },
] as const;

interface RcaStubs extends grpc.Client {
  StreamCoreMetrics(request: object): grpc.ClientReadableStream<LoadReport>;
}

function fields({ cpu_utilization, mem_utilization, utilization }: LoadReport): object {
  return { cpu_utilization, memory_utilization: mem_utilization, utilization: { ...utilization } };
}

export function loadCases(client: TestClient, settings: ClientSettings): PeerCases {
  return {
    orca_per_rpc: async () => {
      const order = { ...loads[0], request_cost: { cost: 3456.32 } };
      const { status } = await client.unary("UnaryCall", { orca_per_query_report: order });
      assert.equal(status.code, grpc.status.OK, status.details);
      const [bytes] = status.metadata.get("endpoint-load-metrics-bin");
      assert.ok(Buffer.isBuffer(bytes), "a report came");
      const report = readLoadReport(bytes);
      assert.deepEqual({ ...fields(report), request_cost: { ...report.request_cost } }, order);
    },
    orca_oob: async () => {
      const rca = new TestClient(settings, {}, OpenRcaService).stubs as unknown as RcaStubs;
      const reports = rca.StreamCoreMetrics({ report_interval: { seconds: 1 } });
      const incoming = (reports as AsyncIterable<LoadReport>)[Symbol.asyncIterator]();
      const call = client.duplex();
      const answers = (call as AsyncIterable<TestResponse>)[Symbol.asyncIterator]();
      for (const load of loads) {
        call.write({ orca_oob_report: load, response_parameters: [{ size: 1 }] });
        await answers.next();
        for (;;) {
          const report = await incoming.next();
          if (report.done === true) assert.fail("the reports ended before the load was reported");
          if (isDeepStrictEqual(fields(report.value), load)) break;
        }
      }
      reports.on("error", () => {});
      reports.cancel();
      call.end();
      rca.close();
    },
  };
}
