/**
 * The one door of a call. Stub, interceptor, call, channel, transport, in-process and server registry all have this
 * shape, so that each can stand in front of any other.
 */
import type { Peer } from "../base/platform.js";
import type { CallOptions } from "./call-options.js";
import type { Deadline } from "./deadline.js";
import type { Metadata } from "./metadata.js";
import type { MethodDescriptor } from "./method-descriptor.js";
import type { Principal } from "./principal.js";
import type { AttemptStats, ClientCallStats } from "./stats/client-call-stats.js";
import type { ServerCallStats } from "./stats/server-call-stats.js";
import type { Status } from "./status.js";

export interface RequestHeaders {
  readonly method: MethodDescriptor;
  readonly metadata: Metadata;
  readonly deadline: Deadline;
  /** Value of `:authority`; the transport's own when absent. */
  readonly authority?: string;
  /** On the server: who calls. */
  readonly peer?: Peer;
  /** On the server: who calls, as its authenticator found out. */
  readonly principal?: Principal;
  /** On the server: what the request's headers hold beside metadata; absent for calls within the process. */
  readonly fields?: HttpFields;
  /** On the server: where the call's connection counts its handler. */
  readonly slot?: HandlerSlot;
  /** A call that the channel makes for itself, such as a health check: it neither keeps the process alive nor counts as use of its connection. */
  readonly isBackground?: boolean;
  /** Attempts of the same call that came before this one (grpc-previous-rpc-attempts, gRFC A6). Default 0. */
  readonly previousAttempts?: number;
  /** One of several attempts that run at the same time (gRFC A6). */
  readonly isHedge?: boolean;
  /** Where the channel tells of the call; undefined where nobody listens, like the two that follow. */
  readonly stats?: ClientCallStats | undefined;
  /** Where a connection tells of the attempt. */
  readonly attemptStats?: AttemptStats | undefined;
  /** On the server: where it tells of the call. */
  readonly serverStats?: ServerCallStats | undefined;
}

/** Header fields of a request as they came. */
export interface HttpFields {
  /** All values of a field, joined by commas; undefined where there is none. @param name In lower case. */
  httpField(name: string): string | undefined;
}

/**
 * The place that a handler takes on its call's connection. It is free again when the handler has ended, not when the call
 * has: a peer that resets its calls must not have more handlers running than one that waits for them (CVE-2023-44487).
 */
export interface HandlerSlot {
  onHandlerStart(): void;
  onHandlerEnd(): void;
}

/**
 * Where a call's answer goes. Grammar: `[onHeaders onMessage*] onStatus`; onStatus exactly once, nothing follows it.
 * onMessage comes at most as often as was pulled. onWritable may come at any time before onStatus.
 */
export interface ResponseSink {
  /** `peer` on the client: who answers. */
  onHeaders(metadata: Metadata, peer?: Peer): void;
  onMessage(message: unknown): void;
  onStatus(status: Status): void;
  /** Sending may go on after `send` returned false. */
  onWritable(): void;
  /** Message `index` of the request was encoded, on a connection: so many bytes before compression. For those who keep messages. */
  onEncoded?(index: number, bytes: number): void;
}

/** The caller's half of a call. After the call has ended, or after `cancel`, every method does nothing. */
export interface RequestStream {
  /**
   * Takes a message; `last` half-closes behind it. The message must not change before the call ends.
   * False: wait for onWritable before the next one (a message sent all the same is kept, not lost).
   */
  send(message: unknown, last: boolean): boolean;
  /** Half-closes with no further message. */
  finish(): void;
  /** Asks for `count` messages more. */
  pull(count: number): void;
  /** Ends the call now: the peer is told, and onStatus follows with this status unless the call had ended. */
  cancel(status: Status): void;
  /** Wants no message before onWritable: they are best left unread until then. It keeps those that come all the same. */
  readonly isHeld?: boolean;
}

/** Never throws; whatever is wrong with a call arrives as its status. May call the sink before it returns. */
export interface Invoker {
  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream;
}
