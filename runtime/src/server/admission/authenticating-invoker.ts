import type { Platform } from "../../base/platform.js";
import { isThenable } from "../../base/thenable.js";
import { isAbortError } from "../../interceptor/thrown-status.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { Authenticator, Principal } from "../../rpc/principal.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import { endedStream } from "../../transport/ended-stream.js";
import { CallToAuthenticate } from "./call-to-authenticate.js";
import { HeldCall } from "./held-call.js";

/** Hears of what an authenticator threw that was not meant for the client. */
export type AuthenticatorErrorHandler = (error: unknown, headers: RequestHeaders) => void;

/** The caller is known, or the call ends. */
type Outcome = { readonly headers: RequestHeaders } | { readonly refusal: Status };

/**
 * Who makes this call? The answer goes along with its headers. A call whose authenticator answers at once goes straight on;
 * one whose authenticator has to ask is held, and takes the place of a handler on its connection as long as it asks: a
 * client that resets its calls must not have more of them under way than one that waits (CVE-2023-44487).
 */
export class AuthenticatingInvoker implements Invoker {
  readonly #next: Invoker;
  readonly #authenticate: Authenticator;
  readonly #platform: Platform;
  readonly #onError: AuthenticatorErrorHandler;

  constructor(next: Invoker, authenticate: Authenticator, platform: Platform, onError: AuthenticatorErrorHandler) {
    this.#next = next;
    this.#authenticate = authenticate;
    this.#platform = platform;
    this.#onError = onError;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const call = new CallToAuthenticate(headers, this.#platform);
    try {
      const answer: unknown = this.#authenticate(call);
      if (isThenable(answer)) return this.#hold(call, answer, headers, options, sink);
      return this.#goOn(this.#identify(headers, answer), options, sink);
    } catch (error) {
      return endedStream(sink, this.#refusal(error, headers));
    }
  }

  #hold(
    call: CallToAuthenticate,
    answer: PromiseLike<unknown>,
    headers: RequestHeaders,
    options: CallOptions,
    sink: ResponseSink,
  ): RequestStream {
    const held = new HeldCall(headers, sink, this.#platform, (status) => call.abort(status));
    const settle = (outcome: Outcome): void => {
      headers.slot?.onHandlerEnd();
      held.admit((answer) => this.#goOn(outcome, options, answer));
    };
    headers.slot?.onHandlerStart();
    answer.then(
      (principal) => settle(this.#identify(headers, principal)),
      (error: unknown) => {
        const isEcho = call.isOver && isAbortError(error);
        settle({ refusal: isEcho ? unauthenticated(error) : this.#refusal(error, headers) });
      },
    );
    return held;
  }

  #goOn(outcome: Outcome, options: CallOptions, sink: ResponseSink): RequestStream {
    return "refusal" in outcome
      ? endedStream(sink, outcome.refusal)
      : this.#next.invoke(outcome.headers, options, sink);
  }

  #identify(headers: RequestHeaders, answer: unknown): Outcome {
    if (isPrincipal(answer)) return { headers: { ...headers, principal: answer } };
    const observed = answer === null ? "null" : `a value of type ${typeof answer}`;
    const error = new TypeError(`authenticate gave ${observed}: expected a Principal with a name`);
    return { refusal: this.#refusal(error, headers) };
  }

  #refusal(error: unknown, headers: RequestHeaders): Status {
    const meant = StatusError.statusOf(error);
    if (meant !== undefined) return meant;
    this.#onError(error, headers);
    return unauthenticated(error);
  }
}

/** Says nothing of why: what an authenticator throws holds secrets. */
function unauthenticated(cause: unknown): Status {
  return { code: StatusCode.UNAUTHENTICATED, message: "the caller could not be authenticated", cause };
}

function isPrincipal(value: unknown): value is Principal {
  if (typeof value !== "object" || value === null) return false;
  const { name } = value as { name?: unknown };
  return typeof name === "string" && name !== "";
}
