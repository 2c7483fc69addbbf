import type { SlotWaiter } from "../../balancer/picker.js";
import type { Address, Peer, Platform } from "../../base/platform.js";
import { SparseSet } from "../../base/sparse-set.js";
import { addressName } from "../../resolver/endpoint.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { Status } from "../../rpc/status.js";
import { EventLog } from "../../telemetry/event-log.js";
import { nextId } from "../../telemetry/next-id.js";
import { refuse } from "../call/refused-call.js";
import type { SubchannelDescription } from "../channel-description.js";
import type { ConnectHistory } from "./connect-history.js";
import type { ConnectSettings } from "./connect-settings.js";
import type { Connection } from "./connection.js";
import { ConnectionTally, describeConnections } from "./connection-tally.js";
import type { Connector } from "./connector.js";
import { Dialer, type DialerOwner } from "./dialer.js";
import { SlotQueue } from "./slot-queue.js";
import { type SubchannelUser, SubchannelUsers } from "./subchannel-users.js";

export interface SharedSubchannelContext {
  readonly platform: Platform;
  readonly connector: Connector;
  readonly settings: ConnectSettings;
  readonly history: ConnectHistory;
  /** Nobody uses it any more: nobody is to find it any more. */
  onUnused(): void;
}

/**
 * The connections to one address, whoever uses them: mostly one, more where the server allows too few streams on one and
 * a service config allows more (gRFC A105). It connects when it is asked to.
 */
export class SharedSubchannel implements DialerOwner {
  readonly id = nextId();
  readonly address: Address;
  readonly name: string;
  lastError: string | undefined;
  readonly #context: SharedSubchannelContext;
  readonly #history: ConnectHistory;
  readonly #dialer: Dialer;
  readonly #users: SubchannelUsers;
  readonly #slotQueue = new SlotQueue();
  /** Those that take calls, the oldest first. */
  #connections: readonly Connection[] = [];
  /** Where a call goes that is invoked now. */
  #next: Connection | undefined;
  /** Connections that take no more calls but have not closed. */
  readonly #retired = new SparseSet<Connection>();
  readonly #tally = new ConnectionTally();
  readonly #events: EventLog;
  #maxConnections = 1;
  #isShutDown = false;
  #toldState: ConnectivityState = "IDLE";

  constructor(context: SharedSubchannelContext, address: Address) {
    const { platform, connector, settings, history } = context;
    this.#context = context;
    this.#events = new EventLog(context.platform);
    this.#history = history;
    this.address = address;
    this.name = addressName(address);
    const { timeoutMs } = settings;
    this.#dialer = new Dialer({ platform, connector, address, name: this.name, history, timeoutMs }, this);
    this.#users = new SubchannelUsers(platform);
  }

