import type { ByteStream, ByteStreamSink, ListenCallbacks, Millis, Peer, Platform } from "../../base/platform.js";
import type { createServerTransport, ServerTransportOptions } from "../../transport/server-transport.js";
import type { CallDispatcher, ServerTransport, ServerTransportListener } from "../../transport/transport.js";
import type { Drain, Drainable } from "../drain.js";
import type { ListenOptions, ServerLimits } from "../server-options.js";
import { askHook } from "./accept-hook.js";
import { FaultyAddresses, HeldConnection } from "./fault-hold.js";

export type CreateTransport = typeof createServerTransport;

export interface ServerConnectionsContext {
  readonly platform: Platform;
  readonly limits: ServerLimits;
  readonly transportOptions: ServerTransportOptions;
  readonly dispatcher: CallDispatcher;
  readonly createTransport: CreateTransport;
  /** Never throws. */
  onError(error: Error, peer: Peer | undefined): void;
  /** Connections of all listeners that are in their handshake. */
  countHandshakes(): number;
}

type Hook = ListenOptions["onConnection"];

/** Why a connection may do nothing but hear that. Without an error it is the client's fault. */
interface Refused {
  readonly reason: string;
  readonly error?: Error;
}

/** The connections of a server, from their arrival on: how many there may be, which wait, and which are sent away. */
export class ServerConnections {
  readonly #context: ServerConnectionsContext;
  readonly #faultyAddresses: FaultyAddresses;
  readonly #transports = new Set<ServerTransport>();
  readonly #held = new Set<HeldConnection>();
  /** Undefined while the server is open. */
  #drain: Drain | undefined;

  constructor(context: ServerConnectionsContext) {
    this.#context = context;
    this.#faultyAddresses = new FaultyAddresses(context.limits);
  }

  /** Those that speak. */
  get transports(): ReadonlySet<ServerTransport> {
    return this.#transports;
  }

  /** What a listener tells. @param hook Asked for each of its connections. */
  callbacksFor(hook: Hook): ListenCallbacks {
    const { onError } = this.#context;
    return {
      onAccept: (stream) => this.#accept(stream, hook),
      // The listener goes on: what failed was one accept, for want of a file descriptor for example.
      onError: (error) => onError(error, undefined),
      gate: {
        admit: (peer) => this.#admit(peer),
        onFailed: (error, peer, isFault) => this.#onHandshakeFailed(error, peer, isFault),
        onUnwanted: (stream, reason) => this.#open(stream, { reason }),
      },
    };
  }

  /** Running calls go on to their end; what comes from now on is closed. */
  startDrain(drain: Drain): void {
    this.#drain = drain;
    for (const transport of [...this.#transports]) {
      drain.add(transport);
      transport.drain();
    }
    for (const held of [...this.#held]) this.#end(held, drain);
  }

  /** A connection that begins with a handshake: counted, and held, before it costs one. */
  #admit(peer: Peer): Millis | undefined {
    const { limits, platform, onError } = this.#context;
    if (this.#count < limits.maxConnections) return this.#faultyAddresses.holdMs(peer, platform.now());
    onError(this.#tooMany(), peer);
    return undefined;
  }

  #onHandshakeFailed(error: Error, peer: Peer, isFault: boolean): void {
    const isHeldFromNowOn = isFault && this.#faultyAddresses.onFault(peer, this.#context.platform.now());
    this.#context.onError(error, peer);
    if (isHeldFromNowOn) this.#tellHold(peer);
  }

  get #count(): number {
    return this.#transports.size + this.#held.size + this.#context.countHandshakes();
  }

  #accept(stream: ByteStream, hook: Hook): ByteStreamSink {
    const { limits, platform } = this.#context;
    if (this.#transports.size + this.#held.size >= limits.maxConnections) return this.#turnAway(stream);
    const isAdmitted = stream.peer.security === "tls";
    const holdMs = isAdmitted ? 0 : this.#faultyAddresses.holdMs(stream.peer, platform.now());
    return holdMs === 0 ? this.#ask(stream, hook) : this.#hold(stream, holdMs, hook);
  }

  #ask(stream: ByteStream, hook: Hook): ByteStreamSink {
    return this.#open(stream, askHook(hook, stream.peer));
  }

  #hold(stream: ByteStream, holdMs: Millis, hook: Hook): ByteStreamSink {
    const forget = (held: HeldConnection) => {
      this.#held.delete(held);
      this.#drain?.remove(held);
    };
    const open = (held: HeldConnection) => {
      forget(held);
      return this.#ask(stream, hook);
    };
    const held = new HeldConnection(stream, this.#context.platform, holdMs, open, forget);
    this.#held.add(held);
    if (this.#drain !== undefined) this.#end(held, this.#drain);
    return held;
  }

  /** A client that was on its way in when the server began to close: it is told so, and not cut off. */
  #join(transport: ServerTransport, refused: Refused | undefined, drain: Drain): void {
    if (refused === undefined) transport.drain();
    drain.add(transport);
  }

  /** One that waits for its time to be read when the server closes. */
  #end(connection: Drainable, drain: Drain): void {
    drain.add(connection);
    connection.close();
  }

