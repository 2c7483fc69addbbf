import type { CallOptions } from "../rpc/call-options.js";
import type { InterceptedCall, Interceptor, RawInterceptor } from "../rpc/interceptor.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { kindOf } from "../rpc/misuse.js";
import { InterceptedStream, type InterceptorErrorHandler, proceed } from "./intercepted-stream.js";

/**
 * Puts the promise form of an interceptor in front of an Invoker. `onError` hears of what it throws, unless that is a
 * StatusError. The interceptor's outer function runs once per chain, its inner one once per call.
 */
export function interceptAsync(interceptor: Interceptor, onError?: InterceptorErrorHandler): RawInterceptor {
  return (next) => {
    const intercept: unknown = interceptor(proceed);
    if (typeof intercept !== "function") {
      throw new TypeError(`an interceptor returned ${kindOf(intercept)}, expected (next) => async (call) => status`);
    }
    return new AsyncInterceptorInvoker(next, intercept as (call: InterceptedCall) => unknown, onError);
  };
}

class AsyncInterceptorInvoker implements Invoker {
  readonly #next: Invoker;
  readonly #intercept: (call: InterceptedCall) => unknown;
  readonly #onError: InterceptorErrorHandler | undefined;

  constructor(
    next: Invoker,
    intercept: (call: InterceptedCall) => unknown,
    onError: InterceptorErrorHandler | undefined,
  ) {
    this.#next = next;
    this.#intercept = intercept;
    this.#onError = onError;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const stream = new InterceptedStream(this.#next, headers, options, sink, this.#onError);
    stream.run(this.#intercept);
    return stream;
  }
}
