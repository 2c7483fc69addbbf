import type { AsyncScope, Platform, Timer } from "../../base/platform.js";
import type { Enter, SourceReader } from "../../base/source-reader.js";
import { isAbortError, unknownStatus } from "../../interceptor/thrown-status.js";
import type { CallContext } from "../../rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { Metadata } from "../../rpc/metadata.js";
import { clientStreams } from "../../rpc/method-descriptor.js";
import type { ServerCallStats } from "../../rpc/stats/server-call-stats.js";
import { OK, type Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import type { Handler } from "../service-registry.js";
import { deadlineExceeded } from "./deadline-exceeded.js";
import { type HandlerCall, runHandler } from "./handler.js";
import { CallHandlerContext, type HeadersOwner } from "./handler-context.js";
import { RequestQueue, type RequestQueueOwner } from "./request-queue.js";
import { toResponse } from "./response-message.js";
import type { ServerLoad } from "./server-load.js";

/** Whoever runs the calls of a server. */
export interface ServerCallOwner {
  readonly platform: Platform;
  /** What the server says of its load with every call. */
  readonly load: ServerLoad | undefined;
  /** Where handlers run so that their context goes on by itself. */
  readonly scope: AsyncScope<CallContext> | undefined;
  /** A handler threw what is no StatusError, or returned what is no message. */
  onHandlerError(error: unknown, headers: RequestHeaders): void;
  /** How a call ends whose handler may not start now. */
  refusal(): Status | undefined;
  onHandlerStart(): void;
  /** The handler has ended, which may be long after its call has. Once for each start. */
  onHandlerEnd(): void;
}

type Phase =
  /** A unary handler waits for its request and the half-close behind it. */
  | "receiving"
  | "running"
  /** The handler has answered; the message waits to be pulled. */
  | "answered"
  | "ended";

/**
 * One call on the server: deadline, order of events and exactly one end. Takes requests like any RequestStream and
 * gives the sink what the handler answers, no more messages than were pulled.
 */
export class ServerCall implements RequestStream, RequestQueueOwner, HandlerCall, HeadersOwner {
  readonly context: CallHandlerContext;
  readonly #headers: RequestHeaders;
  readonly #handler: Handler;
  readonly #sink: ResponseSink;
  readonly #owner: ServerCallOwner;
  #phase: Phase = "receiving";
  #timer: Timer | undefined;
  #request: unknown;
  /** Requests of a streaming client. */
  #queue: RequestQueue | undefined;
  /** Responses of a streaming handler. */
  #reader: SourceReader | undefined;
  /** Messages that were pulled and not sent. */
  #pulled = 0;
  /** A response that was read before it was pulled. */
  #held: unknown;
  #hasSentHeaders = false;
  /** The handler may go on after the end of its call. */
  #isHandlerRunning = false;

  constructor(headers: RequestHeaders, handler: Handler, sink: ResponseSink, owner: ServerCallOwner) {
    this.#headers = headers;
    this.#handler = handler;
    this.#sink = sink;
    this.#owner = owner;
    this.context = new CallHandlerContext(headers, owner.platform, this);
  }

  start(): void {
    const { deadline, method } = this.#headers;
    if (deadline !== Number.POSITIVE_INFINITY) {
      const { platform } = this.#owner;
      const startedAt = platform.now();
      if (deadline <= startedAt) {
        this.#end(deadlineExceeded(method.path, 0));
        return;
      }
      const timeoutMs = Math.round(deadline - startedAt);
      this.#timer = platform.setTimer(deadline, () => this.#onDeadline(timeoutMs), false);
    }
    if (!clientStreams(method.kind)) return;
    this.#queue = new RequestQueue(this);
    this.#run(this.#queue.stream);
  }

  // RequestStream: what comes from the client.

  send(message: unknown, last: boolean): boolean {
    if (this.#phase === "ended") return true;
    if (this.#queue !== undefined) {
      const isWritable = this.#queue.push(message);
      if (last) this.#queue.end();
      return isWritable;
    }
    if (this.#phase === "receiving" && this.#request === undefined) this.#request = message;
    else this.#tooManyRequests();
    if (last) this.finish();
    return true;
  }

  finish(): void {
    if (this.#queue !== undefined) {
      this.#queue.end();
      return;
    }
    if (this.#phase !== "receiving") return;
    const request = this.#request;
    this.#request = undefined;
    if (request !== undefined) this.#run(request);
    else this.#end(violation(this.#headers.method.path, "no request message"));
  }

  pull(count: number): void {
    this.#pulled += count;
    if (this.#pulled > 0 && this.#held !== undefined) {
      const message = this.#held;
      this.#held = undefined;
      this.#deliver(message);
      if (this.#phase === "answered") this.#end(OK);
      else this.#reader?.resume();
    }
  }

  cancel(status: Status): void {
    if (this.#phase === "ended") return;
    this.#end(status);
    if (this.#isHandlerRunning) this.#stopHandler(status);
  }

  onQueueWritable(): void {
    if (this.#phase === "running") this.#sink.onWritable();
  }

  // What the handler does.

  /** Throws when the headers have gone. Ignored when the client has. */
  sendHeaders(headers: Metadata): void {
    if (this.#hasSentHeaders) throw new Error(`headers of ${this.#headers.method.path} have already been sent`);
    if (this.#phase !== "running") return;
    this.#hasSentHeaders = true;
    this.#sink.onHeaders(headers);
  }

  /** Takes the reader of a streaming handler's responses. */
  read(reader: SourceReader): void {
    this.#reader = reader;
    reader.resume();
  }

  /** The one response of a handler that does not stream. */
  answer(value: unknown): void {
    this.#handlerEnded();
    if (this.#phase !== "running") return;
    const message = this.#toResponse(value);
    if (message === undefined) return;
    if (this.#pulled === 0) {
      this.#held = message;
      this.#phase = "answered";
      return;
    }
    this.#deliver(message);
    this.#end(OK);
  }

  /** The handler threw. */
  fail(error: unknown): void {
    this.#handlerEnded();
    const status = StatusError.statusOf(error);
    const isRunning = this.#phase === "running";
    if (status === undefined && (isRunning || !isAbortError(error))) this.#owner.onHandlerError(error, this.#headers);
    if (isRunning) this.#end(status ?? unknownStatus(error));
  }

  failWrongly(error: TypeError): void {
    this.#handlerEnded();
    if (this.#phase === "running") this.#refuse(error);
  }

  /** Reads one message more than was pulled: else nobody would see that there is none, and the status would not come. */
  onSourceMessage(value: unknown): boolean {
    if (this.#phase !== "running") return false;
    const message = this.#toResponse(value);
    if (message === undefined) {
      this.#reader?.stop();
      return false;
    }
    if (this.#pulled === 0) {
      this.#held = message;
      return false;
    }
    this.#deliver(message);
    return true;
  }

  onSourceEnd(): void {
    this.#handlerEnded();
    if (this.#phase === "running") this.#end(OK);
  }

  onSourceError(error: unknown): void {
    this.fail(error);
  }

  onSourceStopped(error?: unknown): void {
    if (error === undefined) this.#handlerEnded();
    else this.fail(error);
  }

  /** The quota is of handlers: a call may have waited for its request while others began to run. */
  #run(input: unknown): void {
    const refusal = this.#owner.refusal();
    if (refusal !== undefined) {
      this.#end(refusal);
      return;
    }
    this.#phase = "running";
    this.#isHandlerRunning = true;
    this.#owner.onHandlerStart();
    this.#headers.slot?.onHandlerStart();
    runHandler(this, this.#headers.method.kind, this.#handler, input, this.#scope());
  }

  /** What each piece of the handler runs in; undefined where there is nothing. */
  #scope(): Enter | undefined {
    const ambient = this.#owner.scope === undefined ? undefined : entered(this.#owner.scope, this.context);
    const { serverStats } = this.#headers;
    return serverStats?.listener.run === undefined ? ambient : within(ambient, serverStats);
  }

  #deliver(message: unknown): void {
    this.#pulled--;
    if (!this.#hasSentHeaders) {
      this.#hasSentHeaders = true;
      this.#sink.onHeaders(new Metadata());
    }
    this.#sink.onMessage(message);
  }

  /** Undefined when the value is no message: the call has ended then. */
  #toResponse(value: unknown): unknown {
    const { method } = this.#headers;
    try {
      return toResponse(method, value);
    } catch (error) {
      this.#refuse(error);
      return undefined;
    }
  }

  /** The client learns what was expected and nothing of what there was. */
  #refuse(error: unknown): void {
    this.#owner.onHandlerError(error, this.#headers);
    const { path, desc } = this.#headers.method;
    const message = `the handler of ${path} gave something else than a ${desc.output.typeName}`;
    this.#end({ code: StatusCode.INTERNAL, message, cause: error });
  }

  #onDeadline(timeoutMs: number): void {
    this.cancel(deadlineExceeded(this.#headers.method.path, timeoutMs));
  }

  #tooManyRequests(): void {
    if (this.#phase === "receiving") this.#end(violation(this.#headers.method.path, "a second request message"));
  }

  /** Tells a handler whose call is over: by its signal, in its loop over the requests, and by its generator's return. */
  #stopHandler(status: Status): void {
    this.context.abort(status);
    this.#queue?.fail(this.context.abortReason(status));
    this.#reader?.stop();
  }

  #handlerEnded(): void {
    if (!this.#isHandlerRunning) return;
    this.#isHandlerRunning = false;
    this.#queue?.end();
    this.#owner.onHandlerEnd();
    this.#headers.slot?.onHandlerEnd();
  }

  /** The one way out. */
  #end(status: Status): void {
    if (this.#phase === "ended") return;
    this.#phase = "ended";
    this.#timer?.cancel();
    this.#request = undefined;
    this.#held = undefined;
    this.#sink.onStatus(this.context.withTrailers(status, this.#owner.load));
  }
}

// What makes closures is a function of its own: where it is part of another one, each call of that takes memory for them.

function entered(scope: AsyncScope<CallContext>, context: CallContext): Enter {
  return (fn) => scope.run(context, fn);
}

function within(ambient: Enter | undefined, stats: ServerCallStats): Enter {
  return ambient === undefined ? (fn) => stats.run(fn) : (fn) => ambient(() => stats.run(fn));
}

/** Of a server that gets too few or too many messages gRPC wants UNIMPLEMENTED (grpc/grpc doc/statuscodes.md). */
function violation(path: string, observed: string): Status {
  return { code: StatusCode.UNIMPLEMENTED, message: `the client of ${path} sent ${observed}, expected one` };
}