  #open(stream: ByteStream, refused?: Refused): ByteStreamSink {
    const { createTransport, transportOptions, dispatcher, onError } = this.#context;
    const { peer } = stream;
    const connection = new SpeakingConnection(this, peer, refused !== undefined);
    const { transport, sink } = createTransport(stream, transportOptions, dispatcher, connection);
    connection.transport = transport;
    this.#transports.add(transport);
    if (refused !== undefined) {
      transport.refuse(refused.reason, refused.error === undefined);
      onError(refused.error ?? new Error(refused.reason), peer);
    }
    if (this.#drain !== undefined) this.#join(transport, refused, this.#drain);
    return sink;
  }

  /** A connection broke the protocol. Whether its address is held from now on. */
  onFault(peer: Peer): boolean {
    return this.#faultyAddresses.onFault(peer, this.#context.platform.now());
  }

  onClosed({ peer, transport, isHeldFromNowOn, isRefused }: SpeakingConnection, fault: Error | undefined): void {
    if (fault !== undefined && !isRefused) this.#context.onError(fault, peer);
    if (isHeldFromNowOn) this.#tellHold(peer);
    if (transport === undefined) return;
    this.#transports.delete(transport);
    this.#drain?.remove(transport);
  }

  #tellHold(peer: Peer): void {
    const { maxFaultsPerAddress, faultHoldMs } = this.#context.limits;
    const what = `connections of this address broke the protocol again and again, limit ${maxFaultsPerAddress}`;
    const error = new Error(`${what} (maxFaultsPerAddress): its next ones are read after ${faultHoldMs} ms`);
    this.#context.onError(error, peer);
  }

  #turnAway(stream: ByteStream): ByteStreamSink {
    const error = this.#tooMany();
    stream.destroy(error);
    this.#context.onError(error, stream.peer);
    return deaf;
  }

  #tooMany(): Error {
    const { maxConnections } = this.#context.limits;
    return new Error(`the server has ${this.#count} open connections, limit ${maxConnections} (maxConnections)`);
  }
}

/** A connection that speaks, or hears that it may not. */
class SpeakingConnection implements ServerTransportListener {
  transport: ServerTransport | undefined;
  isHeldFromNowOn = false;
  readonly peer: Peer;
  readonly isRefused: boolean;
  readonly #connections: ServerConnections;

  constructor(connections: ServerConnections, peer: Peer, isRefused: boolean) {
    this.#connections = connections;
    this.peer = peer;
    this.isRefused = isRefused;
  }

  onFault(): void {
    this.isHeldFromNowOn = this.#connections.onFault(this.peer);
  }

  onClosed(_reason: string, fault: Error | undefined): void {
    this.#connections.onClosed(this, fault);
  }
}

/** Of a connection that was turned away. */
const deaf: ByteStreamSink = { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };
