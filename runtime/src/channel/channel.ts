import type { Parsed } from "../base/parsed.js";
import type { Millis, Platform } from "../base/platform.js";
import { composeInterceptors, type InterceptorLayer } from "../interceptor/compose-interceptors.js";
import type { Resolver } from "../resolver/resolver.js";
import type { CallCredentials } from "../rpc/call-credentials.js";
import type { CallOptions } from "../rpc/call-options.js";
import { noTimings } from "../rpc/call-timings.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Deadline } from "../rpc/deadline.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { eventWriter, type Log } from "../rpc/logger.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { ClientCallStats } from "../rpc/stats/client-call-stats.js";
import { listenersThrough } from "../rpc/stats/combined-sink.js";
import type { Stats } from "../rpc/stats/stats.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type { MethodConfig } from "../service-config/method-config.js";
import { CallCounts } from "../telemetry/call-counts.js";
import { EventLog } from "../telemetry/event-log.js";
import { LiveSet } from "../telemetry/live-set.js";
import { endedStream } from "../transport/ended-stream.js";
import type { LimitOptions } from "../transport/transport-limits.js";
import { RetryingInvoker } from "./call/attempts/retrying-invoker.js";
import { Call, type CallOwner, deadlineOf } from "./call/call.js";
import { configuredDeadline, ownDeadline } from "./call/call-deadline.js";
import { describeConnections } from "./call/connection-obstacles.js";
import { effectiveOptions } from "./call/effective-options.js";
import { PickQueue } from "./call/pick/pick-queue.js";
import { PickingInvoker } from "./call/pick/picking-invoker.js";
import { RunningCalls } from "./call/running-calls.js";
import { WaitingStream } from "./call/waiting-stream.js";
import { ChannelClosing } from "./channel-closing.js";
import type { ChannelConfig } from "./channel-config.js";
import type { ChannelDescription } from "./channel-description.js";
import type { ChannelCloseOptions } from "./channel-options.js";
import type { ChannelRetries } from "./channel-retries.js";
import { ControlPlane } from "./control-plane.js";
import { IdleTimer } from "./idle-timer.js";
import type { Snapshot } from "./snapshot.js";
import { type StateWaitOptions, StateWatch } from "./state-watch.js";
import type { ConnectionKind, SubchannelPool } from "./subchannel/subchannel-pool.js";

/** A virtual connection to a target. It connects when the first call, or `connect`, wants it to. */
export interface Channel extends Invoker {
  /** No other channel, subchannel, server or connection of this process has it. */
  readonly id: number;
  /** As it was given. */
  readonly target: string;
  /** The state now. @param requestConnect Whether to leave IDLE. Default false. */
  state(requestConnect?: boolean): ConnectivityState;
  /** Connects without a call. Does nothing unless the state is IDLE. */
  connect(): void;
  /**
   * Resolves with true once the state is another than `from`, at once if it is already; with false when `timeoutMs` is over
   * before, and at once for SHUTDOWN, which is the last (connectivity-semantics-and-api.md). It does not connect.
   */
  waitForStateChange(from: ConnectivityState, options?: StateWaitOptions): Promise<boolean>;
  /**
   * The state now, and each one that follows, until SHUTDOWN. A state that came and went between two looks is left out.
   * Ends with the signal's reason when it is aborted, and holds no process.
   */
  states(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<ConnectivityState>;
  /**
   * Takes no new calls: they end with CANCELLED. Running ones go on for `graceMs` and are then cancelled. Resolves when
   * every connection has closed; never rejects. Called again it may only shorten the grace.
   */
  close(options?: ChannelCloseOptions): Promise<void>;
  /** Closes at once. */
  [Symbol.asyncDispose](): Promise<void>;
  /** What there is now, for logs and health pages. */
  describe(): ChannelDescription;
}

/** What a channel is made of. */
export interface ChannelParts {
  readonly id: number;
  readonly target: string;
  /** The same with its scheme, as telemetry writes it (gRFC A66). Default: `target`. */
  readonly canonicalTarget?: string | undefined;
  readonly platform: Platform;
  /** Makes one that has not started. */
  createResolver(): Resolver;
  readonly pool: SubchannelPool;
  readonly connection: ConnectionKind;
  /** Value of `:authority` for calls that say none. */
  readonly authority?: string | undefined;
  /** Go with every call. */
  readonly callCredentials?: CallCredentials | undefined;
  readonly maxConnectionsPerSubchannel: number;
  readonly idleTimeoutMs: number;
  /** Where a service config asks for it. */
  readonly checksHealth: boolean;
  /** Holds where the resolver gives none. */
  readonly config: ChannelConfig;
  /** Parses what a resolver gives. */
  readonly parseConfig: (json: unknown) => Parsed<ChannelConfig>;
  readonly defaultTimeoutMs: number;
  readonly interceptors: readonly InterceptorLayer[];
  /** As the application gave them. */
  readonly limits: LimitOptions | undefined;
  /** Undefined: calls are tried again only where that is proved to be without effect. */
  readonly retries: ChannelRetries | undefined;
  /** Undefined: nobody listens. */
  readonly stats?: Stats | undefined;
  /** Undefined: nothing is logged. */
  readonly log?: Log | undefined;
}

const liveChannels = new LiveSet<Channel>();

/** The channels of this process that have not closed, the oldest first. */
export function openChannels(): readonly Channel[] {
  return liveChannels.toArray();
}

/** What is known of a call that ends before it starts. */
const notStarted = { delivery: "not-sent", attempts: 0, timings: noTimings } as const;

/** Fields and wiring: what happens to a call is in call.ts and picked-call.ts, what happens to connections in control-plane.ts. */
export class ClientChannel implements Channel, CallOwner {
  readonly id: number;
  readonly target: string;
  readonly platform: Platform;
  readonly #parts: ChannelParts;
  readonly #control: ControlPlane;
  readonly #queue: PickQueue;
  readonly #calls = new RunningCalls<Call>();
  readonly #counts = new CallCounts();
  readonly #events: EventLog;
  readonly #idle: IdleTimer;
  readonly #watch: StateWatch;
  readonly #chain: Invoker;
  /** From the first close on. */
  #closing: ChannelClosing | undefined;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.target = parts.target;
    this.platform = parts.platform;
    const { platform, target, idleTimeoutMs } = parts;
    this.id = parts.id;
    this.#events = new EventLog(platform, eventWriter(parts.log, `channel to ${JSON.stringify(target)}`));
    const events = this.#events;
    this.#control = new ControlPlane(parts, events, (snapshot) => this.#onSnapshot(snapshot));
    const { snapshot } = this.#control;
    parts.retries?.throttle.configure(snapshot.serviceConfig);
    this.#queue = new PickQueue(
      platform,
      target,
      snapshot,
      () => this.#exitIdle(),
      () => describeConnections(this.#control.views()),
      { throttle: parts.retries?.throttle.tokens, authority: parts.authority, callCredentials: parts.callCredentials },
    );
    this.#watch = new StateWatch(platform, snapshot.state);
    this.#idle = new IdleTimer(platform, idleTimeoutMs, this.#calls, () => this.#control.enterIdle());
    liveChannels.add(this.id, this);
    this.#chain = composeInterceptors(parts.interceptors, this.#retrying(new PickingInvoker(this.#queue)));
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    if (this.#closing !== undefined) {
      const status = { ...this.#closedStatus(), ...notStarted };
      return this.#refuse(sink, status, this.#startStats(headers, options));
    }
    const { snapshot } = this.#queue;
    const config = snapshot.serviceConfig.methodConfig(headers.method);
    const startedAt = this.platform.now();
    const own = ownDeadline(headers.deadline, options, this.platform, startedAt);
    // Until the configuration is there, the application's own serviceConfig holds for the deadline.
    const deadline = this.#deadlineOf(headers.method, own, startedAt, config);
    const stats = this.#startStats(headers, options);
    const refusal = this.#refusal(deadline, startedAt);
    if (refusal !== undefined) return this.#refuse(sink, { ...refusal, ...notStarted }, stats);
    const call = new Call(this, sink, startedAt, stats);
    const given = effectiveHeaders(headers, deadline, options, stats);
    if (snapshot.isConfigured) call.start(this.#chain, given, effectiveOptions(options, config, this.#parts.limits));
    else call.start(this.#waitFor(call, own, startedAt), given, options);
    return call;
  }

  state(requestConnect = false): ConnectivityState {
    if (requestConnect) this.connect();
    return this.#queue.snapshot.state;
  }

  connect(): void {
    if (this.#closing === undefined) this.#exitIdle();
  }

  waitForStateChange(from: ConnectivityState, options: StateWaitOptions = {}): Promise<boolean> {
    return this.#watch.waitForChange(from, options);
  }

  async *states({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<ConnectivityState> {
    for (;;) {
      const state = this.state();
      yield state;
      if (state === "SHUTDOWN") return;
      await this.waitForStateChange(state, { signal });
    }
  }

  close(options: ChannelCloseOptions = {}): Promise<void> {
    this.#closing ??= new ChannelClosing(this.platform, () => this.#shutDown());
    this.#closing.allow(this.#calls.size === 0 ? 0 : (options.graceMs ?? 0));
    return this.#closing.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  describe(): ChannelDescription {
    return {
      id: this.id,
      target: this.target,
      state: this.state(),
      runningCalls: this.#calls.size,
      waitingCalls: this.#queue.hold.count,
      ...this.#control.describe(),
      calls: this.#counts.report(this.platform),
      events: this.#events.report(),
    };
  }

  // ---- CallOwner

  onCallStart(call: Call, startedAt: Millis): void {
    this.#calls.add(call);
    this.#counts.onStart(startedAt);
  }

  onCallEnd(call: Call, code: StatusCode): void {
    this.#calls.delete(call);
    this.#counts.onEnd(code === StatusCode.OK);
    if (this.#closing !== undefined && this.#calls.size === 0) this.#closing.finish();
  }

  // ----

  #retrying(next: Invoker): Invoker {
    const { retries, platform, config } = this.#parts;
    if (retries === undefined) return next;
    return new RetryingInvoker({
      platform,
      next,
      throttle: retries.throttle.tokens,
      budget: retries.budget,
      serviceConfig: () => this.#queue.snapshot.serviceConfig,
      ownServiceConfig: config.service,
    });
  }

  #onSnapshot(snapshot: Snapshot): void {
    this.#parts.retries?.throttle.configure(snapshot.serviceConfig);
    this.#queue.replaceSnapshot(snapshot);
    this.#watch.onState(this.#queue.snapshot.state);
  }

  #exitIdle(): void {
    this.#idle.start();
    this.#control.exitIdle();
  }

  /** A timeout in the application's own config holds beside a resolver's: neither lets a call take longer. */
  #deadlineOf(
    method: MethodDescriptor,
    own: Deadline | undefined,
    startedAt: Millis,
    { timeoutMs }: MethodConfig,
  ): Deadline {
    const { config, defaultTimeoutMs } = this.#parts;
    const ownTimeoutMs = config.service.methodConfig(method).timeoutMs;
    const configTimeoutMs = timeoutMs === undefined ? ownTimeoutMs : Math.min(timeoutMs, ownTimeoutMs ?? timeoutMs);
    return configuredDeadline(own, startedAt, configTimeoutMs, method.timeoutMs ?? defaultTimeoutMs);
  }

  #startStats({ method, metadata }: RequestHeaders, options: CallOptions): ClientCallStats | undefined {
    const { stats, target, canonicalTarget = target } = this.#parts;
    if (stats?.hearsClientCalls !== true) return undefined;
    return stats.startClientCall({
      method,
      target: canonicalTarget,
      metadata,
      parents: listenersThrough(options.context?.statsListener),
    });
  }

  #refuse(sink: ResponseSink, status: Status, stats: ClientCallStats | undefined): RequestStream {
    stats?.onEnd(status);
    return endedStream(sink, status);
  }

