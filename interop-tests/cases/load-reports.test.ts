/** Servers that say how busy they are, and clients that balance by it (gRFC A51, A58). */
import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { createChannel, createClient, createServer, insecure, LoadRecorder } from "godwit";
import { createLoadReports, OpenRca } from "godwit/orca";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { type GrpcJsServer, startGrpcJsServer } from "../grpc-js/grpc-js-server.js";

/** The second server is busy three times as much: it gets a quarter of the calls. */
const loads = [0.2, 0.6];
const withCalls = { blackoutPeriod: "0s", weightUpdatePeriod: "0.1s" };
const apartFromCalls = { ...withCalls, enableOobLoadReport: true, oobReportingPeriod: "0.02s" };

/**
 * The same as grpc-js reads it: by the names of the .proto, and the period by a name of its own. It knows no utilization but
 * the application's.
 */
const grpcJsWithCalls = { blackout_period: "0s", weight_update_period: "0.1s" };
const grpcJsConfigs = {
  "with calls": grpcJsWithCalls,
  "apart from calls": { ...grpcJsWithCalls, enable_oob_load_report: true, oob_load_reporting_period: "0.02s" },
};

/** What grpc-js gives its handlers, and does not say. */
interface Measured {
  getMetricsRecorder(): { recordCPUUtilizationMetric(value: number): void; recordQpsMetric(value: number): void };
}

const target = (ports: readonly number[]): string => `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;

/** Calls until the first server has three quarters of them. */
async function callUntilWeighed(counts: number[], call: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < 50; round++) {
    counts.fill(0);
    for (let i = 0; i < 40; i++) await call();
    if (Math.abs((counts[0] as number) / 40 - 0.75) < 0.03) return;
  }
  assert.fail(`of 40 calls the servers have ${counts.join(" and ")} in the end`);
}

describe("load reports: our client, grpc-js servers", function () {
  this.timeout(20_000);
  let servers: GrpcJsServer[];
  const counts = [0, 0];

  beforeEach(async () => {
    servers = await Promise.all(
      loads.map((load, i) => {
        const unary: grpc.handleUnaryCall<{ id: string }, { id: string }> = (call, callback) => {
          counts[i] = (counts[i] as number) + 1;
          const recorder = (call as unknown as Measured).getMetricsRecorder();
          recorder.recordCPUUtilizationMetric(load);
          recorder.recordQpsMetric(100);
          callback(null, { id: call.request.id });
        };
        return startGrpcJsServer({ unary: unary as never }, { "grpc.server_call_metric_recording": 1 });
      }),
    );
    for (const [i, { server }] of servers.entries()) {
      const recorder = new grpc.ServerMetricRecorder();
      recorder.setCpuUtilizationMetric(loads[i] as number);
      recorder.setQpsMetric(100);
      recorder.addToServer(server);
    }
  });

  afterEach(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  for (const [how, weighted_round_robin] of Object.entries({
    "with calls": withCalls,
    "apart from calls": apartFromCalls,
  })) {
    it(how, async () => {
      await using channel = createChannel(target(servers.map(({ port }) => port)), {
        credentials: insecure(),
        loadBalancing: { weighted_round_robin },
      });
      const echo = createClient(EchoService, channel);
      await callUntilWeighed(counts, () => echo.unary({ id: "a" }));
    });
  }
});

describe("load reports: grpc-js client, our servers", function () {
  this.timeout(20_000);
  const counts = [0, 0];

  for (const [how, weighted_round_robin] of Object.entries(grpcJsConfigs)) {
    it(how, async () => {
      const servers = loads.map((load, i) => {
        const loadRecorder = new LoadRecorder().setApplicationUtilization(load).setQps(100);
        const server = createServer({ loadRecorder: how === "with calls" ? loadRecorder : undefined });
        server.add(OpenRca, createLoadReports(loadRecorder, { minIntervalMs: 10 }));
        return server.addPartial(EchoService, {
          unary: ({ id }) => {
            counts[i] = (counts[i] as number) + 1;
            return { id };
          },
        });
      });
      const addresses = await Promise.all(servers.map((server) => server.listen("127.0.0.1:0")));
      const serviceConfig = { loadBalancingConfig: [{ weighted_round_robin }] };
      using client = new GrpcJsClient(target(addresses.map(({ port }) => port)), {
        "grpc.service_config": JSON.stringify(serviceConfig),
      });
      await callUntilWeighed(counts, async () => {
        assert.equal((await client.unary({ id: "a" })).status.code, grpc.status.OK);
      });
      for (const server of servers) await server.close({ graceMs: 0 });
    });
  }
});
