import { create } from "@bufbuild/protobuf";
import { OrcaLoadReportSchema } from "../../src/gen/xds/data/orca/v3/orca_load_report_pb.js";
import type { OrcaLoadReportRequest } from "../../src/gen/xds/service/orca/v3/orca_pb.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import type { Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";

/** A stream of load reports as its server sees it. */
export class ReportCall implements RequestStream {
  readonly path: string;
  request: OrcaLoadReportRequest | undefined;
  isFinished = false;
  pulled = 0;
  cancelled: Status | undefined;
  readonly #sink: ResponseSink;

  constructor(headers: RequestHeaders, sink: ResponseSink) {
    this.path = headers.method.path;
    this.#sink = sink;
  }

  get intervalMs(): number {
    return Number(this.request?.reportInterval?.seconds) * 1000 + Number(this.request?.reportInterval?.nanos) / 1e6;
  }

  send(message: unknown, last: boolean): boolean {
    this.request = message as OrcaLoadReportRequest;
    this.isFinished = last;
    return true;
  }

  finish(): void {}

  pull(count: number): void {
    this.pulled += count;
  }

  cancel(status: Status): void {
    this.cancelled = status;
    this.#sink.onStatus(status);
  }

  /** The server reports. */
  report(rpsFractional: number, cpuUtilization: number): void {
    this.pulled--;
    this.#sink.onMessage(create(OrcaLoadReportSchema, { rpsFractional, cpuUtilization }));
  }

  end(code: StatusCode = StatusCode.UNAVAILABLE): void {
    this.#sink.onStatus({ code, message: "the end" });
  }
}
