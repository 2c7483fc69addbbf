import type { Subchannel as PolicySubchannel, SubchannelListener } from "../../balancer/load-balancing-policy.js";
import type { SlotWaiter } from "../../balancer/picker.js";
import type { Address, Peer } from "../../base/platform.js";
import type { WorkQueue } from "../../base/work-queue.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { ConnectionEvent } from "../../rpc/stats/stats-sink.js";
import type { Status } from "../../rpc/status.js";
import { refuse } from "../call/refused-call.js";
import type { SubchannelDescription } from "../channel-description.js";
import type { SharedSubchannel } from "./shared-subchannel.js";
import type { SubchannelUser } from "./subchannel-users.js";

/** What the subchannels of a channel share. */
export interface SubchannelContext {
  /** Listeners are told through it, so that none is told from within another. */
  readonly queue: WorkQueue;
  /** Connections to one address that the channel allows now (gRFC A105). */
  readonly maxConnections: number;
  /** Hears of connections; undefined where nobody listens. */
  readonly onConnection?: ((event: Omit<ConnectionEvent, "target">) => void) | undefined;
  /** The subchannel is shut down, and its connections have closed unless others use them. */
  onGone(subchannel: Subchannel): void;
}

/**
 * What a policy holds of the connections to one address. It is IDLE until the policy wants it, whatever other channels
 * have done with the connections: then it is as they are.
 */
export class Subchannel implements PolicySubchannel, SubchannelUser {
  readonly address: Address;
  readonly name: string;
  readonly #shared: SharedSubchannel;
  readonly #context: SubchannelContext;
  readonly #listener: SubchannelListener;
  #state: ConnectivityState = "IDLE";
  /** Of which it was told that it came about, where somebody listens. */
  #told: { readonly id: number; readonly peer: Peer } | undefined;

  constructor(context: SubchannelContext, shared: SharedSubchannel, listener: SubchannelListener) {
    this.address = shared.address;
    this.name = shared.name;
    this.#shared = shared;
    this.#context = context;
    this.#listener = listener;
    shared.add(this);
  }

  get state(): ConnectivityState {
    return this.#state;
  }

  get lastError(): string | undefined {
    return this.#shared.lastError;
  }

  /** Connections that take calls, other channels' calls too. */
  get connectionCount(): number {
    return this.#shared.connectionCount;
  }

  /** Of the connections to the address. */
  get id(): number {
    return this.#shared.id;
  }

  /** Without what the policy sees. */
  describe(): Omit<SubchannelDescription, "state" | "lastError"> {
    return this.#shared.describe();
  }

  /** Calls that wait for a stream, other channels' too. */
  get waitingCalls(): number {
    return this.#shared.waitingCalls;
  }

  get peer(): Peer | undefined {
    return this.#state === "READY" ? this.#shared.peer : undefined;
  }

  isOpen(): boolean {
    return this.#state === "READY" && this.#shared.isOpen();
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    if (this.#state === "READY") return this.#shared.invoke(headers, options, sink);
    return refuse(sink, `there is no connection to ${this.name}`);
  }

  get slotObstacle(): string | undefined {
    return this.#shared.slotObstacle;
  }

  waitForSlot(waiter: SlotWaiter): void {
    if (this.#state === "READY") this.#shared.waitForSlot(waiter);
    else waiter.onNoConnection();
  }

  leaveSlotQueue(waiter: SlotWaiter): void {
    this.#shared.leaveSlotQueue(waiter);
  }

  connect(): void {
    if (this.#state !== "IDLE") return;
    // From here on it hears of what becomes of the connections.
    this.#state = "CONNECTING";
    this.#shared.connect();
    const { state } = this.#shared;
    if (state === "CONNECTING") this.#tell(state);
    else this.onState(state);
  }

  release(): void {
    if (this.#state === "SHUTDOWN") return;
    this.#tellShutdown();
    this.#state = "SHUTDOWN";
    this.#shared.release(this);
  }

  /** Like `release`, and ends what runs with `status`. */
  close(status: Status): void {
    this.#tellShutdown();
    this.#state = "SHUTDOWN";
    this.#shared.close(this, status);
  }

  /** The context's `maxConnections` is another. */
  onMaxConnections(): void {
    this.#shared.onMaxConnections();
  }

  // ---- SubchannelUser

  get channel(): object {
    return this.#context;
  }

  get maxConnections(): number {
    return this.#context.maxConnections;
  }

  onState(state: ConnectivityState): void {
    if (this.#state === "IDLE" || this.#state === "SHUTDOWN" || this.#state === state) return;
    if (this.#context.onConnection !== undefined) this.#tellConnection(this.#state, state);
    this.#state = state;
    this.#tell(state);
  }

  onGone(): void {
    this.#context.onGone(this);
  }

  // ----

  #tellShutdown(): void {
    if (this.#state === "READY") this.#tellOfConnection("lost", "the subchannel was shut down");
  }

  #tellConnection(from: ConnectivityState, to: ConnectivityState): void {
    if (to === "READY") {
      this.#told = this.#shared.newest;
      this.#tellOfConnection("connected", undefined);
    } else if (to === "TRANSIENT_FAILURE") this.#tellOfConnection("failed", this.#shared.lastError);
    else if (from === "READY") this.#tellOfConnection("lost", this.#shared.lastError);
  }

  #tellOfConnection(kind: ConnectionEvent["kind"], reason: string | undefined): void {
    const told = this.#told;
    if (kind !== "connected") this.#told = undefined;
    const about = { address: this.name, security: told?.peer.security, connection: told?.id };
    this.#context.onConnection?.({ kind, ...about, reason });
  }

  #tell(state: ConnectivityState): void {
    this.#context.queue.run(() => {
      if (this.#state !== "SHUTDOWN") this.#listener.onState(state);
    });
  }
}
