import type { Registry } from "@bufbuild/protobuf";
import type { AuthorizationOptions } from "../authz/authorization-options.js";
import { checkBoolean, checkNames } from "../base/option-group.js";
import type { Peer, Platform } from "../base/platform.js";
import { checkServerCredentials, type ServerCredentials } from "../credentials/server-credentials.js";
import type { InterceptorLayer } from "../interceptor/compose-interceptors.js";
import type { LoadRecorder } from "../rpc/load-recorder.js";
import type { Logger, LogLevel } from "../rpc/logger.js";
import { checkMessageFormat, type MessageFormat, messageFormats } from "../rpc/message-format.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Authenticator } from "../rpc/principal.js";
import type { StatsSink } from "../rpc/stats/stats-sink.js";
import type { LimitOptions } from "../transport/transport-limits.js";
import type { ConnectionAgeOptions, ServerKeepaliveOptions } from "./connections/connection-options.js";
import type { FaultHoldLimits } from "./connections/fault-hold.js";

/** The call in which an error of the application was caught. */
export interface FailedCall {
  readonly method: MethodDescriptor;
  /** Who called. */
  readonly peer: Peer | undefined;
}

export interface ServerOptions {
  /**
   * Finds out who makes each call, before anything else looks at it: see HandlerContext.principal. Default: nobody is asked.
   * `godwit/jwt` has one for bearer tokens.
   */
  readonly authenticate?: Authenticator | undefined;
  /**
   * Who may call what: gRPC's authorization policy (gRFC A43), in front of all interceptors, also for calls within the process.
   * A call that it does not allow ends with PERMISSION_DENIED. Default: every call is allowed.
   */
  readonly authorization?: AuthorizationOptions | undefined;
  /** Run in front of every handler; the first is the outermost. Default: none. (grpc-js: interceptors) */
  readonly interceptors?: readonly InterceptorLayer[] | undefined;
  /** Limits of each connection, those of messages among them. Each has its unit, default and grpc-js name in TransportLimits. */
  readonly limits?: LimitOptions | undefined;
  /**
   * Formats of messages that are taken, and answered in kind: `proto` (binary) and `json` (`application/grpc+json`). Others
   * end with UNIMPLEMENTED. Default: both.
   */
  readonly messageFormats?: readonly MessageFormat[] | undefined;
  /** Types that a google.protobuf.Any may hold in JSON, besides those of a service's own file and of its imports. Default: none. */
  readonly jsonTypes?: Registry | undefined;
  /** Encoding of responses for clients that accept it: `gzip` or `deflate`; `identity` (default) is none. */
  readonly compression?: string | undefined;
  /** Whether clients are still there, and how often they may ask whether we are. On by default, with times that no honest client notices. */
  readonly keepalive?: ServerKeepaliveOptions | undefined;
  /** When connections are given up that work: idle ones, and old ones, so that clients spread over a fleet anew. Default: never. */
  readonly connectionAge?: ConnectionAgeOptions | undefined;
  /**
   * Handlers that run at once on all connections, those whose client has left among them. More calls end with
   * RESOURCE_EXHAUSTED before their handler starts, and are asked to be tried again after about a second (gRFC A6). Default
   * 100,000, Infinity is no limit, 0 refuses every call.
   */
  readonly maxConcurrentCalls?: number | undefined;
  /**
   * Connections of all listeners at once, those that have not spoken yet among them. More are closed as soon as they are
   * accepted, and told to `onConnectionError`. Default Infinity: the system's limit of open files holds.
   */
  readonly maxConnections?: number | undefined;
  /**
   * Connections of one address (a host, with IPv6 its network of 64 bits, whatever the port) that may break HTTP/2 or flood
   * us in a row; one more is forgiven each second. What it opens beyond is read only after `faultHoldMs`, and
   * `onConnectionError` hears of it once. Default 10, Infinity holds nobody, 0 holds each address from its first fault on.
   * (CVE-2023-44487, with attackers that come back)
   */
  readonly maxFaultsPerAddress?: number | undefined;
  /** Milliseconds that the new connections of such an address wait. Default 250, 0 for none. */
  readonly faultHoldMs?: number | undefined;
  /**
   * Whether calls that a handler makes inherit its deadline and cancellation though its context is not handed over: by
   * AsyncLocalStorage, through every await and timer. Default false, which costs nothing. Interceptors have no context.
   */
  readonly propagateContext?: boolean | undefined;
  /**
   * How busy the server is, sent with the trailers of every call for clients that balance by it (gRFC A51); what a handler
   * writes down in its context's `loadReport` goes before. Default: nothing is sent. (grpc-js: ServerMetricRecorder)
   */
  readonly loadRecorder?: LoadRecorder | undefined;
  /**
   * Hears of every error that a handler or interceptor threw and that was not meant for the client: the client reads
   * UNKNOWN "Internal error", or INTERNAL when a handler's result is no message. What it throws itself is ignored.
   * Default: the `logger`, or console.error without one.
   */
  readonly onError?: ((error: unknown, call: FailedCall) => void) | undefined;
  /**
   * Hears why a connection ended that did not end well: a client that speaks HTTP/1.1 or TLS to this port, or breaks
   * HTTP/2; a listener that cannot accept. What it throws is ignored. Default: nothing, for anybody may connect.
   */
  readonly onConnectionError?: ((error: Error, peer: Peer | undefined) => void) | undefined;
  /** Hears of calls and of their messages (docs/concepts/telemetry.md). Default: nobody, which costs nothing. */
  readonly stats?: StatsSink | readonly StatsSink[] | undefined;
  /** Where log lines go, those of `onError` and `onConnectionError` where these are not given; see LogOptions for what is logged at which level. Default: nowhere. */
  readonly logger?: Logger | undefined;
  /** The least that is logged. Default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** Clock, timers, sockets. Default: Node's. */
  readonly platform?: Platform | undefined;
}

