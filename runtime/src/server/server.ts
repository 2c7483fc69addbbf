import type { DescService } from "@bufbuild/protobuf";
import type { Address, Listener, Platform } from "../base/platform.js";
import { type HandlersOf, serviceFromDesc } from "../codec/describe-service.js";
import { MethodCodecTable } from "../codec/method-codecs.js";
import { insecureServer } from "../credentials/server-credentials.js";
import { composeInterceptors } from "../interceptor/compose-interceptors.js";
import { nodePlatform } from "../net/node-platform.js";
import { addressName } from "../resolver/endpoint.js";
import { ambientScope } from "../rpc/ambient-context.js";
import { eventWriter, logOf } from "../rpc/logger.js";
import type { Service } from "../rpc/service.js";
import { statsOf } from "../rpc/stats/stats.js";
import { CallCounts } from "../telemetry/call-counts.js";
import { EventLog } from "../telemetry/event-log.js";
import { LiveSet } from "../telemetry/live-set.js";
import { nextId } from "../telemetry/next-id.js";
import {
  createInProcessInvoker,
  type InProcessInvoker,
  registerInProcessServer,
} from "../transport/in-process/in-process-transport.js";
import { createServerTransport } from "../transport/server-transport.js";
import type { CallDispatcher, ConnectionReport } from "../transport/transport.js";
import { resolveLimits } from "../transport/transport-limits.js";
import { Admission } from "./admission/admission.js";
import { HandlerInvoker } from "./call/handler-invoker.js";
import { resolveUpkeep } from "./connections/connection-options.js";
import { type CreateTransport, ServerConnections } from "./connections/server-connections.js";
import { Drain, type Drainable } from "./drain.js";
import { createConnectionReporter, createReporter } from "./error-listeners.js";
import { isLocalAddress, type ParsedListenAddress, parseListenAddress } from "./listen-address.js";
import {
  type ConnectionRange,
  type ListeningAddress,
  type ServerDescription,
  sumOfCalls,
} from "./server-description.js";
import {
  type CloseOptions,
  checkCompression,
  checkListenOptions,
  checkMessageFormats,
  checkServerLimits,
  checkServerOptions,
  defaultGraceMs,
  type ListenOptions,
  type ServerOptions,
} from "./server-options.js";
import { ServiceRegistry } from "./service-registry.js";

/** Answers calls. Services may be added at any time before `close`; a call sees those that were there when it came. */
export interface Server extends AsyncDisposable {
  /** No other channel, subchannel, server or connection of this process has it. */
  readonly id: number;
  /**
   * Adds a service. What a handler answers with must not change before the call has ended: large fields of type bytes are
   * sent from where they lie. Handlers may be an object or an instance of a class: they are bound to it. Throws when a method is
   * missing or the service was added before.
   */
  add<S extends Service | DescService>(service: S, handlers: HandlersOf<S>): this;
  /** The same for some of a service's methods; the others end with UNIMPLEMENTED. */
  addPartial<S extends Service | DescService>(service: S, handlers: Partial<HandlersOf<S>>): this;
  /**
   * Listens on `host:port` (`0.0.0.0:50051`, `[::1]:50051`, `localhost:0`), `:port` (every address of the machine),
   * `unix:path` or `inproc:name`; more than once if wanted. Port 0 takes a free one. Rejects with one sentence when the
   * address is malformed or taken, or when it is open to the network and no credentials were given.
   */
  listen(address: string, options?: ListenOptions): Promise<ListeningAddress>;
  /** The services that were added, in their order. */
  services(): readonly Service[];
  /** Calls into this server without a socket: `createClient(Shop, server.inProcess())`. It goes with the server. */
  inProcess(): InProcessInvoker;
  /**
   * The connections that are open, each with what it holds and what its peer has done: to see who comes near a limit. In
   * the order of their ids, which is that in which they came.
   */
  connections(range?: ConnectionRange): readonly ConnectionReport[];
  /** What there is now, for logs and health pages. */
  describe(): ServerDescription;
  /**
   * Stops listening at once, takes no new calls, lets running calls end, then closes the connections. Calls that still
   * run after `graceMs` are ended. Resolves when all is closed and never rejects; a second call may shorten the grace.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** Creates a server; it does nothing before `listen` or `inProcess`. Throws TypeError when an option is not valid. */
export function createServer(options: ServerOptions = {}): Server {
  return new GrpcServer(options, createServerTransport);
}

/** @internal Exported for tests, which bring transports of their own. */
export class GrpcServer implements Server {
  readonly id = nextId();
  readonly #platform: Platform;
  readonly #registry = new ServiceRegistry();
  readonly #dispatcher: CallDispatcher;
  readonly #admission: Admission;
  readonly #connections: ServerConnections;
  /** With their ids. */
  readonly #listeners = new Map<Listener, number>();
  readonly #handlers: HandlerInvoker;
  readonly #events: EventLog;
  readonly #doors = new Set<InProcessInvoker>();
  readonly #unregister: (() => void)[] = [];
  #door: InProcessInvoker | undefined;
  /** Undefined while the server is open. */
  #drain: Drain | undefined;
  #isClosed = false;

