/**
 * The door to the world: everything the runtime needs from outside, so that the same code runs over sockets, in
 * virtual time and over a transport of the user's own. Implemented for Node in net/node-platform.ts.
 */

import type { DnsClient } from "./dns-client.js";
import type { Files } from "./files.js";
import type { HttpRequest, HttpResponse } from "./http.js";
import type { ClientSecurity, ServerSecurity, TlsSession } from "./tls.js";

/** Milliseconds on a monotonic clock with an arbitrary origin; fractions are allowed. */
export type Millis = number;

/** Where one byte stream leads. */
export type Address =
  | {
      readonly transport: "tcp";
      /** An IP address without brackets or a name. */
      readonly host: string;
      readonly port: number;
      /** Asked for a tunnel to host and port; the name is then the proxy's to resolve. */
      readonly proxy?: HttpProxy;
      /** What the server's certificate must be for in place of the connection's own name; `spiffe://…` is its SPIFFE ID. */
      readonly serverName?: string;
    }
  | { readonly transport: "unix"; readonly path: string; readonly serverName?: string }
  | { readonly transport: "inproc"; readonly name: string };

/** A proxy that opens tunnels for CONNECT (gRFC A1, RFC 9110 §9.3.6). */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Value of `Proxy-Authorization`, undefined for none. A function, so that nothing that prints an address prints it. */
  authorization(): string | undefined;
}

/** Who is at the other end of a byte stream. */
export interface Peer {
  /** As in gRPC's naming document: `ipv4:127.0.0.1:50051`, `ipv6:[::1]:50051`, `unix:/run/x.sock`, `inproc:name`. */
  readonly address: string;
  /** How the bytes are protected on their way. */
  readonly security: "none" | "tls" | "local";
  /** Present when `security` is `tls`. */
  readonly tls?: TlsSession;
}

/**
 * One pipe of bytes in both directions: TCP, TLS, a unix socket, a MessagePort, anything.
 * Chunks given to `write` belong to the stream until `pendingBytes` is 0 again; the caller must not change them before.
 */
export interface ByteStream {
  /** Takes the chunks in order. False: stop writing until the sink's onDrain. */
  write(chunks: readonly Uint8Array[]): boolean;
  /** Bytes taken by write that the operating system has not taken yet. */
  readonly pendingBytes: number;
  /** Ends our direction once everything written is gone. */
  end(): void;
  pause(): void;
  resume(): void;
  /** Closes at once, unsent bytes are lost. onClose follows. Idempotent. */
  destroy(reason?: Error): void;
  /** Whether this stream keeps the process alive. A new stream does. */
  keepAlive(active: boolean): void;
  readonly peer: Peer;
  /** Our end, written as `Peer.address`; absent where nobody knows. */
  readonly local?: string | undefined;
  /**
   * Why calls for another `:authority` may not use this stream, in one clause; undefined when the peer's certificate is good
   * for it too (gRFC A81). Absent: the peer has proved no name.
   */
  authorityProblem?(authority: string): string | undefined;
}

/** What a ByteStream tells its owner. onClose is last and comes exactly once; a chunk is never reused by the stream. */
export interface ByteStreamSink {
  onData(chunk: Uint8Array): void;
  onDrain(): void;
  /** The peer ended its direction. */
  onEnd(): void;
  onClose(error?: Error): void;
}

/** A timer that can be given up. */
export interface Timer {
  cancel(): void;
}

/** An attempt to open a byte stream that can be given up. */
export interface Connecting {
  /** Gives the attempt up; neither callback comes afterwards. */
  cancel(): void;
}

export interface ConnectCallbacks {
  /** The stream is open; the returned sink receives everything from here on. */
  onConnect(stream: ByteStream): ByteStreamSink;
  onError(error: Error): void;
}

export interface Listener {
  /** The address that is bound, a port of 0 replaced by the real one. */
  readonly address: Address;
  /** Connections that are in their handshake: they have not been given to onAccept. Absent: there are no handshakes. */
  readonly handshakes?: number;
  /**
   * Stops accepting. Handshakes that have begun may come to their end for `graceMs` (default 0); accepted streams live on. Resolves
   * when the address is free again and no handshake is left. A second call may shorten the time.
   */
  close(graceMs?: Millis): Promise<void>;
}

