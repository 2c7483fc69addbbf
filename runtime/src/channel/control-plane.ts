import { GracefulSwitch } from "../balancer/graceful-switch.js";
import type {
  ChannelController,
  Subchannel as PolicySubchannel,
  SubchannelListener,
  SubchannelOptions,
} from "../balancer/load-balancing-policy.js";
import { failAlways, type Picker, queuePicker } from "../balancer/picker.js";
import { Backoff } from "../base/backoff.js";
import type { Parsed } from "../base/parsed.js";
import type { Address, Millis, Platform, Timer } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { WorkQueue } from "../base/work-queue.js";
import { namedEndpoint } from "../resolver/endpoint.js";
import type { Resolver, ResolverListener, ResolverResult } from "../resolver/resolver.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Stats } from "../rpc/stats/stats.js";
import type { ConnectionEvent } from "../rpc/stats/stats-sink.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type { EventLog } from "../telemetry/event-log.js";
import type { ChannelConfig } from "./channel-config.js";
import type { ChannelDescription } from "./channel-description.js";
import { ConfigKeeper } from "./config-keeper.js";
import { HealthChecks } from "./health/health-checks.js";
import { PolicyTimers } from "./policy-timers.js";
import { ResolutionLog } from "./resolution-log.js";
import type { Snapshot } from "./snapshot.js";
import { Subchannel, type SubchannelContext } from "./subchannel/subchannel.js";
import type { ConnectionKind, SubchannelPool } from "./subchannel/subchannel-pool.js";

export interface ControlPlaneOptions {
  readonly platform: Platform;
  /** Makes one that has not started: the first at once, another whenever the channel has become idle. */
  createResolver(): Resolver;
  /** Where connections come from, and how they are made. */
  readonly pool: SubchannelPool;
  readonly connection: ConnectionKind;
  /** Connections to one address that a service config may ask for at most (gRFC A105). */
  readonly maxConnectionsPerSubchannel: number;
  /** Whether servers' health is watched where a service config asks for it (gRFC A17). */
  readonly checksHealth: boolean;
  /** Holds where the resolver gives none; with `emptyServiceConfig` where the application gave none. */
  readonly config: ChannelConfig;
  readonly target: string;
  readonly canonicalTarget?: string | undefined;
  /** Undefined: nobody listens. */
  readonly stats?: Stats | undefined;
  /** Parses what a resolver gives. */
  readonly parseConfig: (json: unknown) => Parsed<ChannelConfig>;
}

/**
 * Resolver, policy and subchannels of one channel. Whatever happens to one of them is a piece of work in one queue, so
 * that none is ever called while another one runs.
 */
