import type { Peer } from "../base/platform.js";
import type { CallContext } from "./call-options.js";
import type { Deadline } from "./deadline.js";
import type { CallLoadRecorder } from "./load-recorder.js";
import type { Metadata, MetadataInit } from "./metadata.js";
import type { MethodDescriptor } from "./method-descriptor.js";
import type { Principal } from "./principal.js";

/** What a handler knows of the call that it answers, and may say beside its messages. */
export interface HandlerContext extends CallContext {
  readonly method: MethodDescriptor;
  /** Metadata of the request. */
  readonly metadata: Metadata;
  /** On the platform's monotonic clock; Infinity without one. */
  readonly deadline: Deadline;
  /** Milliseconds until the deadline, never below 0; Infinity without one. */
  timeoutMs(): number;
  /** Aborts when the client cancels or leaves and when the deadline runs out; not on success. */
  readonly signal: AbortSignal;
  /** Who is at the other end of the connection. */
  readonly peer: Peer;
  /** Who makes the call, as `ServerOptions.authenticate` found out; undefined without it. */
  readonly principal: Principal | undefined;
  /** Which try of the client this is, from 1 (grpc-previous-rpc-attempts + 1). */
  readonly attempt: number;
  /** Sends the response's headers now instead of with the first message. Throws when they have gone. */
  setHeaders(headers: Metadata | MetadataInit): void;
  /** Sent behind the last message. */
  readonly trailers: Metadata;
  /** What is written down here is sent with the trailers, for clients that balance by it (gRFC A51). */
  readonly loadReport: CallLoadRecorder;
}
