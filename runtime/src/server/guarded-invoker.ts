import { unknownStatus } from "../interceptor/thrown-status.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { StatusError } from "../rpc/status-error.js";
import { endedStream } from "../transport/ended-stream.js";
import type { FailedCall } from "./server-options.js";

/** In front of interceptors that may throw against the law of Invoker: that ends their own call, not its connection. */
export class GuardedInvoker implements Invoker {
  readonly #next: Invoker;
  readonly #report: (error: unknown, call: FailedCall) => void;

  constructor(next: Invoker, report: (error: unknown, call: FailedCall) => void) {
    this.#next = next;
    this.#report = report;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    try {
      return this.#next.invoke(headers, options, sink);
    } catch (error) {
      const status = StatusError.statusOf(error);
      if (status === undefined) this.#report(error, { method: headers.method, peer: headers.peer });
      return endedStream(sink, status ?? unknownStatus(error));
    }
  }
}