  constructor(options: ServerOptions, createTransport: CreateTransport) {
    const platform = options.platform ?? nodePlatform();
    const registry = this.#registry;
    const log = logOf(options, { server: this.id });
    const report = createReporter(options.onError, log);
    checkServerOptions(options);
    const limits = checkServerLimits(options);
    const admission = new Admission(options, platform);
    const handlers = new HandlerInvoker(registry, report, {
      platform,
      maxConcurrentCalls: limits.maxConcurrentCalls,
      loadRecorder: options.loadRecorder,
      scope: options.propagateContext === true ? ambientScope(platform) : undefined,
    });
    this.#admission = admission;
    this.#platform = platform;
    this.#handlers = handlers;
    this.#events = new EventLog(platform, eventWriter(log, "server"));
    liveServers.add(this.id, this);
    const transportOptions = {
      platform,
      limits: resolveLimits(options.limits),
      compression: checkCompression(options, platform),
      upkeep: resolveUpkeep(options),
      codecs: new MethodCodecTable({ formats: checkMessageFormats(options), jsonTypes: options.jsonTypes }),
    };
    this.#dispatcher = {
      findMethod: (path) => registry.find(path)?.method,
      unimplementedMessage: (path) => (admission.isOpen ? registry.unimplementedMessage(path) : unknownMethod),
      invoker: admission.inFrontOf(
        composeInterceptors(options.interceptors ?? [], handlers, report),
        (error, { method, peer }) => report(error, { method, peer }),
      ),
      stats: statsOf(options.stats, platform, log),
      calls: new CallCounts(),
    };
    this.#connections = new ServerConnections({
      platform,
      limits,
      transportOptions,
      dispatcher: this.#dispatcher,
      createTransport,
      onError: createConnectionReporter(options.onConnectionError, log),
      countHandshakes: () => this.#countHandshakes(),
    });
  }

  add(service: Service | DescService, handlers: unknown): this {
    this.#registry.add(asService(service), handlers, false);
    return this;
  }

  addPartial(service: Service | DescService, handlers: unknown): this {
    this.#registry.add(asService(service), handlers, true);
    return this;
  }

  async listen(text: string, options: ListenOptions = {}): Promise<ListeningAddress> {
    const parsed = parseListenAddress(text);
    if (parsed.kind === "error") throw new TypeError(parsed.message);
    checkListenOptions(options);
    const ready = this.#admission.ready();
    if (ready !== undefined) await ready;
    if (this.#drain !== undefined) throw new Error(`cannot listen on ${text}: the server is closed`);
    const { address } = parsed;
    if (address.transport === "inproc") return this.#listenInProcess(address.name);
    if (options.credentials === undefined && !isLocalAddress(address)) {
      throw new TypeError(
        `cannot listen on ${text} without credentials: other machines can reach it; give { credentials: tlsServer({ … }) }, or insecureServer() if plaintext is meant`,
      );
    }
    const listener = await this.#bind(parsed, options);
    if (this.#drain !== undefined) {
      await listener.close();
      throw new Error(`cannot listen on ${text}: the server was closed meanwhile`);
    }
    this.#listeners.set(listener, nextId());
    const bound = listener.address;
    this.#events.add(`listening on ${addressName(bound)}`);
    return { port: bound.transport === "tcp" ? bound.port : 0, address: addressName(bound) };
  }

  inProcess(): InProcessInvoker {
    this.#door ??= this.#openDoor("server");
    return this.#door;
  }

  services(): readonly Service[] {
    return this.#registry.services();
  }

  connections({ from = 0, limit = Number.POSITIVE_INFINITY }: ConnectionRange = {}): readonly ConnectionReport[] {
    const reports: ConnectionReport[] = [];
    for (const transport of this.#connections.transports) {
      if (reports.length >= limit) break;
      if (transport.id >= from) reports.push(transport.report());
    }
    return reports;
  }

  describe(): ServerDescription {
    return {
      id: this.id,
      state: this.#drain === undefined ? "open" : this.#isClosed ? "closed" : "closing",
      services: this.services().map(({ typeName }) => typeName),
      listening: [...this.#listeners].map(([listener, id]) => ({ id, address: addressName(listener.address) })),
      openConnections: this.#connections.transports.size,
      runningCalls: sumOfCalls(this.#connections.transports) + sumOfCalls(this.#doors),
      runningHandlers: this.#handlers.runningHandlers,
      calls: this.#dispatcher.calls.report(this.#platform),
      events: this.#events.report(),
    };
  }

  close(options: CloseOptions = {}): Promise<void> {
    const drain = this.#drain ?? this.#startDrain();
    const graceMs = options.graceMs ?? defaultGraceMs;
    // NaN must not wait for ever.
    drain.limit(Number.isNaN(graceMs) ? 0 : graceMs);
    return drain.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #bind(parsed: ParsedListenAddress & { kind: "address" }, options: ListenOptions): Promise<Listener> {
    const { security } = options.credentials ?? insecureServer();
    const callbacks = this.#connections.callbacksFor(options.onConnection);
    const bind = (address: Address) => this.#platform.listen(address, security, callbacks);
    const { address, fallback } = parsed;
    return fallback === undefined ? bind(address) : bind(address).catch(() => bind(fallback));
  }

  #countHandshakes(): number {
    let count = 0;
    for (const { handshakes = 0 } of this.#listeners.keys()) count += handshakes;
    return count;
  }

  #listenInProcess(name: string): ListeningAddress {
    const door = this.#openDoor(name);
    try {
      this.#unregister.push(registerInProcessServer(name, door));
    } catch (error) {
      this.#doors.delete(door);
      throw error;
    }
    return { port: 0, address: `inproc:${name}` };
  }

  #openDoor(name: string): InProcessInvoker {
    const door = createInProcessInvoker(this.#dispatcher, this.#platform, name);
    if (this.#drain === undefined) this.#doors.add(door);
    else door.close();
    return door;
  }

  #startDrain(): Drain {
    const drain = new Drain(this.#platform);
    this.#drain = drain;
    for (const unregister of this.#unregister) unregister();
    this.#events.add("closing");
    for (const listener of this.#listeners.keys()) {
      const closing: Drainable = { close: () => void listener.close(0) };
      drain.add(closing);
      const onClosed = () => drain.remove(closing);
      listener.close(handshakeGraceMs).then(onClosed, onClosed);
    }
    this.#connections.startDrain(drain);
    for (const door of this.#doors) {
      drain.add(door);
      door.drain(() => drain.remove(door));
    }
    drain.seal();
    this.#listeners.clear();
    void drain.done.then(() => {
      this.#isClosed = true;
      this.#admission.close();
      liveServers.delete(this.id);
    });
    return drain;
  }
}

/** For a client that was amid its handshake when the server began to close: several round trips. */
const handshakeGraceMs = 2_000;

const liveServers = new LiveSet<Server>();

/** The servers of this process that have not closed, the oldest first. */
export function openServers(): readonly Server[] {
  return liveServers.toArray();
}

/** What a stranger may know of what is not there, and so of what is. */
const unknownMethod = "this server has no such method";

function asService(service: Service | DescService): Service {
  return "kind" in service ? serviceFromDesc(service) : service;
}