const serverOptionNames: Readonly<Record<keyof ServerOptions, true>> = {
  interceptors: true,
  limits: true,
  authenticate: true,
  authorization: true,
  messageFormats: true,
  jsonTypes: true,
  compression: true,
  keepalive: true,
  connectionAge: true,
  maxConcurrentCalls: true,
  maxConnections: true,
  maxFaultsPerAddress: true,
  faultHoldMs: true,
  propagateContext: true,
  loadRecorder: true,
  onError: true,
  onConnectionError: true,
  stats: true,
  logger: true,
  logLevel: true,
  platform: true,
};

/** Throws TypeError for a name that does not exist, and for a switch that is neither on nor off. */
export function checkServerOptions(options: ServerOptions): void {
  checkNames(options, serverOptionNames);
  if (options.propagateContext !== undefined) checkBoolean("propagateContext", options.propagateContext);
}

export interface ListenOptions {
  /**
   * How connections are protected. Required for a TCP address that other machines can reach: nothing is plaintext on a
   * network unless `insecureServer()` says so. Default for loopback, `unix:` and `inproc:` addresses: no protection.
   */
  readonly credentials?: ServerCredentials | undefined;
  /**
   * Asked for each connection of this listener, before it may do anything: who is there, and with TLS by which certificate. To
   * return nothing lets it in; a sentence sends it away, and is told to the client and to `onConnectionError`. What throws
   * sends it away too. Default: everybody comes in whom the credentials let in.
   */
  readonly onConnection?: ((peer: Peer) => string | undefined) | undefined;
}

const listenOptionNames: Readonly<Record<keyof ListenOptions, true>> = { credentials: true, onConnection: true };

/** Throws TypeError for a name that does not exist, and for what cannot be asked. */
export function checkListenOptions(options: ListenOptions): void {
  checkNames(options, listenOptionNames);
  const { credentials, onConnection } = options;
  if (credentials !== undefined) checkServerCredentials(credentials);
  if (onConnection === undefined || typeof onConnection === "function") return;
  throw new TypeError(`onConnection is ${typeof onConnection}: expected a function`);
}

export interface CloseOptions {
  /** Milliseconds that running calls have to end. Default 10,000; 0 ends them at once; Infinity waits for the last one. */
  readonly graceMs?: number | undefined;
}

const defaultMaxConcurrentCalls = 100_000;
const defaultMaxFaultsPerAddress = 10;
const defaultFaultHoldMs = 250;
export const defaultGraceMs = 10_000;

/** The limits of a server as a whole; those of its connections are TransportLimits. */
export interface ServerLimits extends FaultHoldLimits {
  readonly maxConcurrentCalls: number;
  readonly maxConnections: number;
}

/** Throws TypeError when a limit is not a number of 0 or more. */
export function checkServerLimits({
  maxConcurrentCalls = defaultMaxConcurrentCalls,
  maxConnections = Number.POSITIVE_INFINITY,
  maxFaultsPerAddress = defaultMaxFaultsPerAddress,
  faultHoldMs = defaultFaultHoldMs,
}: ServerOptions): ServerLimits {
  const limits = { maxConcurrentCalls, maxConnections, maxFaultsPerAddress, faultHoldMs };
  for (const [name, limit] of Object.entries<unknown>(limits)) {
    if (typeof limit === "number" && limit >= 0) continue;
    throw new TypeError(`${name} is ${String(limit)}: expected a number of 0 or more`);
  }
  return limits;
}

/** Throws TypeError when there is none, or one that is not known. */
export function checkMessageFormats(options: ServerOptions): readonly MessageFormat[] {
  const { messageFormats: formats = messageFormats } = options;
  if (formats.length === 0) throw new TypeError("messageFormats is empty: expected proto or json in it");
  return formats.map((format) => checkMessageFormat(format, "a format of messageFormats"));
}

/** Undefined for none. Throws TypeError when the platform does not know the encoding. */
export function checkCompression(options: ServerOptions, platform: Platform): string | undefined {
  const { compression } = options;
  if (compression === undefined || compression === "identity") return undefined;
  const { encodings } = platform.compressor;
  if (encodings.includes(compression)) return compression;
  throw new TypeError(
    `compression is ${JSON.stringify(compression)}: expected ${["identity", ...encodings].join(" or ")}`,
  );
}
