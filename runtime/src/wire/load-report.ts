/** A server's load on the wire: xds.data.orca.v3.OrcaLoadReport (gRFC A51). */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Millis } from "../base/platform.js";
import { type OrcaLoadReport, OrcaLoadReportSchema } from "../gen/xds/data/orca/v3/orca_load_report_pb.js";
import { type OrcaLoadReportRequest, OrcaLoadReportRequestSchema } from "../gen/xds/service/orca/v3/orca_pb.js";
import type { LoadReport } from "../rpc/load-report.js";
import type { Metadata } from "../rpc/metadata.js";

/** The trailer in which a server reports with a call. */
export const loadReportKey = "endpoint-load-metrics-bin";

/** What a server reported with a call; undefined when it did not, or not so that one report can be read. */
export function loadReportOf(trailers: Metadata | undefined): LoadReport | undefined {
  const value = trailers?.get(loadReportKey);
  if (!(value instanceof Uint8Array) || (trailers?.getAll(loadReportKey).length ?? 0) > 1) return undefined;
  try {
    return fromReportMessage(fromBinary(OrcaLoadReportSchema, value));
  } catch {
    return undefined;
  }
}

/** Undefined when there is nothing to report. */
export function encodeLoadReport(report: LoadReport): Uint8Array | undefined {
  const bytes = toBinary(OrcaLoadReportSchema, toReportMessage(report));
  return bytes.length === 0 ? undefined : bytes;
}

export function toReportMessage(report: LoadReport): OrcaLoadReport {
  return create(OrcaLoadReportSchema, {
    cpuUtilization: report.cpuUtilization,
    memUtilization: report.memoryUtilization,
    applicationUtilization: report.applicationUtilization,
    rpsFractional: report.qps,
    eps: report.eps,
    utilization: Object.fromEntries(report.utilization),
    requestCost: Object.fromEntries(report.requestCost),
    namedMetrics: Object.fromEntries(report.namedMetrics),
  });
}

export function fromReportMessage(message: OrcaLoadReport): LoadReport {
  return {
    cpuUtilization: message.cpuUtilization,
    memoryUtilization: message.memUtilization,
    applicationUtilization: message.applicationUtilization,
    qps: message.rpsFractional,
    eps: message.eps,
    utilization: entriesOf(message.utilization),
    requestCost: entriesOf(message.requestCost),
    namedMetrics: entriesOf(message.namedMetrics),
  };
}

function entriesOf(map: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(map));
}

/** Asks a server for reports that are `intervalMs` apart. */
export function createReportRequest(intervalMs: Millis): OrcaLoadReportRequest {
  return create(OrcaLoadReportRequestSchema, { reportInterval: durationFromMs(intervalMs) });
}
