import type { Address, Peer } from "../../base/platform.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { Subchannel, SubchannelListener } from "../load-balancing-policy.js";
import type { PickResult, SlotWaiter } from "../picker.js";
import type { Ejectable, EndpointRecord } from "./endpoint-record.js";

/**
 * A subchannel that says TRANSIENT_FAILURE instead of READY while its endpoint is ejected: to the policy it is one that is
 * connected and not healthy, and its connection stays (gRFC A50, A61).
 */
export class EjectableSubchannel implements Subchannel, SubchannelListener, Ejectable {
  readonly record: EndpointRecord;
  /** What a picker gives out for it where calls are counted. */
  readonly counted: PickResult;
  readonly inner: Subchannel;
  readonly #listener: SubchannelListener;

  /** @param create Makes the real one. */
  constructor(
    record: EndpointRecord,
    listener: SubchannelListener,
    create: (listener: SubchannelListener) => Subchannel,
  ) {
    this.record = record;
    this.#listener = listener;
    this.inner = create(this);
    this.counted = { kind: "pick", subchannel: this.inner, observer: record };
    record.add(this);
  }

  get address(): Address {
    return this.inner.address;
  }

  get name(): string {
    return this.inner.name;
  }

  get state(): ConnectivityState {
    return this.#shown(this.inner.state);
  }

  get lastError(): string | undefined {
    if (!this.#isHidden) return this.inner.lastError;
    return `${this.name} is ejected: too many of its calls failed (outlier detection)`;
  }

  onState(state: ConnectivityState): void {
    this.#listener.onState(this.#shown(state));
  }

  /** Never called from within a call of the policy that listens. */
  onEjection(): void {
    if (this.inner.state === "READY") this.#listener.onState(this.state);
  }

  connect(): void {
    this.inner.connect();
  }

  release(): void {
    this.record.delete(this);
    this.inner.release();
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

  waitForSlot(waiter: SlotWaiter): void {
    this.inner.waitForSlot(waiter);
  }

  leaveSlotQueue(waiter: SlotWaiter): void {
    this.inner.leaveSlotQueue(waiter);
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    return this.inner.invoke(headers, options, sink);
  }

  get #isHidden(): boolean {
    return this.record.isEjected && this.inner.state === "READY";
  }

  #shown(state: ConnectivityState): ConnectivityState {
    return this.record.isEjected && state === "READY" ? "TRANSIENT_FAILURE" : state;
  }
}
