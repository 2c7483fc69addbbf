/**
 * What an application may listen to: calls, their attempts, messages, waits, connections and names. Nothing is made, and
 * no clock is read, for what nobody listens to. godwit/opentelemetry is one such listener.
 */
import type { Millis, Peer } from "../../base/platform.js";
import type { Metadata, MetadataInit } from "../metadata.js";
import type { MethodDescriptor } from "../method-descriptor.js";
import type { Status } from "../status.js";

/**
 * Every method of this interface and of those below may be missing. What one throws is told once with a warning of the
 * platform, and changes nothing for the call.
 */
export interface StatsSink {
  /** A call begins on a channel. Undefined: nobody wants to hear more of it. */
  onClientCall?(call: ClientCallStart): ClientCallListener | undefined;
  /** A request has come to a server. Undefined: nobody wants to hear more of it. */
  onServerCall?(call: ServerCallStart): ServerCallListener | undefined;
  onConnection?(event: ConnectionEvent): void;
  onResolution?(event: ResolutionEvent): void;
}

export interface ClientCallStart {
  readonly method: MethodDescriptor;
  /** Of the channel, with its scheme: `dns:///shop.internal:443`. */
  readonly target: string;
  /** What the caller sends. */
  readonly metadata: Metadata;
  /** Whoever hears of the server's call on whose behalf this one is made, where a handler's context says so: a sink finds its own among them. */
  readonly parents: readonly ServerCallListener[];
}

/** Hears of one call, from when it begins to its one end. */
export interface ClientCallListener {
  /** It had to wait for the channel's first configuration. */
  onResolved?(waitedMs: Millis): void;
  /** It is brought to a connection, or waits for one. Undefined: nobody wants to hear more of this attempt. */
  onAttempt?(attempt: AttemptStart): AttemptListener | undefined;
  /** It waited between two attempts, for a backoff or because the server wanted it. */
  onRetryDelay?(waitedMs: Millis): void;
  /** Last. */
  onEnd?(status: Status): void;
}

export interface AttemptStart {
  /**
   * `retry`: by a policy, because another one failed. `hedge`: beside others, or in the place of one. `transparent`: the one
   * before had provably no effect, so that no policy was asked (gRFC A6).
   */
  readonly kind: "first" | "retry" | "hedge" | "transparent";
  /** Attempts of the call before this one, without transparent ones. */
  readonly previousAttempts: number;
}

/** Hears of one attempt. */
export interface AttemptListener {
  /** Sent with this attempt, besides what the caller sends. Asked once for each connection that it is given to. */
  metadata?(): Metadata | MetadataInit | undefined;
  /** It waited for the policy to have a connection, or for a stream of one. */
  onPicked?(waitedMs: Millis, waitedFor: "connection" | "stream"): void;
  /** It was given to a connection; `connection` is its id, as `describe()` and channelz have it. */
  onConnection?(connection: number, peer: Peer): void;
  onHeaders?(metadata: Metadata, peer: Peer | undefined): void;
  onMessageSent?(message: MessageSize): void;
  onMessageReceived?(message: MessageSize): void;
  /** Messages were ready to be sent, and flow control or the connection took no more. */
  onSendStall?(waitedMs: Millis): void;
  /** Last. */
  onEnd?(status: Status): void;
}

export interface ServerCallStart {
  /** Undefined where the server has no such method. */
  readonly method: MethodDescriptor | undefined;
  /** As it was asked for. */
  readonly path: string;
  readonly metadata: Metadata;
  readonly peer: Peer;
  /** Id of the connection, as `server.describe()` and channelz have it; undefined for a call within the process. */
  readonly connection: number | undefined;
}

/** Hears of one call of a server. */
export interface ServerCallListener {
  /**
   * Runs a piece of the handler, so that what follows from it is in a scope of the listener's own. Must call `piece` once, at
   * once, and return what it returns. A handler that streams runs in many pieces.
   */
  run?<R>(piece: () => R): R;
  onMessageReceived?(message: MessageSize): void;
  onMessageSent?(message: MessageSize): void;
  /** Messages were ready to be sent, and flow control or the connection took no more. */
  onSendStall?(waitedMs: Millis): void;
  /** Last: how the call ended, as the client was told or would have been. */
  onEnd?(status: Status): void;
}

export interface MessageSize {
  /** From 0, in each direction. */
  readonly index: number;
  /** Without the prefix of five bytes. 0 in a call within a process. */
  readonly bytes: number;
  /** The same as they went over the wire: fewer, where they were compressed. */
  readonly wireBytes: number;
}

/** What became of the connections to one address, as a channel sees them. */
export interface ConnectionEvent {
  readonly kind: "connected" | "failed" | "lost";
  /** Of the channel. */
  readonly target: string;
  /** As it stands in sentences: `127.0.0.1:443`. */
  readonly address: string;
  readonly security: Peer["security"] | undefined;
  /** Of the connection, as `describe()` and channelz have it; undefined where none came about. */
  readonly connection: number | undefined;
  /** Why it failed or was lost, in one clause. */
  readonly reason: string | undefined;
}

/** A resolver has answered. */
export interface ResolutionEvent {
  readonly target: string;
  /** How many endpoints it gave; undefined when it failed. */
  readonly endpoints: number | undefined;
  readonly error: string | undefined;
}
