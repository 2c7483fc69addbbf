import type { Peer } from "../base/platform.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { RawInterceptor } from "../rpc/interceptor.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { Metadata } from "../rpc/metadata.js";
import type { Status } from "../rpc/status.js";
import { StatusError } from "../rpc/status-error.js";
import type { InterceptorErrorHandler } from "./intercepted-stream.js";
import { interceptorFailure } from "./thrown-status.js";

/** The call that headers belong to: an interceptor that hands on a copy of them hands this on too. */
const guardedCall = Symbol("guarded call");

type GuardedHeaders = RequestHeaders & { readonly [guardedCall]?: GuardedCall };

/**
 * A RawInterceptor that breaks the law of Invoker and throws: its call ends, as it does for the promise form. Without
 * this the error would reach the connection below or beside it, and end that with all its calls.
 */
export function guardRaw(interceptor: RawInterceptor, onError?: InterceptorErrorHandler): RawInterceptor {
  return (next) => {
    const inner = interceptor({
      invoke(headers: GuardedHeaders, options, sink) {
        const call = headers[guardedCall] ?? strayCall(headers, sink, onError);
        return call.invokeNext(next, headers, options, sink);
      },
    });
    return {
      invoke(headers, options, sink) {
        const call = new GuardedCall(headers, sink, onError);
        call.start(inner, options);
        return call;
      },
    };
  };
}

/** One call on its way through one raw interceptor: the RequestStream of whoever is above, the sink of the interceptor. */
class GuardedCall implements RequestStream, ResponseSink {
  readonly #headers: RequestHeaders;
  readonly #above: ResponseSink;
  readonly #onError: InterceptorErrorHandler | undefined;
  /** The interceptor's own; undefined before its invoke has returned, and when it is not to be called any more. */
  #inner: RequestStream | undefined;
  /** What the interceptor made of the call below; more than one where it tries again. */
  readonly #below: GuardedSink[] = [];
  #ended = false;
  /** How it ended, when the interceptor threw. */
  #failed: Status | undefined;

  constructor(headers: RequestHeaders, above: ResponseSink, onError: InterceptorErrorHandler | undefined) {
    this.#headers = headers;
    this.#above = above;
    this.#onError = onError;
  }

  start(interceptor: Invoker, options: CallOptions): void {
    const headers: GuardedHeaders = { ...this.#headers, [guardedCall]: this };
    try {
      const inner: unknown = interceptor.invoke(headers, options, this);
      if (typeof inner !== "object" || inner === null) throw noStream(this.#headers, inner);
      if (!this.#failed) this.#inner = inner as RequestStream;
    } catch (error) {
      this.fail(error);
    }
  }

  // ---- RequestStream, from above

  send(message: unknown, last: boolean): boolean {
    return this.#tell((inner) => inner.send(message, last)) ?? true;
  }

  finish(): void {
    this.#tell((inner) => inner.finish());
  }

  pull(count: number): void {
    this.#tell((inner) => inner.pull(count));
  }

  cancel(status: Status): void {
    this.#tell((inner) => inner.cancel(status), status);
  }

  // ---- ResponseSink, from the interceptor

  onHeaders(metadata: Metadata, peer?: Peer): void {
    if (!this.#ended) this.#above.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    if (!this.#ended) this.#above.onMessage(message);
  }

  onStatus(status: Status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#above.onStatus(status);
  }

  onWritable(): void {
    if (!this.#ended) this.#above.onWritable();
  }

  // ----

  /** The interceptor goes on with the call. */
  invokeNext(next: Invoker, headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const guarded = new GuardedSink(sink, (error) => this.fail(error));
    this.#below.push(guarded);
    guarded.stream = next.invoke(headers, options, guarded);
    if (this.#failed) guarded.stream.cancel(this.#failed);
    return guarded.stream;
  }

  /** The interceptor threw: the call ends above, and what it has below is cancelled, unless that is how it ended. */
  fail(error: unknown, instead?: Status): void {
    const told = StatusError.statusOf(error);
    if (told === undefined) this.report(error);
    const status = instead ?? told ?? interceptorFailure(error, this.#headers);
    const isFirst = this.#failed === undefined;
    this.#failed ??= status;
    this.#inner = undefined;
    this.onStatus(status);
    if (isFirst) for (const { stream } of this.#below.splice(0)) stream?.cancel(status);
  }

  #tell<T>(say: (inner: RequestStream) => T, instead?: Status): T | undefined {
    if (this.#inner === undefined) return undefined;
    try {
      return say(this.#inner);
    } catch (error) {
      this.fail(error, instead);
      return undefined;
    }
  }

  report(error: unknown): void {
    try {
      this.#onError?.(error, { method: this.#headers.method, peer: this.#headers.peer });
    } catch {
      // Whoever listens for errors must not be able to end the process with one.
    }
  }
}

/** What the interceptor hears of the call below it, until it throws. */
class GuardedSink implements ResponseSink {
  stream: RequestStream | undefined;
  readonly #sink: ResponseSink;
  readonly #onThrown: (error: unknown) => void;
  #isDeaf = false;

  constructor(sink: ResponseSink, onThrown: (error: unknown) => void) {
    this.#sink = sink;
    this.#onThrown = onThrown;
  }

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#tell((sink) => sink.onHeaders(metadata, peer));
  }

  onMessage(message: unknown): void {
    this.#tell((sink) => sink.onMessage(message));
  }

  onStatus(status: Status): void {
    this.#tell((sink) => sink.onStatus(status));
  }

  onWritable(): void {
    this.#tell((sink) => sink.onWritable());
  }

  #tell(say: (sink: ResponseSink) => void): void {
    if (this.#isDeaf) return;
    try {
      say(this.#sink);
    } catch (error) {
      this.#isDeaf = true;
      this.#onThrown(error);
    }
  }
}

const nobody: Peer = Object.freeze({ address: "unknown:", security: "none" });

/**
 * The headers are of the interceptor's own making: what it throws can be told to nobody but itself. Which side this is
 * they do not say, so that the text of an error stays here.
 */
function strayCall(
  headers: RequestHeaders,
  sink: ResponseSink,
  onError: InterceptorErrorHandler | undefined,
): GuardedCall {
  const above = new GuardedSink(sink, (error) => call.report(error));
  const call: GuardedCall = new GuardedCall({ peer: nobody, ...headers }, above, onError);
  return call;
}

function noStream({ method }: RequestHeaders, observed: unknown): TypeError {
  return new TypeError(
    `a raw interceptor of ${method.path} gave no RequestStream but a value of type ${typeof observed}`,
  );
}
