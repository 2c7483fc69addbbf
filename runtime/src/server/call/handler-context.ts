import type { Millis, Peer, Platform } from "../../base/platform.js";
import type { Deadline } from "../../rpc/deadline.js";
import type { HandlerContext } from "../../rpc/handler-context.js";
import type { RequestHeaders } from "../../rpc/invoker.js";
import { CallLoadRecorder } from "../../rpc/load-recorder.js";
import { Metadata, type MetadataInit } from "../../rpc/metadata.js";
import type { MethodDescriptor } from "../../rpc/method-descriptor.js";
import type { Principal } from "../../rpc/principal.js";
import type { ServerCallListener } from "../../rpc/stats/stats-sink.js";
import type { Status } from "../../rpc/status.js";
import { StatusError } from "../../rpc/status-error.js";
import { encodeLoadReport, loadReportKey } from "../../wire/load-report.js";
import type { ServerLoad } from "./server-load.js";

/** Where a context sends the headers that its handler sets. */
export interface HeadersOwner {
  sendHeaders(headers: Metadata): void;
}

/** Of a call that does not say who calls. */
export const unknownPeer: Peer = Object.freeze({ address: "unknown:", security: "none" });

/** What one handler knows of its call. Signal, trailers and load report are made when they are first asked for. */
export class CallHandlerContext implements HandlerContext {
  readonly method: MethodDescriptor;
  readonly metadata: Metadata;
  readonly deadline: Deadline;
  readonly peer: Peer;
  readonly principal: Principal | undefined;
  readonly attempt: number;
  readonly statsListener: ServerCallListener | undefined;
  readonly #platform: Platform;
  readonly #owner: HeadersOwner;
  #controller: AbortController | undefined;
  #trailers: Metadata | undefined;
  #loadReport: CallLoadRecorder | undefined;
  #abortedWith: Status | undefined;
  #abortReason: StatusError | undefined;

  constructor(headers: RequestHeaders, platform: Platform, owner: HeadersOwner) {
    this.method = headers.method;
    this.metadata = headers.metadata;
    this.deadline = headers.deadline;
    this.peer = headers.peer ?? unknownPeer;
    this.principal = headers.principal;
    this.attempt = (headers.previousAttempts ?? 0) + 1;
    this.statsListener = headers.serverStats?.listener;
    this.#platform = platform;
    this.#owner = owner;
  }

  timeoutMs(): Millis {
    return Math.max(0, this.deadline - this.#platform.now());
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedWith !== undefined) this.#controller.abort(this.abortReason(this.#abortedWith));
    }
    return this.#controller.signal;
  }

  get trailers(): Metadata {
    this.#trailers ??= new Metadata();
    return this.#trailers;
  }

  get loadReport(): CallLoadRecorder {
    this.#loadReport ??= new CallLoadRecorder();
    return this.#loadReport;
  }

  setHeaders(headers: Metadata | MetadataInit): void {
    this.#owner.sendHeaders(new Metadata(headers));
  }

  /** The status with the handler's trailers, and what handler and server say of the load, in front of its own. Used once, at the end of the call. */
  withTrailers(status: Status, serverLoad: ServerLoad | undefined): Status {
    const trailers = this.#trailers;
    const load = this.#encodeLoad(serverLoad);
    if (load === undefined && (trailers === undefined || trailers.size === 0)) return status;
    const merged = new Metadata(trailers);
    if (load !== undefined) merged.set(loadReportKey, load);
    if (status.trailers !== undefined) merged.merge(status.trailers);
    return { ...status, trailers: merged };
  }

  #encodeLoad(serverLoad: ServerLoad | undefined): Uint8Array | undefined {
    if (this.#loadReport === undefined) return serverLoad?.encoded();
    return encodeLoadReport(this.#loadReport.reportOver(serverLoad?.report()));
  }

  /** The call is over before its handler is. */
  abort(status: Status): void {
    this.#abortedWith = status;
    this.#controller?.abort(this.abortReason(status));
  }

  /** The signal's reason; made when it is first needed: most cancelled calls need none. */
  abortReason(status: Status): StatusError {
    this.#abortReason ??= StatusError.fromStatus(status, { method: this.method.path, peer: this.peer });
    return this.#abortReason;
  }
}
