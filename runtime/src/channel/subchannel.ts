import type { Subchannel as PolicySubchannel, SubchannelListener } from "../balancer/load-balancing-policy.js";
import type { SlotWaiter } from "../balancer/picker.js";
import type { Address, Connecting, Millis, Platform, Timer } from "../base/platform.js";
import type { WorkQueue } from "../base/work-queue.js";
import { addressName } from "../resolver/endpoint.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type { ClientTransport } from "../transport/transport.js";
import { refuse } from "./call/refused-call.js";
import type { ConnectHistories, ConnectHistory } from "./connect-history.js";
import type { ConnectionListener, Connector } from "./connector.js";

/** Least time that a server has to accept a connection and send its SETTINGS (connection-backoff.md, MIN_CONNECT_TIMEOUT). */
export const connectTimeoutMs = 20_000;

/** What the subchannels of a channel share. */
export interface SubchannelContext {
  readonly platform: Platform;
  readonly connector: Connector;
  /** Listeners are told through it, so that none is told from within another. */
  readonly queue: WorkQueue;
  readonly histories: ConnectHistories;
  /** The subchannel is shut down and its last connection has closed. */
  onGone(subchannel: Subchannel): void;
}

/** Each state owns what it names, and gives it up on exit. */
type State =
  | { readonly name: "IDLE" }
  | { readonly name: "CONNECTING"; readonly connection: Connection; readonly deadline: Timer; readonly retryAt: Millis }
  | {
      readonly name: "READY";
      readonly transport: ClientTransport;
      readonly connection: Connection;
      readonly retryAt: Millis;
    }
  | { readonly name: "TRANSIENT_FAILURE"; readonly backoff: Timer }
  | { readonly name: "SHUTDOWN" };

/** The connection to one address: made when asked for, one at a time, no more often than the backoff allows. */
export class Subchannel implements PolicySubchannel {
  readonly address: Address;
  readonly name: string;
  lastError: string | undefined;
  readonly #context: SubchannelContext;
  readonly #listener: SubchannelListener;
  readonly #history: ConnectHistory;
  #state: State = { name: "IDLE" };
  /** Connections that take no more calls but have not closed. */
  readonly #retired = new Set<ClientTransport>();
  readonly #slotQueue = new Set<SlotWaiter>();

  constructor(context: SubchannelContext, address: Address, listener: SubchannelListener) {
    this.#context = context;
    this.address = address;
    this.name = addressName(address);
    this.#listener = listener;
    this.#history = context.histories.get(this.name);
  }

  get state(): ConnectivityState {
    return this.#state.name;
  }

  isOpen(): boolean {
    const state = this.#state;
    return state.name === "READY" && this.#slotQueue.size === 0 && state.transport.streamSlots() > 0;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const state = this.#state;
    if (state.name === "READY") {
      if (!state.connection.isUsed) this.#use(state.connection);
      return state.transport.invoke(headers, options, sink);
    }
    return refuse(sink, `there is no connection to ${this.name}`);
  }

  waitForSlot(waiter: SlotWaiter): void {
    const state = this.#state;
    if (state.name !== "READY") {
      waiter.onNoConnection();
      return;
    }
    this.#slotQueue.add(waiter);
    state.transport.wake();
  }

  leaveSlotQueue(waiter: SlotWaiter): void {
    this.#slotQueue.delete(waiter);
  }

