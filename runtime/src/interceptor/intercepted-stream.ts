import { create, isMessage } from "@bufbuild/protobuf";
import type { Peer } from "../base/platform.js";
import { isThenable, markHandled } from "../base/thenable.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { InterceptorNext } from "../rpc/interceptor.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { isStatusCode, StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";
import { AsyncInterceptedCall, type InterceptedCallOwner } from "./intercepted-call.js";
import { interceptorFailure, isAbortError } from "./thrown-status.js";

/** The call in which an interceptor failed. */
export interface InterceptorFailure {
  readonly method: MethodDescriptor;
  readonly peer: Peer | undefined;
}

/** Hears of errors that an interceptor threw and that are no StatusError. */
export type InterceptorErrorHandler = (error: unknown, call: InterceptorFailure) => void;

type Phase =
  /** `next` has not been called: requests are held, pulls are counted. */
  | "held"
  /** Everything passes through. */
  | "open"
  /** Cancelled from above or by a failing mapMessage: only the status still comes. */
  | "cancelled"
  /** The interceptor has ended the call; messages that it gave to `respond` wait to be pulled. */
  | "closing"
  | "ended";

/** The interceptor returned while its `next` was still under way. */
const abandoned: Status = Object.freeze({
  code: StatusCode.CANCELLED,
  message: "an interceptor ended the call before its server did",
});

/** One call on its way through one async interceptor: a RequestStream to the caller, a ResponseSink to what is below. */
export class InterceptedStream implements RequestStream, ResponseSink, InterceptedCallOwner {
  readonly #next: Invoker;
  readonly #headers: RequestHeaders;
  readonly #options: CallOptions;
  readonly #sink: ResponseSink;
  readonly #onError: InterceptorErrorHandler | undefined;
  readonly #call: AsyncInterceptedCall;
  #phase: Phase = "held";
  #below: RequestStream | undefined;
  /** How the call ended below; what `next` resolves to. */
  #belowStatus: Status | undefined;
  #resolveNext: ((status: Status) => void) | undefined;
  #cancelStatus: Status | undefined;
  #finalStatus: Status | undefined;
  /** Requests that came before `next` was called, and whether the last of them half-closes. */
  #requests: unknown[] = [];
  #isFinished = false;
  /** `send` returned false for a held request. */
  #isBlocked = false;
  /** Messages that were asked for and not passed on, to below or to `respond`. */
  #pulled = 0;
  #responses: unknown[] = [];
  #hasSentHeaders = false;

  constructor(
    next: Invoker,
    headers: RequestHeaders,
    options: CallOptions,
    sink: ResponseSink,
    onError: InterceptorErrorHandler | undefined,
  ) {
    this.#next = next;
    this.#headers = headers;
    this.#options = options;
    this.#sink = sink;
    this.#onError = onError;
    this.#call = new AsyncInterceptedCall(headers, this);
  }

  /** Runs the interceptor; what it returns or throws ends the call. */
  run(intercept: (call: AsyncInterceptedCall) => unknown): void {
    try {
      const returned = intercept(this.#call);
      if (isThenable(returned)) {
        returned.then(
          (status) => this.#finish(this.#checked(status)),
          (error: unknown) => this.#fail(error),
        );
      } else {
        this.#finish(this.#checked(returned));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  // The interceptor's side.

  proceed(): Promise<Status> {
    const cancelled = this.#cancelStatus;
    if (this.#phase === "ended" && cancelled !== undefined && this.#resolveNext === undefined) {
      return Promise.resolve(cancelled);
    }
    if (this.#phase !== "held") return this.#misuse("next was called twice, or after the interceptor had returned");
    if (this.#responses.length > 0) return this.#misuse("next was called after respond");
    this.#phase = "open";
    return new Promise((resolve) => {
      this.#resolveNext = resolve;
      this.#invokeNext();
    });
  }

  respond(message: unknown): void {
    if (this.#phase === "ended") return;
    const { path, desc } = this.#headers.method;
    if (this.#phase !== "held") throw new Error(`respond was called after next by an interceptor of ${path}`);
    if (isMessage(message) && message.$typeName !== desc.output.typeName) {
      throw new TypeError(`respond got a ${message.$typeName} for ${path}, expected a ${desc.output.typeName}`);
    }
    this.#responses.push(isMessage(message) ? message : create(desc.output, message as Record<string, unknown>));
    this.#deliverResponses();
  }

  // RequestStream: the caller's side.

  send(message: unknown, last: boolean): boolean {
    // The interceptor may take its time with the end. A client's source may have none, and would be read until then; what
    // comes to a server is dropped, since it would hold its connection's window.
    if (this.#belowStatus !== undefined) return this.#headers.peer !== undefined;
    if (this.#below !== undefined) return this.#forward(this.#below, message, last);
    if (this.#phase !== "held" && this.#phase !== "open") return false;
    this.#requests.push(message);
    this.#isFinished = last;
    this.#isBlocked = true;
    return false;
  }

  finish(): void {
    if (this.#below !== undefined) this.#below.finish();
    else this.#isFinished = true;
  }

  pull(count: number): void {
    if (this.#below !== undefined) {
      this.#below.pull(count);
      return;
    }
    this.#pulled += count;
    this.#deliverResponses();
  }

  cancel(status: Status): void {
    if (this.#phase === "ended" || this.#phase === "cancelled") return;
    this.#cancelStatus = status;
    if (this.#phase !== "open") {
      this.#end(this.#phase === "held" ? heldStatus(status) : status);
      return;
    }
    this.#phase = "cancelled";
    this.#below?.cancel(status);
  }

  // ResponseSink: what comes from below.

  onHeaders(metadata: Metadata, peer?: Peer): void {
    if (this.#phase !== "open") return;
    this.#call.responseHeaders = metadata;
    if (peer !== undefined) this.#call.peer = peer;
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    if (this.#phase !== "open") return;
    let mapped: unknown;
    try {
      mapped = this.#call.apply(message, "response");
    } catch (error) {
      this.#abort(this.#statusOf(error));
      return;
    }
    this.#sink.onMessage(mapped);
  }

  onStatus(status: Status): void {
    if (this.#belowStatus !== undefined) return;
    this.#belowStatus = status;
    this.#resolveNext?.(status);
  }

  onWritable(): void {
    if (this.#phase === "open") this.#sink.onWritable();
  }

  #invokeNext(): void {
    const headers: RequestHeaders = { ...this.#headers, metadata: this.#call.metadata };
    const below = this.#next.invoke(headers, this.#options, this);
    this.#below = below;
    if (this.#cancelStatus !== undefined) {
      below.cancel(this.#cancelStatus);
      return;
    }
    if (this.#pulled > 0) below.pull(this.#pulled);
    const requests = this.#requests;
    this.#requests = [];
    let isWritable = true;
    for (let i = 0; i < requests.length; i++) {
      isWritable = this.#forward(below, requests[i], this.#isFinished && i === requests.length - 1);
    }
    if (requests.length === 0 && this.#isFinished) below.finish();
    if (this.#isBlocked && isWritable) this.onWritable();
  }

  #forward(below: RequestStream, message: unknown, last: boolean): boolean {
    if (this.#phase !== "open") return false;
    let mapped: unknown;
    try {
      mapped = this.#call.apply(message, "request");
    } catch (error) {
      this.#abort(this.#statusOf(error));
      return false;
    }
    return below.send(mapped, last);
  }

  /** A watch or map function threw: the interceptor learns of it as of any end, and need not wait for what is below. */
  #abort(status: Status): void {
    this.cancel(status);
    this.onStatus(status);
  }

  /** The interceptor threw: what it had given to `respond` is not sent. */
  #fail(error: unknown): void {
    this.#responses = [];
    this.#finish(this.#statusOf(error));
  }

  #finish(status: Status): void {
    if (this.#phase === "ended") return;
    if (this.#resolveNext !== undefined && this.#belowStatus === undefined) this.#below?.cancel(abandoned);
    this.#finalStatus = status;
    if (this.#responses.length === 0) {
      this.#end(status);
      return;
    }
    this.#phase = "closing";
  }

  #deliverResponses(): void {
    while (this.#pulled > 0 && this.#responses.length > 0) {
      this.#pulled--;
      if (!this.#hasSentHeaders) {
        this.#hasSentHeaders = true;
        this.#sink.onHeaders(new Metadata());
      }
      this.#sink.onMessage(this.#responses.shift());
    }
    if (this.#responses.length === 0 && this.#finalStatus !== undefined) this.#end(this.#finalStatus);
  }

  #end(status: Status): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#requests = [];
    this.#responses = [];
    this.#sink.onStatus(status);
  }

  #checked(status: unknown): Status {
    if (isStatus(status)) return status;
    const { path } = this.#headers.method;
    return this.#statusOf(new TypeError(`an interceptor of ${path} returned ${describe(status)}, expected a Status`));
  }

  #statusOf(error: unknown): Status {
    const status = StatusError.statusOf(error);
    if (status !== undefined) return status;
    if (!(this.#cancelStatus !== undefined && isAbortError(error))) this.#report(error);
    return interceptorFailure(error, this.#headers);
  }

  #report(error: unknown): void {
    try {
      this.#onError?.(error, { method: this.#headers.method, peer: this.#call.peer });
    } catch {
      // Whoever listens for errors must not be able to end the process with one.
    }
  }

  #misuse(what: string): Promise<Status> {
    const rejected = Promise.reject(new Error(`${what} by an interceptor of ${this.#headers.method.path}`));
    markHandled(rejected);
    return rejected;
  }
}

/** The request never went past the interceptor: that is where the time of a deadline went. */
function heldStatus(status: Status): Status {
  const where = status.code === StatusCode.DEADLINE_EXCEEDED ? " while an interceptor held the call back" : "";
  return { ...status, message: status.message + where, delivery: "not-sent" };
}

/** Whether a value has what a status is sent with; what else it has stays in the process. */
function isStatus(value: unknown): value is Status {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, trailers, details } = value as { readonly [Key in keyof Status]?: unknown };
  return (
    typeof code === "number" &&
    isStatusCode(code) &&
    typeof message === "string" &&
    (trailers === undefined || trailers instanceof Metadata) &&
    (details === undefined || details instanceof Uint8Array)
  );
}

function describe(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a value of type ${typeof value}`;
}

/** The `next` of the innermost interceptor function: finds the call's machinery by the call object. */
export const proceed: InterceptorNext = (call) => {
  if (call instanceof AsyncInterceptedCall) return call.proceed();
  const rejected = Promise.reject(
    new TypeError("next takes the call that the interceptor was given, got another value"),
  );
  markHandled(rejected);
  return rejected;
};