export interface ListenCallbacks {
  onAccept(stream: ByteStream): ByteStreamSink;
  /** The listener failed after it was bound. */
  onError(error: Error): void;
  /** What there is to decide and to hear of connections that begin with a handshake. Absent: all are let in. */
  readonly gate?: HandshakeGate;
}

/** In front of a listener whose connections begin with a handshake. */
export interface HandshakeGate {
  /** A client has connected and nothing was read yet: the milliseconds that its handshake waits; undefined closes the connection. */
  admit(peer: Peer): Millis | undefined;
  /** A handshake came to nothing. `isFault`: the client spoke something else, or dawdled. */
  onFailed(error: Error, peer: Peer, isFault: boolean): void;
  /**
   * The handshake is done, but whoever this is may not come in, for the reason given in one clause. The stream is open so
   * that it can be told, and only for that.
   */
  onUnwanted(stream: ByteStream, reason: string): ByteStreamSink;
}

/** A message that is being worked on, or waits for it. */
export interface CompressionJob {
  /** Nobody wants the result any more: `done` does not come, and what the job holds is given back. Idempotent. */
  cancel(): void;
}

/** Compresses and decompresses one message. Results are new arrays; an input is only read. */
export interface Compressor {
  /** Names for grpc-encoding that this compressor knows, in order of preference, `identity` not among them. */
  readonly encodings: readonly string[];
  /** `done` is called exactly once, at once or later, unless the job is given up before. Undefined: it cannot be. */
  compress(
    encoding: string,
    message: Uint8Array,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined;
  /** Stops at `maxBytes` of output with `tooLarge`: a bomb costs at most that and one chunk more. */
  decompress(
    encoding: string,
    message: Uint8Array,
    maxBytes: number,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined;
}

export type CompressionResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: "tooLarge" | "malformed"; readonly message: string };

/** A value that goes along with asynchronous work: what `fn` calls, and what goes on because of it later, sees it. */
export interface AsyncScope<T> {
  /** Undefined: `fn` sees none, whoever calls. */
  run<R>(value: T | undefined, fn: () => R): R;
  /** Undefined where there is none. */
  current(): T | undefined;
}

/** Where tools hear of what a library does; a message is an object that they must not change. */
export interface DiagnosticsChannel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
}

export interface Platform {
  now(): Millis;
  /** Milliseconds since 1970-01-01 UTC on the wall clock: only to place a Date on the monotonic clock. */
  wallClock(): Millis;
  /** A number in [0, 1). */
  random(): number;
  /** Runs `fn` once at or after `at`. `holdsProcess` (default true): whether the timer keeps the process alive. */
  setTimer(at: Millis, fn: () => void, holdsProcess?: boolean): Timer;
  /** Runs `fn` after the current batch of work and its microtasks. */
  scheduleTurn(fn: () => void): void;
  connect(address: Address, security: ClientSecurity, callbacks: ConnectCallbacks): Connecting;
  /** Rejects with one sentence when the address cannot be bound. */
  listen(address: Address, security: ServerSecurity, callbacks: ListenCallbacks): Promise<Listener>;
  /** IP addresses of a host name, in the order that the system prefers. Rejects when there is none. */
  lookup(host: string): Promise<readonly string[]>;
  /** Asks DNS itself. @param server `address` or `address:port`, IPv6 in brackets in front of a port; those of the system without one. */
  dns(server?: string): DnsClient;
  /** A variable of the environment; undefined when it is not set. */
  env(name: string): string | undefined;
  /** What this host is called. */
  hostName(): string;
  readonly files: Files;
  /**
   * Asks an HTTP server: token endpoints, sets of keys. Rejects with one sentence that holds neither query nor body of the
   * request when there is no answer within its limits, when it is a redirect, and when the URL would show it to others.
   */
  fetch(request: HttpRequest): Promise<HttpResponse>;
  /** Whether bytes[start, end) are well-formed UTF-8. */
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean;
  readonly compressor: Compressor;
  /** A scope that has nothing to do with any other. A platform without it cannot pass on contexts that nobody hands over. */
  createAsyncScope?<T>(): AsyncScope<T>;
  /** A channel of the process to whoever wants to hear what it does (node:diagnostics_channel). A platform without it tells nobody. */
  diagnosticsChannel?(name: string): DiagnosticsChannel;
  /** Writes one line to where the program's output goes. */
  print(line: string): void;
  /** Something that whoever runs the program should know and no call tells; one sentence. */
  warn(message: string): void;
}
