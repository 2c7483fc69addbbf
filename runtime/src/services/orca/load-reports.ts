import type { OrcaLoadReport } from "../../gen/xds/data/orca/v3/orca_load_report_pb.js";
import type { OrcaLoadReportRequest } from "../../gen/xds/service/orca/v3/orca_pb.js";
import { createNodePlatform, type HandlerContext, type LoadRecorder, type Platform } from "../../index.js";
import type { OpenRcaHandlers } from "./open-rca-definition.js";

export interface LoadReportsOptions {
  /** Milliseconds between two reports where the client asks for less, or for nothing. Default 30000; from 1. (gRFC A51) */
  readonly minIntervalMs?: number | undefined;
  /** Clock and timers. Default: Node's. */
  readonly platform?: Platform | undefined;
}

type Report = Omit<OrcaLoadReport, "$typeName" | "$unknown" | "rps">;

/**
 * Reports what a recorder has, at once and then at the interval that the client asks for: `server.add(OpenRca,
 * createLoadReports(recorder))`. Throws TypeError when the smallest interval is not a number from 1.
 */
export function createLoadReports(recorder: LoadRecorder, options: LoadReportsOptions = {}): OpenRcaHandlers {
  const { minIntervalMs = 30_000, platform = createNodePlatform() } = options;
  if (!(minIntervalMs >= 1 && minIntervalMs < Number.POSITIVE_INFINITY)) {
    throw new TypeError(`minIntervalMs is ${String(minIntervalMs)}: expected a number from 1`);
  }
  return {
    streamCoreMetrics(request, context) {
      const intervalMs = Math.max(minIntervalMs, intervalOf(request));
      return reports(recorder, platform, intervalMs, context);
    },
  };
}

async function* reports(
  recorder: LoadRecorder,
  platform: Platform,
  intervalMs: number,
  { signal }: HandlerContext,
): AsyncGenerator<Report> {
  while (!signal.aborted) {
    yield toMessage(recorder);
    await sleep(platform, intervalMs, signal);
  }
}

function intervalOf({ reportInterval }: OrcaLoadReportRequest): number {
  if (reportInterval === undefined) return 0;
  return Number(reportInterval.seconds) * 1000 + reportInterval.nanos / 1e6;
}

/** What belongs to one call is not reported apart from calls (gRFC A51). */
function toMessage(recorder: LoadRecorder): Report {
  const report = recorder.report();
  return {
    cpuUtilization: report.cpuUtilization,
    memUtilization: report.memoryUtilization,
    applicationUtilization: report.applicationUtilization,
    rpsFractional: report.qps,
    eps: report.eps,
    utilization: Object.fromEntries(report.utilization),
    requestCost: {},
    namedMetrics: {},
  };
}

/** Resolves early when the call is over. */
function sleep(platform: Platform, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      timer.cancel();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = platform.setTimer(platform.now() + ms, wake, false);
    signal.addEventListener("abort", wake);
    if (signal.aborted) wake();
  });
}
