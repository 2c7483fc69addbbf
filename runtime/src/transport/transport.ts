/** The doors of a connection: what a channel and a server see of HTTP/2. */
import type { Peer } from "../base/platform.js";
import type { SessionCounters } from "../http2/session-counters.js";
import type { Invoker } from "../rpc/invoker.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Stats } from "../rpc/stats/stats.js";
import type { Status } from "../rpc/status.js";
import type { CallCounts } from "../telemetry/call-counts.js";
import type { Traffic, TrafficReport } from "../telemetry/traffic.js";

/** One connection to a server. Calls may be invoked once its listener heard onReady. */
export interface ClientTransport extends Invoker {
  /** No other channel, server or connection of this process has it. */
  readonly id: number;
  readonly peer: Peer;
  /** Our end, written as `peer.address`. */
  readonly local: string | undefined;
  /** Calls that have not ended. */
  readonly activeCalls: number;
  /** Calls that were started. */
  readonly startedCalls: number;
  readonly traffic: Traffic;
  reportTraffic(): TrafficReport;
  /** How many more calls may start now; 0 while draining, after the end, and after a long silence until `wake` has helped. */
  streamSlots(): number;
  /**
   * Somebody waits for a slot. True: the connection has been silent for too long to be trusted and is being asked for a
   * sign of life; onSlots or onDraining follows. False: it is not, slots come as its calls end.
   */
  wake(): boolean;
  /** Takes no new call and closes once the running ones have ended. Idempotent. */
  drain(): void;
  /** Ends every running call with `status` and closes. Idempotent. */
  close(status: Status): void;
}

/** What a channel hears of a connection. onClosed is last and comes exactly once. */
export interface ClientTransportListener {
  /** The server's SETTINGS have come. At most once. */
  onReady(): void;
  /** streamSlots() was 0 and is not any more. */
  onSlots(): void;
  /** Most stream ids of the connection are used: another one should take over before they all are. At most once. */
  onWorn(): void;
  /** The server says that our keepalive pings come too often (gRFC A8); onDraining follows. */
  onTooManyPings(): void;
  /** The connection takes no new calls: the server said GOAWAY and running ones go on, or HTTP/2 broke and they have ended. At most once. */
  onDraining(reason: string): void;
  /** One sentence that says why. */
  onClosed(reason: string): void;
}

/** What one connection holds now, and what it has met with: how close its peer comes to the limits. */
export interface ConnectionReport {
  /** No other channel, server or connection of this process has it. */
  readonly id: number;
  readonly peer: Peer;
  /** Our end, written as `peer.address`; undefined where nobody knows. */
  readonly local: string | undefined;
  /** Calls whose stream has not ended, those that wait for a slot among them. */
  readonly activeCalls: number;
  /** Calls that wait because the handlers of others run (maxConcurrentStreams). */
  readonly waitingCalls: number;
  /** Memory of the header lists of open streams, in bytes (maxRetainedHeaderBytes). */
  readonly retainedHeaderBytes: number;
  /** Memory of messages that have come in part, in bytes (maxIncompleteBytes). */
  readonly incompleteBytes: number;
  /** Received bytes that wait to be asked for (maxUnreadBytes). */
  readonly unreadBytes: number;
  /** Receive window of the connection, in bytes: what the peer may send, what is held, what it will get back. */
  readonly receiveWindow: { readonly available: number; readonly held: number; readonly owed: number };
  readonly counters: Readonly<SessionCounters>;
  readonly traffic: TrafficReport;
}

/** One connection from a client. */
export interface ServerTransport {
  readonly id: number;
  readonly peer: Peer;
  report(): ConnectionReport;
  /** Calls whose stream has not ended; a handler may run on behind its own. */
  readonly activeCalls: number;
  /** GOAWAY in two steps; closes once the running calls have ended. Idempotent. */
  drain(): void;
  /** Ends every call and closes. Idempotent. */
  close(): void;
  /**
   * Instead of taking calls, says in one clause why this client may not come in, and closes. `isFault`: by what it is, and not
   * by what the application wants.
   */
  refuse(reason: string, isFault: boolean): void;
}

export interface ServerTransportListener {
  /** The client broke the protocol or flooded us. Its last words are on their way, and onClosed comes later. At most once. */
  onFault(): void;
  /** Last, exactly once. One sentence that says why. `fault`: the client broke the protocol, or we have a bug. */
  onClosed(reason: string, fault: Error | undefined): void;
}

/** Where a server's connections bring their calls. */
export interface CallDispatcher {
  /** The method of a `:path`, byte for byte; undefined is answered with UNIMPLEMENTED and `unimplementedMessage`. */
  findMethod(path: string): MethodDescriptor | undefined;
  unimplementedMessage(path: string): string;
  /** Interceptors and, behind them, the handlers. */
  readonly invoker: Invoker;
  /** Undefined where nobody listens. */
  readonly stats?: Stats | undefined;
  /** Where the calls of a method that was found are counted. */
  readonly calls: CallCounts;
}
