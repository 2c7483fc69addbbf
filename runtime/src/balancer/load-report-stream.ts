import type { Millis } from "../base/platform.js";
import { serviceFromDesc } from "../codec/describe-service.js";
import type { OrcaLoadReport } from "../gen/xds/data/orca/v3/orca_load_report_pb.js";
import { OpenRcaService } from "../gen/xds/service/orca/v3/orca_pb.js";
import type { LoadReport } from "../rpc/load-report.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { createReportRequest, fromReportMessage } from "../wire/load-report.js";
import type { PickedSubchannel } from "./picker.js";
import { StandingCall, type StandingCallClock } from "./standing-call.js";

export interface LoadReportStreamOptions {
  readonly subchannel: PickedSubchannel;
  readonly clock: StandingCallClock;
  /** Milliseconds between two reports; the server may take longer. */
  readonly intervalMs: Millis;
  /** Called on the path of a call, not from the control plane. */
  onReport(report: LoadReport): void;
}

/** The load that the server of one connection reports apart from calls (gRFC A51, out-of-band), from now on. */
export function openLoadReportStream(options: LoadReportStreamOptions): StandingCall {
  const { subchannel, clock, intervalMs } = options;
  const stream = new StandingCall({
    subchannel,
    clock,
    name: "stream of load reports",
    method: serviceFromDesc(OpenRcaService).methods[0] as MethodDescriptor,
    createRequest: () => createReportRequest(intervalMs),
    onMessage: (message) => options.onReport(fromReportMessage(message as OrcaLoadReport)),
  });
  stream.start();
  return stream;
}
