import type { Peer } from "../base/platform.js";
import type { Deadline } from "./deadline.js";
import type { Invoker } from "./invoker.js";
import type { Metadata } from "./metadata.js";
import type { MethodDescriptor } from "./method-descriptor.js";
import type { Principal } from "./principal.js";
import type { Status } from "./status.js";

export type MessageDirection = "request" | "response";

/** A call as an Interceptor sees it, the same on both sides. */
export interface InterceptedCall {
  readonly method: MethodDescriptor;
  /** The request's metadata; may be changed before `next` is called. */
  readonly metadata: Metadata;
  readonly deadline: Deadline;
  /** On the server: who calls. On the client: who answered, once known. */
  readonly peer: Peer | undefined;
  /** On the server: who makes the call, as `ServerOptions.authenticate` found out. Undefined without it, and on the client. */
  readonly principal: Principal | undefined;
  /** Metadata of the response's headers; undefined until they have come. */
  readonly responseHeaders: Metadata | undefined;
  /** Calls `watch` with each message of either direction. */
  onMessage(watch: (message: unknown, direction: MessageDirection) => void): void;
  /** Replaces each message by what `map` returns. */
  mapMessage(map: (message: unknown, direction: MessageDirection) => unknown): void;
  /** Answers with a message without asking `next`; return the status afterwards. */
  respond(message: unknown): void;
}

/** Goes on with the call; resolves when it has ended. Callable at most once. */
export type InterceptorNext = (call: InterceptedCall) => Promise<Status>;

/** One layer of the onion around each call. What it returns is how the call ends; what it throws too, see StatusError. */
export type Interceptor = (next: InterceptorNext) => (call: InterceptedCall) => Promise<Status>;

/** The same without promises: an Invoker in front of an Invoker. */
export type RawInterceptor = (next: Invoker) => Invoker;
