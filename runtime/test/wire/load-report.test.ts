import assert from "node:assert/strict";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { OrcaLoadReportSchema } from "../../src/gen/xds/data/orca/v3/orca_load_report_pb.js";
import { CallLoadRecorder } from "../../src/rpc/load-recorder.js";
import type { LoadReport } from "../../src/rpc/load-report.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { createReportRequest, encodeLoadReport, fromReportMessage, loadReportOf } from "../../src/wire/load-report.js";
import { FakePlatform } from "../support/fake-platform.js";

/** As grpc-go 1.85 writes it: cpu 1, mem 0.5, request_cost queryCost 25, utilization queueSize 0.75, rps 8.5, eps 2, named_metrics. */
const bytes = Buffer.from(
  "09000000000000f03f11000000000000e03f22140a0971756572" +
    "79436f73741100000000000039402a140a09717565756553697a6511000000000000e83f" +
    "31000000000000214039000000000000004042100a0566697273741100000000000008404900000000000004c0",
  "hex",
);

const report = {
  ...new CallLoadRecorder().report(),
  cpuUtilization: 1,
  memoryUtilization: 0.5,
  requestCost: new Map([["queryCost", 25]]),
  utilization: new Map([["queueSize", 0.75]]),
  qps: 8.5,
  eps: 2,
  namedMetrics: new Map([["first", 3]]),
  applicationUtilization: -2.5,
};

function trailers(...values: Uint8Array[]): Metadata {
  const metadata = new Metadata();
  for (const value of values) metadata.append("endpoint-load-metrics-bin", value);
  return metadata;
}

describe("a server's load on the wire (gRFC A51)", () => {
  it("is read as grpc-go writes it", () => {
    assert.deepEqual(loadReportOf(trailers(bytes)), report);
  });

  it("is written as grpc-go reads it", () => {
    assert.equal(Buffer.from(encodeLoadReport(report) as Uint8Array).toString("hex"), bytes.toString("hex"));
  });

  it("is not written when there is nothing to say", () => {
    assert.equal(encodeLoadReport(new CallLoadRecorder().report()), undefined);
  });

  it("is not read where it is missing, malformed, or there twice", () => {
    assert.equal(loadReportOf(undefined), undefined);
    assert.equal(loadReportOf(new Metadata({ other: "1" })), undefined);
    assert.equal(loadReportOf(trailers(bytes, bytes)), undefined);
    for (let end = 1; end < bytes.length; end++) {
      const read = loadReportOf(trailers(bytes.subarray(0, end)));
      assert.ok(read === undefined || read.qps === 0 || read.qps === 8.5, `cut at ${end}`);
    }
    assert.equal(loadReportOf(trailers(Buffer.from("foo-bar"))), undefined);
    const random = new FakePlatform({ seed: 7 });
    for (let i = 0; i < 2000; i++) {
      loadReportOf(trailers(Uint8Array.from({ length: random.random() * 60 }, () => random.random() * 256)));
    }
  });

  it("keeps names that are those of an object's own things", () => {
    const named = {
      ...report,
      namedMetrics: new Map([
        ["__proto__", 1],
        ["constructor", 2],
      ]),
    };
    const read = loadReportOf(trailers(encodeLoadReport(named) as Uint8Array));
    assert.equal(read?.namedMetrics.get("constructor"), 2);
    assert.equal(({} as Record<string, unknown>)["1"], undefined);
  });

  it("is what protobuf-es reads and writes, whatever is in it", () => {
    const random = new FakePlatform({ seed: 51 });
    const number = (): number => (random.random() < 0.4 ? 0 : (random.random() - 0.3) * 10 ** (random.random() * 20));
    const name = (): string => "naïve name ".repeat(random.random() * 20).slice(0, random.random() * 200);
    const entries = (): Map<string, number> =>
      new Map(Array.from({ length: random.random() * 4 }, () => [name(), number()]));
    for (let i = 0; i < 500; i++) {
      const made: LoadReport = {
        cpuUtilization: number(),
        memoryUtilization: number(),
        applicationUtilization: number(),
        qps: number(),
        eps: number(),
        utilization: entries(),
        requestCost: entries(),
        namedMetrics: entries(),
      };
      const written = encodeLoadReport(made) ?? new Uint8Array();
      const message = fromBinary(OrcaLoadReportSchema, written);
      assert.deepEqual(fromReportMessage(message), made);
      assert.deepEqual(loadReportOf(trailers(toBinary(OrcaLoadReportSchema, { ...message, rps: 1n << 40n }))), made);
    }
  });

  it("is asked for with an interval", () => {
    const { reportInterval } = createReportRequest(2500);
    assert.deepEqual([reportInterval?.seconds, reportInterval?.nanos], [2n, 500_000_000]);
  });
});
