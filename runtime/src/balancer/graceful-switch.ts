import type { Address, Millis, Timer } from "../base/platform.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Status } from "../rpc/status.js";
import type {
  ChannelController,
  ChosenPolicy,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
  Subchannel,
  SubchannelListener,
  SubchannelOptions,
} from "./load-balancing-policy.js";
import { failAlways, type Picker, queuePicker } from "./picker.js";

/**
 * A policy whose config says which policy it is. When that changes, the old one serves on until the new one has come so
 * far that it can say yes or no to a call (it is not CONNECTING any more), or until the old one is not READY itself.
 */
export class GracefulSwitch implements LoadBalancingPolicy<ChosenPolicy> {
  readonly #controller: ChannelController;
  /** Its picker is in force. */
  #current: Child | undefined;
  /** Takes over when it can. */
  #next: Child | undefined;

  constructor(controller: ChannelController) {
    this.#controller = controller;
  }

  onUpdate({ endpoints, config }: PolicyUpdate<ChosenPolicy>): boolean {
    return this.#childOf(config.factory).onUpdate({ endpoints, config: config.config });
  }

  /** Before there were endpoints there is no policy that could say anything of it. */
  onResolverError(status: Status): void {
    const newest = this.#next ?? this.#current;
    if (newest === undefined) this.#controller.update("TRANSIENT_FAILURE", failAlways(status));
    else newest.onResolverError(status);
  }

  exitIdle(): void {
    (this.#next ?? this.#current)?.exitIdle();
  }

  close(): void {
    const [current, next] = [this.#current, this.#next];
    this.#current = undefined;
    this.#next = undefined;
    current?.close();
    next?.close();
  }

  #childOf(factory: LoadBalancingPolicyFactory): Child {
    const { factory: serving } = this.#current ?? {};
    if (this.#next?.factory === factory) return this.#next;
    const given = this.#next;
    this.#next = undefined;
    given?.close();
    if (this.#current !== undefined && serving === factory) return this.#current;
    const child = new Child(this.#controller, factory, {
      onUpdate: () => this.#onChildUpdate(child),
      mayResolve: () => child === (this.#next ?? this.#current),
    });
    if (this.#current === undefined) this.#current = child;
    else this.#next = child;
    child.start();
    return child;
  }

  #onChildUpdate(child: Child): void {
    const [current, next] = [this.#current, this.#next];
    if (child !== current && child !== next) return;
    if (next === undefined || (current?.state === "READY" && next.state === "CONNECTING")) {
      if (child === current) this.#controller.update(child.state, child.picker);
      return;
    }
    this.#current = next;
    this.#next = undefined;
    this.#controller.update(next.state, next.picker);
    current?.close();
  }
}

interface ChildOwner {
  /** The child's state or picker changed. */
  onUpdate(): void;
  /** Whether its wish for other endpoints counts: those of an old policy do not. */
  mayResolve(): boolean;
}

/** One policy, and all that it sees of its channel: once it is closed, nothing of it goes on. */
class Child implements ChannelController {
  readonly factory: LoadBalancingPolicyFactory;
  state: ConnectivityState = "CONNECTING";
  picker: Picker = queuePicker;
  readonly #controller: ChannelController;
  readonly #owner: ChildOwner;
  #policy: LoadBalancingPolicy | undefined;
  /** How deep the calls into the policy are: it is not closed from within one. */
  #depth = 0;
  #isClosed = false;

  constructor(controller: ChannelController, factory: LoadBalancingPolicyFactory, owner: ChildOwner) {
    this.#controller = controller;
    this.factory = factory;
    this.#owner = owner;
  }

  start(): void {
    this.#policy = this.#enter(() => this.factory.create(this));
  }

  onUpdate(update: PolicyUpdate<unknown>): boolean {
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
