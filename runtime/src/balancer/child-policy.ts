import type { Address, Millis, Timer } from "../base/platform.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Status } from "../rpc/status.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  PolicyUpdate,
  Subchannel,
  SubchannelListener,
  SubchannelOptions,
} from "./load-balancing-policy.js";
import { type Picker, queuePicker } from "./picker.js";

/** Who has a policy below it. */
export interface ChildOwner {
  /** The child's state or picker changed. */
  onUpdate(): void;
  /** Whether its wish for other endpoints counts: those of an old policy do not. */
  mayResolve(): boolean;
}

/**
 * A policy below another one, and all that it sees of its channel: what it told last is kept, and once it is closed
 * nothing of it goes on. It may be closed at any time: where that is from within a call to it, that call ends first.
 */
export class ChildPolicy<Config> implements ChannelController {
  state: ConnectivityState = "CONNECTING";
  picker: Picker = queuePicker;
  readonly #controller: ChannelController;
  readonly #owner: ChildOwner;
  #policy: LoadBalancingPolicy<Config> | undefined;
  /** How deep the calls into the policy are: it is not closed from within one. */
  #depth = 0;
  #isClosed = false;

  constructor(controller: ChannelController, owner: ChildOwner) {
    this.#controller = controller;
    this.#owner = owner;
  }

  /** Once, before anything else. */
  start(create: (controller: ChannelController) => LoadBalancingPolicy<Config>): void {
    this.#policy = this.#enter(() => create(this));
  }

  onUpdate(update: PolicyUpdate<Config>): boolean {
    return this.#enter(() => this.#policy?.onUpdate(update) ?? false);
  }

  onResolverError(status: Status): void {
    this.#enter(() => this.#policy?.onResolverError(status));
  }

  exitIdle(): void {
    this.#enter(() => this.#policy?.exitIdle());
  }

  close(): void {
    this.#isClosed = true;
    this.#finish();
  }

  // ---- ChannelController

  createSubchannel(address: Address, listener: SubchannelListener, options?: SubchannelOptions): Subchannel {
    const onState = (state: ConnectivityState): void => this.#enterIfOpen(() => listener.onState(state));
    return this.#controller.createSubchannel(address, { onState }, options);
  }

  update(state: ConnectivityState, picker: Picker): void {
    this.state = state;
    this.picker = picker;
    if (!this.#isClosed) this.#owner.onUpdate();
  }

  requestResolution(): void {
    if (!this.#isClosed && this.#owner.mayResolve()) this.#controller.requestResolution();
  }

  now(): Millis {
    return this.#controller.now();
  }

  random(): number {
    return this.#controller.random();
  }

  setTimer(at: Millis, fn: () => void): Timer {
    return this.#controller.setTimer(at, () => this.#enterIfOpen(fn));
  }

  // ----

  #enterIfOpen(fn: () => void): void {
    if (!this.#isClosed) this.#enter(fn);
  }

  #enter<T>(fn: () => T): T {
    this.#depth++;
    try {
      return fn();
    } finally {
      this.#depth--;
      if (this.#isClosed) this.#finish();
    }
  }

  #finish(): void {
    if (this.#depth > 0) return;
    const policy = this.#policy;
    this.#policy = undefined;
    policy?.close();
  }
}