  connect(): void {
    if (this.#state.name !== "IDLE") return;
    const { platform, connector } = this.#context;
    const now = platform.now();
    const { notBefore } = this.#history;
    if (now < notBefore) {
      this.lastError = this.#history.lastError;
      this.#waitUntil(notBefore);
      return;
    }
    // connection-backoff.md: the next attempt starts one backoff after the start of this one, which may take as long.
    const retryAt = now + this.#history.backoff.next();
    const timeoutMs = Math.max(connectTimeoutMs, retryAt - now);
    const connection = new Connection(this);
    const deadline = platform.setTimer(now + timeoutMs, () => this.onTimeout(connection, timeoutMs), false);
    this.#transition({ name: "CONNECTING", connection, deadline, retryAt });
    connection.attempt = connector.connect(this.address, connection);
  }

  release(): void {
    if (this.#state.name === "SHUTDOWN") return;
    const state = this.#state;
    const transport = state.name === "READY" || state.name === "CONNECTING" ? state.connection.transport : undefined;
    if (transport !== undefined) this.#retired.add(transport);
    this.#transition({ name: "SHUTDOWN" });
    if (state.name === "READY") state.transport.drain();
    if (state.name === "CONNECTING") state.connection.giveUp("the connection is not needed any more");
    this.#checkGone();
  }

  /** Like `release`, and ends every running call with `status`. */
  close(status: Status): void {
    this.release();
    for (const transport of [...this.#retired]) transport.close(status);
  }

  /** Calls of the connection: it is in use while `of` is the one that the state names. */
  onReady(of: Connection): void {
    const state = this.#state;
    if (state.name !== "CONNECTING" || state.connection !== of || of.transport === undefined) return;
    this.lastError = undefined;
    this.#transition({ name: "READY", transport: of.transport, connection: of, retryAt: state.retryAt });
  }

  onSlots(of: Connection): void {
    const state = this.#state;
    if (state.name !== "READY" || state.connection !== of) return;
    for (const waiter of this.#slotQueue) {
      if (state.transport.streamSlots() === 0 || this.#state !== state) return;
      this.#slotQueue.delete(waiter);
      waiter.onSlot();
    }
  }

  /** The attempt failed, or the connection ended or takes no more calls; `error` says which, in one clause. */
  onLost(of: Connection, error: string): void {
    const state = this.#state;
    if (state.name === "CONNECTING" && state.connection === of) this.#fail(of, state.retryAt, error);
    else if (state.name === "READY" && state.connection === of) {
      this.lastError = error;
      if (this.#context.platform.now() >= state.retryAt) this.#use(of);
      if (!of.isUsed) this.#history.onLostUnused(error, state.retryAt);
      if (!of.closed) this.#retired.add(state.transport);
      this.#transition({ name: "IDLE" });
    }
  }

  onClosed(of: Connection): void {
    if (of.transport !== undefined) this.#retired.delete(of.transport);
    this.#checkGone();
  }

  onTimeout(of: Connection, timeoutMs: number): void {
    const state = this.#state;
    if (state.name !== "CONNECTING" || state.connection !== of) return;
    const what =
      of.transport === undefined
        ? `connect to ${this.name} timed out`
        : `${this.name} accepted the connection but sent no HTTP/2 SETTINGS`;
    this.#fail(of, state.retryAt, `${what} (limit ${timeoutMs / 1000} s)`);
  }

  #fail(connection: Connection, retryAt: Millis, error: string): void {
    this.lastError = error;
    this.#waitUntil(retryAt);
    // Afterwards, so that what closing sets off meets the new state.
    if (connection.transport !== undefined && !connection.closed) this.#retired.add(connection.transport);
    connection.giveUp(error);
  }

  #waitUntil(retryAt: Millis): void {
    const backoff = this.#context.platform.setTimer(retryAt, () => this.#transition({ name: "IDLE" }), false);
    this.#transition({ name: "TRANSIENT_FAILURE", backoff });
  }

  #use(connection: Connection): void {
    connection.isUsed = true;
    this.#history.onUsed();
  }

  #transition(next: State): void {
    const last = this.#state;
    if (last.name === "CONNECTING") last.deadline.cancel();
    if (last.name === "TRANSIENT_FAILURE") last.backoff.cancel();
    this.#state = next;
    if (next.name !== "SHUTDOWN") this.#context.queue.run(() => this.#tell(next.name));
    if (last.name === "READY") this.#sendWaitersAway();
  }

  #tell(state: ConnectivityState): void {
    if (this.#state.name !== "SHUTDOWN") this.#listener.onState(state);
  }

  #sendWaitersAway(): void {
    const waiters = [...this.#slotQueue];
    this.#slotQueue.clear();
    for (const waiter of waiters) waiter.onNoConnection();
  }

  #checkGone(): void {
    if (this.#state.name === "SHUTDOWN" && this.#retired.size === 0) this.#context.onGone(this);
  }
}

/** One attempt and what comes of it: what is said of a connection that the subchannel has left behind goes nowhere. */
class Connection implements ConnectionListener {
  readonly #owner: Subchannel;
  attempt: Connecting | undefined;
  transport: ClientTransport | undefined;
  closed = false;
  /** It carried a call, or could have. */
  isUsed = false;
  #gaveUp: string | undefined;

  constructor(owner: Subchannel) {
    this.#owner = owner;
  }

  onTransport(transport: ClientTransport): void {
    this.transport = transport;
    if (this.#gaveUp !== undefined) transport.close(unavailable(this.#gaveUp));
  }

  onConnectError(reason: string): void {
    this.closed = true;
    this.#owner.onLost(this, reason);
  }

  onReady(): void {
    this.#owner.onReady(this);
  }

  onSlots(): void {
    this.#owner.onSlots(this);
  }

  onWorn(): void {
    // It is replaced once it takes no more calls.
  }

  onTooManyPings(): void {
    // onDraining says so.
  }

  onDraining(reason: string): void {
    this.#owner.onLost(this, reason);
  }

  onClosed(reason: string): void {
    this.closed = true;
    this.#owner.onLost(this, reason);
    this.#owner.onClosed(this);
  }

  /** Ends an attempt that is not ready. */
  giveUp(reason: string): void {
    this.#gaveUp = reason;
    if (this.transport === undefined) this.attempt?.cancel();
    else if (!this.closed) this.transport.close(unavailable(reason));
  }
}

function unavailable(message: string): Status {
  return { code: StatusCode.UNAVAILABLE, message };
}