  /** How a call ends that is not worth starting. */
  #refusal(deadline: Deadline, now: Millis): Status | undefined {
    if (Number.isNaN(deadline)) {
      const message =
        "the call's timeoutMs or deadline is not a time: expected a number of milliseconds or a valid Date";
      return { code: StatusCode.INTERNAL, message };
    }
    if (deadline > now) return undefined;
    const message = `${deadlineOf(deadline - now)} had run out before the call started`;
    return { code: StatusCode.DEADLINE_EXCEEDED, message };
  }

  /** Stands in for the chain until the first configuration has come, which then sets the call's deadline and options. */
  #waitFor(call: Call, own: Deadline | undefined, startedAt: Millis): Invoker {
    const { limits } = this.#parts;
    return {
      invoke: (headers, options, sink) =>
        new WaitingStream(this.#queue, sink, (resolved) => {
          const config = this.#queue.snapshot.serviceConfig.methodConfig(headers.method);
          const deadline = this.#deadlineOf(headers.method, own, startedAt, config);
          call.limit(deadline);
          headers.stats?.onResolved(this.platform.now() - startedAt);
          return this.#chain.invoke({ ...headers, deadline }, effectiveOptions(options, config, limits), resolved);
        }),
    };
  }

  #closedStatus(): Status {
    return { code: StatusCode.CANCELLED, message: `channel to ${JSON.stringify(this.target)} is closed` };
  }

  #shutDown(): Promise<void> {
    const status = this.#closedStatus();
    liveChannels.delete(this.id);
    this.#idle.stop();
    this.#parts.retries?.throttle.release();
    for (const call of this.#calls.toArray()) call.cancel(status);
    return this.#control.close(status);
  }
}

/** The same object where nothing changes. */
function effectiveHeaders(
  headers: RequestHeaders,
  deadline: Deadline,
  options: CallOptions,
  stats: ClientCallStats | undefined,
): RequestHeaders {
  const { authority } = options;
  if (authority !== undefined && headers.authority === undefined) return { ...headers, deadline, authority, stats };
  if (stats !== undefined) return { ...headers, deadline, stats };
  return deadline === headers.deadline ? headers : { ...headers, deadline };
}