export class ControlPlane implements ChannelController, ResolverListener, SubchannelContext {
  readonly #options: ControlPlaneOptions;
  readonly #events: EventLog;
  readonly #onSnapshot: (snapshot: Snapshot) => void;
  readonly queue = new WorkQueue((error) => this.#onFault(error));
  readonly #subchannels = new Set<Subchannel>();
  readonly #config: ConfigKeeper;
  readonly #resolutionBackoff: Backoff;
  readonly #health: HealthChecks;
  readonly onConnection: ((event: Omit<ConnectionEvent, "target">) => void) | undefined;
  #policyTimers: PolicyTimers;
  #resolver: Resolver;
  #maxConnections = 1;
  #policy: GracefulSwitch | undefined;
  #policyName: string | undefined;
  readonly #resolution: ResolutionLog;
  #snapshot: Snapshot;
  /** Set from a failed resolution until the next one is asked for. */
  #resolutionTimer: Timer | undefined;
  #closing: (() => void) | undefined;
  #isClosed = false;
  /** What the policy said last. */
  #said: Pick<Snapshot, "state" | "picker"> | undefined;
  /** A fault stands in the place of what the policy said. */
  #isFaulty = false;

  /**
   * @param events Where what happens is written down.
   * @param onSnapshot The data plane's side: called with each new snapshot, from within the work queue.
   */
  constructor(options: ControlPlaneOptions, events: EventLog, onSnapshot: (snapshot: Snapshot) => void) {
    this.#options = options;
    this.#events = events;
    this.#onSnapshot = onSnapshot;
    this.#resolution = new ResolutionLog(events);
    const { platform, config, parseConfig, stats } = options;
    const target = canonicalTargetOf(options);
    const { service: serviceConfig } = config;
    this.#snapshot = { state: "IDLE", picker: queuePicker, serviceConfig, isConfigured: false, note: undefined };
    this.#config = new ConfigKeeper(config, parseConfig);
    this.#resolutionBackoff = new Backoff(() => platform.random());
    this.#policyTimers = new PolicyTimers(platform, this.queue);
    this.#health = new HealthChecks(platform, this.queue);
    this.onConnection = stats && ((event) => stats.onConnection({ ...event, target }));
    this.#resolver = options.createResolver();
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The subchannels as the policy sees them. */
  *views(): Iterable<PolicySubchannel> {
    for (const subchannel of this.#subchannels) yield this.#health.viewOf(subchannel);
  }

  describe(): Pick<ChannelDescription, "resolver" | "policy" | "subchannels"> {
    const subchannels = [...this.#subchannels].map((subchannel) => {
      const { state, lastError } = this.#health.viewOf(subchannel);
      return { ...subchannel.describe(), state, lastError };
    });
    return { resolver: this.#resolution.description, policy: this.#policyName, subchannels };
  }

  /** Somebody wants a connection. Does nothing unless the state is IDLE. */
  exitIdle(): void {
    if (this.#snapshot.state === "IDLE") this.queue.run(() => this.#exitIdle());
  }

  /** Nobody has called for long: connections and resolver are given back, until somebody wants a connection again. */
  enterIdle(): void {
    this.queue.run(() => this.#enterIdle());
  }

  /** Ends every call on a connection with `status`. Resolves when everything is given back. Called once. */
  async close(status: Status): Promise<void> {
    this.#isClosed = true;
    this.#resolutionTimer?.cancel();
    const gone = new Promise<void>((resolve) => {
      this.#closing = resolve;
    });
    this.queue.run(() => {
      // What a policy of the user's own forgets, or throws, must not keep connections open.
      const policy = this.#policy;
      this.#policy = undefined;
      this.queue.run(() => policy?.close());
      this.queue.run(() => {
        this.#policyTimers.close();
        this.#health.releaseAll();
        for (const subchannel of [...this.#subchannels]) subchannel.close(status);
        if (policy !== undefined) this.#options.pool.leave(this.#options.connection);
        this.#publish({ state: "SHUTDOWN", picker: failAlways(status), isConfigured: true });
        if (this.#subchannels.size === 0) this.#closing?.();
      });
    });
    await Promise.all([gone, closeResolver(this.#resolver)]);
  }

  // ---- ChannelController

  createSubchannel(address: Address, listener: SubchannelListener, options: SubchannelOptions = {}): PolicySubchannel {
    const { pool, connection } = this.#options;
    const create = (its: SubchannelListener): PolicySubchannel => {
      const subchannel = new Subchannel(this, pool.get(address, connection), its);
      this.#subchannels.add(subchannel);
      this.#events.add(`a subchannel for ${subchannel.name}`, "info", subchannel.id);
      return subchannel;
    };
    return options.checksHealth === true ? this.#health.check(listener, create) : create(listener);
  }

  update(state: ConnectivityState, picker: Picker): void {
    if (this.#isClosed) return;
    this.#said = { state, picker };
    this.#isFaulty = false;
    this.#publish(this.#said);
  }

  requestResolution(): void {
    // While a backoff runs, its end will ask.
    if (this.#resolutionTimer === undefined) this.queue.run(() => this.#resolveNow());
  }

  now(): Millis {
    return this.#options.platform.now();
  }

  random(): number {
    return this.#options.platform.random();
  }

  setTimer(at: Millis, fn: () => void): Timer {
    return this.#policyTimers.set(at, fn);
  }

  // ---- SubchannelContext

  /** Connections to one address that are allowed now. */
  get maxConnections(): number {
    return this.#maxConnections;
  }

  onGone(subchannel: Subchannel): void {
    this.#subchannels.delete(subchannel);
    if (this.#subchannels.size === 0) this.#closing?.();
  }

  // ---- ResolverListener

  onResult(result: ResolverResult): boolean {
    let accepted = true;
    this.queue.run(() => {
      if (!this.#isClosed) accepted = this.#onResult(result);
    });
    return accepted;
  }

  // ----

  #exitIdle(): void {
    if (this.#isClosed || this.#snapshot.state !== "IDLE") return;
    if (this.#policy !== undefined) {
      this.#policy.exitIdle();
      return;
    }
    this.#options.pool.join(this.#options.connection);
    this.#policy = new GracefulSwitch(this);
    this.#publish({ state: "CONNECTING", picker: queuePicker });
    const resolver = this.#resolver;
    this.#resolution.onStart();
    // What one that was given up says all the same goes nowhere.
    resolver.start({ onResult: (result) => resolver !== this.#resolver || this.onResult(result) });
  }

  #enterIdle(): void {
    const policy = this.#policy;
    if (this.#isClosed || policy === undefined) return;
    this.#policy = undefined;
    this.#resolutionTimer?.cancel();
    this.#resolutionTimer = undefined;
    this.#policyTimers.close();
    this.#policyTimers = new PolicyTimers(this.#options.platform, this.queue);
    void closeResolver(this.#resolver);
    this.#resolver = this.#options.createResolver();
    this.#resolution.onIdle();
    this.#policyName = undefined;
    this.#said = undefined;
    this.#isFaulty = false;
    this.queue.run(() => policy.close());
    this.queue.run(() => {
      // What a policy of the user's own forgets must not keep connections open.
      this.#health.releaseAll();
      for (const subchannel of [...this.#subchannels]) subchannel.release();
      this.#options.pool.leave(this.#options.connection);
      this.#publish({ state: "IDLE", picker: queuePicker, note: undefined });
    });
  }

  #onResult(result: ResolverResult): boolean {
    const accepted = this.#apply(result);
    if (accepted) {
      // A policy whose endpoints are the same as ever need not say again that they are connected.
      if (this.#isFaulty && this.#said !== undefined) this.update(this.#said.state, this.#said.picker);
      this.#resolutionBackoff.reset();
      this.#resolutionTimer?.cancel();
      this.#resolutionTimer = undefined;
    } else this.#resolveLater();
    return accepted;
  }

  #apply(result: ResolverResult): boolean {
    const { config, problem } = this.#config.take(result);
    this.#resolution.onResult(result, problem);
    this.#tellResolution(result);
    this.#namePolicy(config?.policy.factory.name);
    if (config === undefined) {
      const picker = failAlways({ code: StatusCode.UNAVAILABLE, message: problem });
      this.#publish({ state: "TRANSIENT_FAILURE", picker, isConfigured: true, note: result.note });
      return false;
    }
    const { note } = result;
    const said = note === undefined || problem === undefined ? (note ?? problem) : `${note}; ${problem}`;
    this.#publish({ serviceConfig: config.service, isConfigured: true, note: said });
    this.#allowConnections(config.service.maxConnectionsPerSubchannel ?? 1);
    return this.#giveToPolicy(result.endpoints, config) && problem === undefined;
  }

  #tellResolution({ endpoints }: ResolverResult): void {
    const { stats } = this.#options;
    if (stats === undefined) return;
    const target = canonicalTargetOf(this.#options);
    const isResolved = "value" in endpoints;
    const count = isResolved ? endpoints.value.length : undefined;
    const error = isResolved ? undefined : endpoints.status.message;
    stats.onResolution({ target, endpoints: count, error });
  }

  #giveToPolicy(endpoints: ResolverResult["endpoints"], config: ChannelConfig): boolean {
    const { policy } = config;
    if ("value" in endpoints) {
      return this.#policy?.onUpdate({ endpoints: endpoints.value.map(namedEndpoint), config: policy }) ?? false;
    }
    this.#policy?.onResolverError(endpoints.status);
    return false;
  }

  #resolveLater(): void {
    this.#resolutionTimer?.cancel();
    const { platform } = this.#options;
    const at = platform.now() + this.#resolutionBackoff.next();
    this.#resolutionTimer = platform.setTimer(at, () => this.queue.run(() => this.#onResolutionTimer()), false);
  }

  #onResolutionTimer(): void {
    this.#resolutionTimer = undefined;
    this.#resolveNow();
  }

  #resolveNow(): void {
    if (!this.#isClosed && this.#policy !== undefined) this.#resolver.resolveNow();
  }

  #allowConnections(wanted: number): void {
    const allowed = Math.min(wanted, this.#options.maxConnectionsPerSubchannel);
    if (allowed === this.#maxConnections) return;
    this.#maxConnections = allowed;
    for (const subchannel of this.#subchannels) subchannel.onMaxConnections();
  }

  #namePolicy(name: string | undefined): void {
    if (name !== this.#policyName && name !== undefined) this.#events.add(`load balancing by ${name}`);
    this.#policyName = name;
  }

  #publish(change: Partial<Snapshot>): void {
    const before = this.#snapshot.state;
    this.#snapshot = { ...this.#snapshot, ...change };
    const { state } = this.#snapshot;
    if (state !== before) this.#events.add(state, state === "TRANSIENT_FAILURE" ? "warning" : "info");
    this.#onSnapshot(this.#snapshot);
    const { serviceConfig } = change;
    if (serviceConfig !== undefined && this.#options.checksHealth)
      this.#health.configure(serviceConfig.healthCheckService);
  }

  /** A policy or resolver threw: its bug becomes the status of calls, and nothing else breaks. */
  #onFault(error: unknown): void {
    const message = `the control plane failed: ${textOfThrown(error)}`;
    const picker = failAlways({ code: StatusCode.INTERNAL, message, cause: error });
    if (this.#isClosed) return;
    this.#isFaulty = true;
    this.#publish({ state: "TRANSIENT_FAILURE", picker, isConfigured: true });
  }
}

function canonicalTargetOf({ canonicalTarget, target }: ControlPlaneOptions): string {
  return canonicalTarget ?? target;
}

async function closeResolver(resolver: Resolver): Promise<void> {
  try {
    await resolver.close();
  } catch {
    // A resolver of the user's own that cannot end well is no reason why the channel should not.
  }
}
