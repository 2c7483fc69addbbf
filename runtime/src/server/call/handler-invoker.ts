import type { AsyncScope, Platform } from "../../base/platform.js";
import type { CallContext, CallOptions } from "../../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { LoadRecorder } from "../../rpc/load-recorder.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import { endedStream } from "../../transport/ended-stream.js";
import type { FailedCall } from "../server-options.js";
import type { ServiceRegistry } from "../service-registry.js";
import { ServerCall, type ServerCallOwner } from "./server-call.js";
import { ServerLoad } from "./server-load.js";

/** When a call that found the server full should come again: spread, so that those that were refused together do not come together. */
const leastPushbackMs = 500;
const pushbackSpreadMs = 1000;

/** What all handlers of a server have in common. */
export interface HandlerSettings {
  readonly platform: Platform;
  readonly maxConcurrentCalls: number;
  readonly loadRecorder?: LoadRecorder | undefined;
  /** Where handlers run so that their context goes on by itself. */
  readonly scope?: AsyncScope<CallContext> | undefined;
}

/** The end of the server's chain: runs the handler of each call. */
export class HandlerInvoker implements Invoker, ServerCallOwner {
  readonly platform: Platform;
  readonly load: ServerLoad | undefined;
  readonly scope: AsyncScope<CallContext> | undefined;
  readonly #registry: ServiceRegistry;
  readonly #maxConcurrentCalls: number;
  readonly #report: (error: unknown, call: FailedCall) => void;
  #running = 0;

  constructor(
    registry: ServiceRegistry,
    report: (error: unknown, call: FailedCall) => void,
    { platform, maxConcurrentCalls, loadRecorder, scope }: HandlerSettings,
  ) {
    this.#registry = registry;
    this.platform = platform;
    this.#maxConcurrentCalls = maxConcurrentCalls;
    this.#report = report;
    this.load = loadRecorder && new ServerLoad(loadRecorder);
    this.scope = scope;
  }

  /** Handlers that have not ended, those of calls that are over among them. */
  get runningHandlers(): number {
    return this.#running;
  }

  invoke(headers: RequestHeaders, _options: CallOptions, sink: ResponseSink): RequestStream {
    const registered = this.#registry.find(headers.method.path);
    if (registered === undefined) {
      const message = this.#registry.unimplementedMessage(headers.method.path);
      return endedStream(sink, { code: StatusCode.UNIMPLEMENTED, message });
    }
    const refusal = this.refusal();
    if (refusal !== undefined) return endedStream(sink, refusal);
    const call = new ServerCall(headers, registered.handler, sink, this);
    call.start();
    return call;
  }

  refusal(): Status | undefined {
    if (this.#running < this.#maxConcurrentCalls) return undefined;
    const message = `the server runs ${this.#running} calls, limit ${this.#maxConcurrentCalls} (maxConcurrentCalls)`;
    const retryPushbackMs = leastPushbackMs + Math.trunc(pushbackSpreadMs * this.platform.random());
    return { code: StatusCode.RESOURCE_EXHAUSTED, message, retryPushbackMs };
  }

  onHandlerStart(): void {
    this.#running++;
  }

  onHandlerEnd(): void {
    this.#running--;
  }

  onHandlerError(error: unknown, headers: RequestHeaders): void {
    this.#report(error, { method: headers.method, peer: headers.peer });
  }
}
