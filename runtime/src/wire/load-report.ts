/**
 * A server's load on the wire: xds.data.orca.v3.OrcaLoadReport (gRFC A51). It may come with every call, so that it is read
 * and written by hand.
 */
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Millis } from "../base/platform.js";
import { varintBytes, writeVarint } from "../base/varint.js";
import { WireReader } from "../codec/compiled/wire-reader.js";
import type { OrcaLoadReport } from "../gen/xds/data/orca/v3/orca_load_report_pb.js";
import { type OrcaLoadReportRequest, OrcaLoadReportRequestSchema } from "../gen/xds/service/orca/v3/orca_pb.js";
import type { LoadReport } from "../rpc/load-report.js";
import type { Metadata } from "../rpc/metadata.js";

/** The trailer in which a server reports with a call. */
export const loadReportKey = "endpoint-load-metrics-bin";

type Entries = ReadonlyMap<string, number>;

/** Shared by all reports without entries. */
const noEntries: Entries = new Map();

/** Tags of the fields: number times 8, plus 1 for a double, 2 for an entry of a map. */
const cpuTag = 0x09;
const memoryTag = 0x11;
const requestCostTag = 0x22;
const utilizationTag = 0x2a;
const qpsTag = 0x31;
const epsTag = 0x39;
const namedMetricsTag = 0x42;
const applicationTag = 0x49;

/** Of a map's entry. */
const keyTag = 0x0a;
const valueTag = 0x11;

/** A tag and a double. */
const doubleBytes = 9;

/** What a server reported with a call; undefined when it did not, or not so that one report can be read. */
export function loadReportOf(trailers: Metadata | undefined): LoadReport | undefined {
  const value = trailers?.get(loadReportKey);
  if (!(value instanceof Uint8Array) || (trailers?.getAll(loadReportKey).length ?? 0) > 1) return undefined;
  try {
    return readReport(new WireReader("xds.data.orca.v3.OrcaLoadReport", value, 0, value.length, false), value.length);
  } catch {
    return undefined;
  }
}

function readReport(r: WireReader, end: number): LoadReport {
  const report = {
    cpuUtilization: 0,
    memoryUtilization: 0,
    applicationUtilization: 0,
    qps: 0,
    eps: 0,
    utilization: noEntries,
    requestCost: noEntries,
    namedMetrics: noEntries,
  };
  while (r.position < end) {
    const tag = r.tag();
    if (tag === cpuTag) report.cpuUtilization = r.double();
    else if (tag === memoryTag) report.memoryUtilization = r.double();
    else if (tag === applicationTag) report.applicationUtilization = r.double();
    else if (tag === qpsTag) report.qps = r.double();
    else if (tag === epsTag) report.eps = r.double();
    else if (tag === utilizationTag) report.utilization = readEntry(r, end, report.utilization);
    else if (tag === requestCostTag) report.requestCost = readEntry(r, end, report.requestCost);
    else if (tag === namedMetricsTag) report.namedMetrics = readEntry(r, end, report.namedMetrics);
    else r.skip(tag);
  }
  r.leave(end, -1);
  return report;
}

function readEntry(r: WireReader, end: number, entries: Entries): Entries {
  const entryEnd = r.enterPart(end);
  let name = "";
  let value = 0;
  while (r.position < entryEnd) {
    const tag = r.tag();
    if (tag === keyTag) name = r.string();
    else if (tag === valueTag) value = r.double();
    else r.skip(tag);
  }
  r.leavePart(entryEnd);
  const into = entries === noEntries ? new Map<string, number>() : (entries as Map<string, number>);
  return into.set(name, value);
}

/** Undefined when there is nothing to report. */
export function encodeLoadReport(report: LoadReport): Uint8Array | undefined {
  const { cpuUtilization, memoryUtilization, applicationUtilization, qps, eps } = report;
  const measures = [cpuUtilization, memoryUtilization, qps, eps, applicationUtilization];
  const size =
    measures.filter((value) => value !== 0).length * doubleBytes +
    entriesBytes(report.requestCost) +
    entriesBytes(report.utilization) +
    entriesBytes(report.namedMetrics);
  if (size === 0) return undefined;
  const bytes = Buffer.allocUnsafe(size);
  let at = putMeasure(bytes, 0, cpuTag, cpuUtilization);
  at = putMeasure(bytes, at, memoryTag, memoryUtilization);
  at = putEntries(bytes, at, requestCostTag, report.requestCost);
  at = putEntries(bytes, at, utilizationTag, report.utilization);
  at = putMeasure(bytes, at, qpsTag, qps);
  at = putMeasure(bytes, at, epsTag, eps);
  at = putEntries(bytes, at, namedMetricsTag, report.namedMetrics);
  putMeasure(bytes, at, applicationTag, applicationUtilization);
  return bytes;
}

function entriesBytes(entries: Entries): number {
  let size = 0;
  for (const name of entries.keys()) {
    const content = contentBytes(Buffer.byteLength(name));
    size += 1 + varintBytes(content) + content;
  }
  return size;
}

/** Of an entry behind its length. */
function contentBytes(nameBytes: number): number {
  return 1 + varintBytes(nameBytes) + nameBytes + doubleBytes;
}

function putMeasure(bytes: Buffer, at: number, tag: number, value: number): number {
  return value === 0 ? at : putDouble(bytes, at, tag, value);
}

function putDouble(bytes: Buffer, at: number, tag: number, value: number): number {
  bytes[at] = tag;
  return bytes.writeDoubleLE(value, at + 1);
}

function putEntries(bytes: Buffer, start: number, tag: number, entries: Entries): number {
  let at = start;
  for (const [name, value] of entries) {
    const nameBytes = Buffer.byteLength(name);
    bytes[at] = tag;
    at = writeVarint(bytes, at + 1, contentBytes(nameBytes));
    bytes[at] = keyTag;
    at = writeVarint(bytes, at + 1, nameBytes);
    at = putDouble(bytes, at + bytes.write(name, at), valueTag, value);
  }
  return at;
}

/** The same of a message that came apart from calls. */
export function fromReportMessage(message: OrcaLoadReport): LoadReport {
  return {
    cpuUtilization: message.cpuUtilization,
    memoryUtilization: message.memUtilization,
    applicationUtilization: message.applicationUtilization,
    qps: message.rpsFractional,
    eps: message.eps,
    utilization: new Map(Object.entries(message.utilization)),
    requestCost: new Map(Object.entries(message.requestCost)),
    namedMetrics: new Map(Object.entries(message.namedMetrics)),
  };
}

/** Asks a server for reports that are `intervalMs` apart. */
export function createReportRequest(intervalMs: Millis): OrcaLoadReportRequest {
  return create(OrcaLoadReportRequestSchema, { reportInterval: durationFromMs(intervalMs) });
}
