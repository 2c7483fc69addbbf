import type { Authorizer } from "../../authz/authorizer.js";
import type { Platform } from "../../base/platform.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { endedStream } from "../../transport/ended-stream.js";
import { HeldCall } from "./held-call.js";

/** May this call run? Decided in the turn in which it comes; only a call that is sooner than the policy's file waits for that. */
export class AuthorizingInvoker implements Invoker {
  readonly #next: Invoker;
  readonly #authorizer: Authorizer;
  readonly #platform: Platform;

  constructor(next: Invoker, authorizer: Authorizer, platform: Platform) {
    this.#next = next;
    this.#authorizer = authorizer;
    this.#platform = platform;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    if (this.#authorizer.isReady) return this.#decide(headers, options, sink);
    const call = new HeldCall(headers, sink, this.#platform);
    this.#authorizer.start().then(() => call.admit((answer) => this.#decide(headers, options, answer)));
    return call;
  }

  #decide(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const refusal = this.#authorizer.check(headers);
    return refusal === undefined ? this.#next.invoke(headers, options, sink) : endedStream(sink, refusal);
  }
}
