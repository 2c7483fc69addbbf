import type { CallCredentials } from "./call-credentials.js";
import type { CallInfo } from "./call-info.js";
import type { MessageFormat } from "./message-format.js";
import type { Metadata, MetadataInit } from "./metadata.js";
import type { HedgingOptions, RetryOptions } from "./retry-options.js";
import type { ServerCallListener } from "./stats/stats-sink.js";

/** What a caller may say about one call. Every field is optional. */
export interface CallOptions {
  /** Milliseconds from now until the call ends with DEADLINE_EXCEEDED. Default: the channel's defaultTimeoutMs. 0 fails at once; Infinity is no limit. (grpc-js: deadline) */
  readonly timeoutMs?: number | undefined;
  /** The same as a point in time; the sooner of the two holds. */
  readonly deadline?: Date | undefined;
  /** Aborting it ends the call with CANCELLED, or with its reason where that is a StatusError. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with the request. Default: none. What cannot be sent ends the call with INTERNAL before it starts. */
  readonly metadata?: Metadata | MetadataInit | undefined;
  /** Prove who makes this call, besides those of the channel; never over a connection without protection. Calls over server.inProcess() do not ask them. Default: none. docs/concepts/security.md (grpc-js: credentials) */
  readonly credentials?: CallCredentials | undefined;
  /** Filled with headers, trailers, peer and status of the call, and with its attempts and timings. One per call. */
  readonly info?: CallInfo | undefined;
  /** Wait for a connection instead of failing while there is none. Default false. */
  readonly waitForReady?: boolean | undefined;
  /** Encoding of the request's messages: `identity` (default), `gzip` or `deflate`. Calls within a process have no encoding. */
  readonly compression?: string | undefined;
  /** How messages are written, both ways: `proto` (binary) or `json` (`application/grpc+json`), which the server must know. Default: the channel's. Calls within a process have no format. */
  readonly messageFormat?: MessageFormat | undefined;
  /** Value of `:authority` for this call. Default: the channel's. */
  readonly authority?: string | undefined;
  /** Largest response message in bytes, after decompression. Default: the channel's limits.maxReceiveMessageBytes. Infinity is no limit, 0 lets only empty messages pass. Calls within a process have none. */
  readonly maxResponseBytes?: number | undefined;
  /** Largest request message in bytes, before compression. Default and Infinity: no limit. (service config: maxRequestMessageBytes) */
  readonly maxRequestBytes?: number | undefined;
  /** When this call is tried again: goes before every other policy. False: only where it is proved that the server did not see it. Default: docs/concepts/retries.md. (grpc-js: grpc.enable_retries) */
  readonly retry?: false | RetryOptions | undefined;
  /** When further attempts start beside the first: goes before every other policy. False: never. Default: what a service config or the .proto says. Not beside `retry`. */
  readonly hedging?: false | HedgingOptions | undefined;
  /**
   * The context of the handler on whose behalf this call is made: its deadline and cancellation go on. Default: none, or with the server's
   * propagateContext that of the handler which makes the call; null is none then, too: for work that outlives its call.
   */
  readonly context?: CallContext | null | undefined;
}

/** What of a handler's context an outgoing call inherits. */
export interface CallContext {
  /** Milliseconds that remain to the incoming call; Infinity without a deadline. */
  timeoutMs(): number;
  readonly signal: AbortSignal;
  /** Who hears of the incoming call, if anybody does: what is made on its behalf belongs to it. */
  readonly statsListener?: ServerCallListener | undefined;
}

export const noCallOptions: CallOptions = Object.freeze({});