  /** gRFC A105, Backoff Behavior and Connectivity State. */
  get state(): ConnectivityState {
    if (this.#isShutDown) return "SHUTDOWN";
    if (this.#connections.length > 0) return "READY";
    const { state } = this.#dialer;
    if (state === "rest") return "IDLE";
    return state === "attempt" ? "CONNECTING" : "TRANSIENT_FAILURE";
  }

  /** Connections that take calls. */
  get connectionCount(): number {
    return this.#connections.length;
  }

  /** Calls that wait for a stream. */
  get waitingCalls(): number {
    return this.#slotQueue.size;
  }

  /** The connection that came last. */
  get newest(): { readonly id: number; readonly peer: Peer } | undefined {
    return this.#connections.at(-1)?.transport;
  }

  describe(): Omit<SubchannelDescription, "state" | "lastError"> {
    const { id, name: address, waitingCalls } = this;
    const open = [...this.#connections, ...this.#retired];
    const calls = this.#tally.report(this.#context.platform, open);
    const connections = describeConnections(this.#connections);
    const draining = describeConnections(this.#retired);
    return { id, address, waitingCalls, connections, draining, calls, events: this.#events.report() };
  }

  // ---- users

  add(user: SubchannelUser): void {
    this.#users.add(user);
    this.onMaxConnections();
  }

  /** A user's `maxConnections` is another. The highest holds; none is closed because it fell. */
  onMaxConnections(): void {
    this.#maxConnections = this.#users.maxConnections;
    this.#serve();
  }

  /** The user has no more use for it. Running calls go on to their end; without other users it closes then. */
  release(user: SubchannelUser): void {
    if (!this.#users.delete(user)) return;
    if (this.#users.size > 0) {
      this.onMaxConnections();
      user.onGone();
      return;
    }
    this.#users.keepWaiting(user);
    this.#shutDown();
  }

  /** Like `release`, and ends with `status` what runs, unless it may be the call of another channel. */
  close(user: SubchannelUser, status: Status): void {
    this.release(user);
    if (!this.#users.isWaiting(user)) return;
    for (const { transport } of [...this.#retired]) {
      if (transport !== undefined && !this.#isOthers(transport.activeCalls)) transport.close(status);
    }
    this.#checkGone();
  }

  connect(): void {
    if (this.state === "IDLE") this.#dialer.start();
  }

  // ---- calls

  /** Of the connection that `invoke` would take. */
  get peer(): Peer | undefined {
    return (this.#next ?? this.#connections[0])?.transport?.peer;
  }

  /** Whether a call may be invoked now. gRFC A105: the oldest connection with a free stream gets it. */
  isOpen(): boolean {
    return this.#slotQueue.size === 0 && this.#findSlot();
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const connection = this.#next ?? this.#connections[0];
    const transport = connection?.transport;
    if (connection === undefined || transport === undefined) {
      return refuse(sink, `there is no connection to ${this.name}`);
    }
    if (!connection.isUsed && headers.isBackground !== true) this.#use(connection);
    return transport.invoke(headers, options, sink);
  }

  /** A call waits: what it waits for, where that is not a stream. */
  get slotObstacle(): string | undefined {
    return this.#wakeOne() ? `${this.name}, silent for long, was asked for a sign of life` : undefined;
  }

  waitForSlot(waiter: SlotWaiter): void {
    if (this.#connections.length === 0) {
      waiter.onNoConnection();
      return;
    }
    this.#slotQueue.add(waiter);
    this.#grow();
  }

  leaveSlotQueue(waiter: SlotWaiter): void {
    this.#slotQueue.delete(waiter);
  }

  // ---- connections

  onReady(connection: Connection): void {
    if (!this.#dialer.takeReady(connection)) return;
    this.lastError = undefined;
    const worn = this.#connections.filter((each) => each.isWorn);
    this.#connections = this.#connections.filter((each) => !each.isWorn).concat(connection);
    this.#next = undefined;
    for (const each of worn) this.#retire(each);
    this.#settle();
    for (const { transport } of worn) transport?.drain();
    this.#serve();
  }

  onSlots(): void {
    this.#serve();
  }

  onWorn(): void {
    this.#grow();
  }

  onTooManyPings(): void {
    if (!this.#history.onTooManyPings()) return;
    const what = `${this.name} ended a connection with GOAWAY too_many_pings: this process sends PINGs more often than it permits`;
    this.#context.platform.warn(
      `${what}. From now on it sends half as many; set keepalive.timeMs to what the server takes`,
    );
  }

  onLost(connection: Connection, error: string): void {
    if (this.#dialer.isTrying(connection)) {
      this.#dialer.onFailed(connection, error);
      return;
    }
    if (!this.#connections.includes(connection)) return;
    this.lastError = error;
    if (!connection.isUsed && this.#context.platform.now() >= connection.retryAt) this.#use(connection);
    if (!connection.isUsed) this.#history.onLostUnused(error, connection.retryAt);
    this.#connections = this.#connections.filter((each) => each !== connection);
    this.#next = undefined;
    this.#retire(connection);
    this.#settle();
    this.#serve();
  }

  onClosed(connection: Connection): void {
    this.#retired.delete(connection);
    if (connection.transport !== undefined) this.#tally.add(connection.transport);
    this.#checkGone();
  }

  onDial(error?: string, failed?: Connection): void {
    if (error !== undefined) this.lastError = error;
    if (failed !== undefined) this.#retire(failed);
    this.#settle();
    this.#serve();
  }

  // ----

  #findSlot(): boolean {
    for (const connection of this.#connections) {
      if (!connection.hasSlot) continue;
      this.#next = connection;
      return true;
    }
    return false;
  }

  #serve(): void {
    this.#slotQueue.serve(() => this.#findSlot());
    this.#grow();
  }

  /** Makes another connection where one is wanted beside those that there are. */
  #grow(): void {
    if (this.#connections.length === 0) return;
    const isFull = this.#slotQueue.size > 0 && !this.#wakeOne();
    const isWanted = isFull && this.#connections.length < this.#maxConnections;
    if (isWanted || this.#connections.some((connection) => connection.isWorn)) this.#dialer.start();
  }

  /** One that has been silent for too long may have slots yet. */
  #wakeOne(): boolean {
    return this.#connections.some(({ transport }) => transport?.wake());
  }

  #use(connection: Connection): void {
    connection.isUsed = true;
    this.#history.onUsed();
  }

  #retire(connection: Connection): void {
    if (connection.transport !== undefined && !connection.closed) this.#retired.add(connection);
  }

  /** What runs on a connection may be another channel's. */
  #isOthers(activeCalls: number): boolean {
    return this.#users.areOfMany && activeCalls > 0;
  }

  #shutDown(): void {
    const connections = this.#connections;
    const { connection } = this.#dialer;
    this.#isShutDown = true;
    this.#connections = [];
    this.#next = undefined;
    for (const each of connections) this.#retire(each);
    if (connection !== undefined) this.#retire(connection);
    this.#context.onUnused();
    this.#dialer.stop("the connection is not needed any more");
    for (const { transport } of connections) transport?.drain();
    this.#slotQueue.sendAway();
    this.#checkGone();
  }

  /** The calls of other channels are nobody's to wait for: their connections close behind the last of them. */
  #checkGone(): void {
    if (!this.#isShutDown) return;
    for (const { transport } of this.#retired) if (!this.#isOthers(transport?.activeCalls ?? 0)) return;
    this.#users.letGo();
  }

  /**
   * Tells of a state that is not the one before. Behind READY that is always IDLE, also where an attempt or a backoff goes
   * on (gRFC A105 has no IDLE there): the connection is gone, and a policy is to look at all of its addresses again.
   */
  #settle(): void {
    const { state } = this;
    const wasReady = this.#toldState === "READY";
    if (state === this.#toldState || state === "SHUTDOWN") return;
    this.#toldState = state;
    if (state === "TRANSIENT_FAILURE") this.#events.add(`${state}: ${this.lastError ?? "unknown"}`, "warning");
    else this.#events.add(wasReady && this.lastError !== undefined ? `${state}: ${this.lastError}` : state);
    const told = wasReady ? "IDLE" : state;
    this.#users.tell(told);
    if (wasReady) this.#slotQueue.sendAway();
  }
}
