/** Calls within one process: no bytes, no socket, and the manners of a wire all the same. */
import type { Millis, Peer, Platform } from "../../base/platform.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { Deadline } from "../../rpc/deadline.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { Metadata } from "../../rpc/metadata.js";
import type { MethodDescriptor } from "../../rpc/method-descriptor.js";
import type { Stats } from "../../rpc/stats/stats.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { CallDispatcher } from "../transport.js";
import { InProcessCall, type InProcessCallOwner } from "./in-process-call.js";

/** A server's door for the process that it runs in. Give it to createClient. */
export interface InProcessInvoker extends Invoker {
  readonly peer: Peer;
  /** Calls that have not ended. */
  readonly activeCalls: number;
  /** Takes no new calls: they end with UNAVAILABLE. `onDrained` is called once, when the running ones have ended. */
  drain(onDrained: () => void): void;
  /** Takes no new calls and ends the running ones with UNAVAILABLE. Idempotent. */
  close(): void;
}

/** Calls go to the dispatcher as if they had come over a connection whose peer is `inproc:<name>`. */
export function createInProcessInvoker(
  dispatcher: CallDispatcher,
  platform: Platform,
  name = "server",
): InProcessInvoker {
  return new DispatchingInvoker(dispatcher, platform, { address: `inproc:${name}`, security: "local" });
}

class DispatchingInvoker implements InProcessInvoker, InProcessCallOwner {
  readonly peer: Peer;
  readonly platform: Platform;
  readonly server: Invoker;
  readonly stats: Stats | undefined;
  readonly #dispatcher: CallDispatcher;
  readonly #calls = new Set<InProcessCall>();
  #isClosed = false;
  #onDrained: (() => void) | undefined;

  constructor(dispatcher: CallDispatcher, platform: Platform, peer: Peer) {
    this.#dispatcher = dispatcher;
    this.platform = platform;
    this.peer = peer;
    this.server = dispatcher.invoker;
    this.stats = dispatcher.stats;
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const method = this.#dispatcher.findMethod(headers.method.path);
    const deadline = this.#deadline(headers, options);
    const copied: RequestHeaders = {
      method: headers.method,
      metadata: new Metadata(headers.metadata),
      deadline: Number.isNaN(deadline) ? Number.POSITIVE_INFINITY : deadline,
      previousAttempts: headers.previousAttempts ?? 0,
      attemptStats: headers.attemptStats,
    };
    const call = new InProcessCall(this, copied, method, sink);
    this.#calls.add(call);
    const refusal = this.#refusal(headers.method, method, deadline, options);
    if (refusal !== undefined) call.cancel(refusal);
    else {
      call.isCounted = true;
      this.#dispatcher.calls.onStart(this.platform.now());
      call.start();
    }
    return call;
  }

  drain(onDrained: () => void): void {
    this.#isClosed = true;
    this.#onDrained = onDrained;
    this.#checkDrained();
  }

  close(): void {
    this.#isClosed = true;
    const status: Status = { code: StatusCode.UNAVAILABLE, message: "the server was closed", delivery: "unknown" };
    for (const call of [...this.#calls]) call.abort(status);
  }

  onCallEnd(call: InProcessCall, { code }: Status): void {
    this.#calls.delete(call);
    if (call.isCounted) this.#dispatcher.calls.onEnd(code === StatusCode.OK);
    this.#checkDrained();
  }

  #checkDrained(): void {
    if (this.#calls.size > 0) return;
    const onDrained = this.#onDrained;
    this.#onDrained = undefined;
    onDrained?.();
  }

  /** The soonest of what the caller said, or else what the .proto says; NaN when that was no number. */
  #deadline(headers: RequestHeaders, options: CallOptions): Deadline {
    const now: Millis = this.platform.now();
    let deadline = Math.min(headers.deadline, now + (options.timeoutMs ?? Number.POSITIVE_INFINITY));
    if (options.deadline !== undefined) {
      deadline = Math.min(deadline, now + options.deadline.getTime() - this.platform.wallClock());
    }
    if (options.context) deadline = Math.min(deadline, now + options.context.timeoutMs());
    const isUnsaid = options.timeoutMs === undefined && deadline === Number.POSITIVE_INFINITY;
    return isUnsaid ? now + (headers.method.timeoutMs ?? Number.POSITIVE_INFINITY) : deadline;
  }

  /** Why a call is not worth starting. */
  #refusal(
    asked: MethodDescriptor,
    found: MethodDescriptor | undefined,
    deadline: Deadline,
    options: CallOptions,
  ): Status | undefined {
    if (this.#isClosed) {
      return { code: StatusCode.UNAVAILABLE, message: "the server is shutting down", delivery: "not-sent" };
    }
    if (found === undefined) {
      const message = this.#dispatcher.unimplementedMessage(asked.path);
      return { code: StatusCode.UNIMPLEMENTED, message, delivery: "not-processed" };
    }
    if (Number.isNaN(deadline)) {
      const message = `timeoutMs is ${String(options.timeoutMs)} and deadline ${String(options.deadline)}: one is no time`;
      return { code: StatusCode.INTERNAL, message, delivery: "not-sent" };
    }
    if (deadline > this.platform.now()) return undefined;
    const message = `the deadline of ${asked.path} had passed before the call began`;
    return { code: StatusCode.DEADLINE_EXCEEDED, message, delivery: "not-sent" };
  }
}

/** Servers that listen on `inproc:<name>`, by name. Process-wide, as ports are machine-wide. */
const servers = new Map<string, Invoker>();

/** Makes a server known as `inproc:<name>` until the returned function is called. Throws when the name is taken. */
export function registerInProcessServer(name: string, invoker: Invoker): () => void {
  if (servers.has(name)) throw new Error(`cannot listen on inproc:${name}: another server of this process does`);
  servers.set(name, invoker);
  return () => {
    if (servers.get(name) === invoker) servers.delete(name);
  };
}

/** The server that listens on `inproc:<name>`, to be called like any Invoker. */
export function findInProcessServer(name: string): Invoker | undefined {
  return servers.get(name);
}
