import { Backoff } from "../base/backoff.js";
import type { Millis, Timer } from "../base/platform.js";
import { serviceFromDesc } from "../codec/describe-service.js";
import type { OrcaLoadReport } from "../gen/xds/data/orca/v3/orca_load_report_pb.js";
import { OpenRcaService } from "../gen/xds/service/orca/v3/orca_pb.js";
import type { CallOptions } from "../rpc/call-options.js";
import { noDeadline } from "../rpc/deadline.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { LoadReport } from "../rpc/load-report.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { createReportRequest, fromReportMessage } from "../wire/load-report.js";
import type { PickedSubchannel, SlotWaiter } from "./picker.js";

/** What of a policy's channel a stream of reports needs. */
export interface LoadReportClock {
  now(): Millis;
  random(): number;
  setTimer(at: Millis, fn: () => void): Timer;
}

export interface LoadReportStreamOptions {
  readonly subchannel: PickedSubchannel;
  readonly clock: LoadReportClock;
  /** Milliseconds between two reports; the server may take longer. */
  readonly intervalMs: Millis;
  /** Called on the path of a call, not from the control plane. */
  onReport(report: LoadReport): void;
}

type State =
  | { readonly name: "waitingForSlot" }
  | { readonly name: "streaming"; readonly call: ReportCall }
  | { readonly name: "waitingToRetry"; readonly timer: Timer }
  /** Stopped, or the server does not know the service. */
  | { readonly name: "ended" };

/**
 * The load that the server of one connection reports apart from calls (gRFC A51, out-of-band). A stream that ends is begun
 * anew: at once if it lasted, else after a backoff from its beginning that grows until a report comes; one that the server
 * does not know is not. Nothing of it fails a subchannel.
 */
export class LoadReportStream implements SlotWaiter {
  readonly #options: LoadReportStreamOptions;
  readonly #backoff: Backoff;
  #state: State = { name: "waitingForSlot" };
  #startedAt: Millis = 0;

  /** Begins at once. */
  constructor(options: LoadReportStreamOptions) {
    this.#options = options;
    this.#backoff = new Backoff(() => options.clock.random());
    this.#begin();
  }

  stop(): void {
    const state = this.#state;
    this.#state = { name: "ended" };
    if (state.name === "waitingForSlot") this.#options.subchannel.leaveSlotQueue(this);
    if (state.name === "waitingToRetry") state.timer.cancel();
    if (state.name === "streaming") state.call.cancel();
  }

  onSlot(): void {
    if (this.#state.name === "waitingForSlot") this.#call();
  }

  /** Whoever owns this hears of it from the subchannel, and stops it. */
  onNoConnection(): void {
    this.#state = { name: "ended" };
  }

  #begin(): void {
    const { subchannel } = this.#options;
    this.#state = { name: "waitingForSlot" };
    if (subchannel.isOpen()) this.#call();
    else subchannel.waitForSlot(this);
  }

  #call(): void {
    const call = new ReportCall(
      (report) => this.#options.onReport(report),
      (status, hasReported) => this.#onEnd(call, status, hasReported),
    );
    this.#state = { name: "streaming", call };
    this.#startedAt = this.#options.clock.now();
    call.start(this.#options.subchannel, this.#options.intervalMs);
  }

  #onEnd(call: ReportCall, status: Status, hasReported: boolean): void {
    if (this.#state.name !== "streaming" || this.#state.call !== call) return;
    if (status.code === StatusCode.UNIMPLEMENTED) {
      this.#state = { name: "ended" };
      return;
    }
    if (hasReported) this.#backoff.reset();
    const { clock } = this.#options;
    const at = Math.max(clock.now(), this.#startedAt + this.#backoff.next());
    this.#state = { name: "waitingToRetry", timer: clock.setTimer(at, () => this.#begin()) };
  }
}

/** Whatever the channel's own calls are written in: every such service knows this. */
const reportOptions: CallOptions = Object.freeze({ messageFormat: "proto" });
const notNeeded: Status = Object.freeze({
  code: StatusCode.CANCELLED,
  message: "load reports are not needed any more",
});

/** One try. */
class ReportCall implements ResponseSink {
  readonly #onReport: (report: LoadReport) => void;
  readonly #onEnd: (status: Status, hasReported: boolean) => void;
  #stream: RequestStream | undefined;
  #hasReported = false;
  #hasEnded = false;

  constructor(onReport: (report: LoadReport) => void, onEnd: (status: Status, hasReported: boolean) => void) {
    this.#onReport = onReport;
    this.#onEnd = onEnd;
  }

  start(subchannel: PickedSubchannel, intervalMs: Millis): void {
    const headers: RequestHeaders = {
      method: reportMethod(),
      metadata: new Metadata(),
      deadline: noDeadline,
      isBackground: true,
    };
    const stream = subchannel.invoke(headers, reportOptions, this);
    if (this.#hasEnded) {
      // Given up while it started; on a stream that has ended this does nothing.
      stream.cancel(notNeeded);
      return;
    }
    this.#stream = stream;
    stream.pull(1);
    stream.send(createReportRequest(intervalMs), true);
  }

  cancel(): void {
    this.#hasEnded = true;
    this.#stream?.cancel(notNeeded);
  }

  onHeaders(): void {}

  onMessage(message: unknown): void {
    if (this.#hasEnded) return;
    this.#hasReported = true;
    this.#onReport(fromReportMessage(message as OrcaLoadReport));
    this.#stream?.pull(1);
  }

  onWritable(): void {}

  onStatus(status: Status): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(status, this.#hasReported);
  }
}

function reportMethod(): MethodDescriptor {
  return serviceFromDesc(OpenRcaService).methods[0] as MethodDescriptor;
}
