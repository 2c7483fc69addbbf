import type { Subchannel, SubchannelListener } from "../../balancer/load-balancing-policy.js";
import type { SlotWaiter } from "../../balancer/picker.js";
import type { Address, Peer, Platform } from "../../base/platform.js";
import type { WorkQueue } from "../../base/work-queue.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { type Health, HealthWatch } from "./health-watch.js";

/** What the health-checked subchannels of a channel share. */
export interface HealthCheckContext {
  readonly platform: Platform;
  /** Listeners are told through it, so that none is told from within another. */
  readonly queue: WorkQueue;
  /** The service to ask about; undefined: none, and a connection that is there is READY. */
  readonly service: string | undefined;
  /** A server cannot be checked. */
  onUnchecked(reason: string): void;
  onReleased(subchannel: HealthCheckedSubchannel): void;
}

/**
 * A subchannel that is READY only while the server's health service says SERVING (gRFC A17): CONNECTING until it has said
 * anything, TRANSIENT_FAILURE while it says otherwise or the check fails. Calls go through as they are.
 */
export class HealthCheckedSubchannel implements Subchannel, SubchannelListener {
  /** The one that it stands around. */
  readonly inner: Subchannel;
  readonly #context: HealthCheckContext;
  readonly #listener: SubchannelListener;
  /** Of the connection, as its listener was told last. */
  #innerState: ConnectivityState = "IDLE";
  #watch: HealthWatch | undefined;
  #state: ConnectivityState = "IDLE";
  /** Why it is not READY though there is a connection. */
  #unhealthy: string | undefined;

  /** @param create Makes the subchannel itself, for a listener that hears of its connection. */
  constructor(
    context: HealthCheckContext,
    listener: SubchannelListener,
    create: (listener: SubchannelListener) => Subchannel,
  ) {
    this.#context = context;
    this.#listener = listener;
    this.inner = create(this);
  }

  get address(): Address {
    return this.inner.address;
  }

  get name(): string {
    return this.inner.name;
  }

  get state(): ConnectivityState {
    return this.#state;
  }

  get lastError(): string | undefined {
    return this.#unhealthy ?? this.inner.lastError;
  }

  get peer(): Peer | undefined {
    return this.inner.peer;
  }

  isOpen(): boolean {
    return this.inner.isOpen();
  }

  get slotObstacle(): string | undefined {
    return this.inner.slotObstacle;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    return this.inner.invoke(headers, options, sink);
  }

  waitForSlot(waiter: SlotWaiter): void {
    this.inner.waitForSlot(waiter);
  }

  leaveSlotQueue(waiter: SlotWaiter): void {
    this.inner.leaveSlotQueue(waiter);
  }

  connect(): void {
    this.inner.connect();
  }

  release(): void {
    if (this.#state === "SHUTDOWN") return;
    this.#stopWatch();
    this.#state = "SHUTDOWN";
    this.inner.release();
    this.#context.onReleased(this);
  }

  /** The context has another service. */
  onServiceChange(): void {
    if (this.#innerState !== "READY") return;
    this.#stopWatch();
    this.#check();
  }

  // ---- SubchannelListener, of the connection

  onState(state: ConnectivityState): void {
    if (this.#state === "SHUTDOWN") return;
    this.#innerState = state;
    // gRFC A17: the call is of no use once the connection takes no more calls.
    this.#stopWatch();
    if (state === "READY") this.#check();
    else this.#transition(state);
  }

  // ----

  #check(): void {
    const { platform, service } = this.#context;
    if (service === undefined) {
      this.#transition("READY");
      return;
    }
    const watch = new HealthWatch(platform, this.inner, service, (health) => {
      if (this.#watch === watch) this.#onHealth(health);
    });
    this.#watch = watch;
    watch.start();
  }

  #onHealth(health: Health): void {
    this.#unhealthy = health.kind === "notServing" ? health.reason : undefined;
    if (health.kind === "asked") this.#transition("CONNECTING");
    else if (health.kind === "notServing") this.#transition("TRANSIENT_FAILURE");
    else this.#transition("READY");
    if (health.kind === "unchecked") this.#context.onUnchecked(health.reason);
  }

  #stopWatch(): void {
    const watch = this.#watch;
    this.#watch = undefined;
    this.#unhealthy = undefined;
    watch?.stop();
  }

  #transition(next: ConnectivityState): void {
    if (next === this.#state) return;
    this.#state = next;
    this.#context.queue.run(() => {
      if (this.#state !== "SHUTDOWN") this.#listener.onState(next);
    });
  }
}
