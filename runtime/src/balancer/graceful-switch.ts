import type { Status } from "../rpc/status.js";
import { ChildPolicy } from "./child-policy.js";
import type {
  ChannelController,
  ChosenPolicy,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
} from "./load-balancing-policy.js";
import { failAlways } from "./picker.js";

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
    return this.#childOf(config.factory).policy.onUpdate({ endpoints, config: config.config });
  }

  /** Before there were endpoints there is no policy that could say anything of it. */
  onResolverError(status: Status): void {
    const newest = this.#next ?? this.#current;
    if (newest === undefined) this.#controller.update("TRANSIENT_FAILURE", failAlways(status));
    else newest.policy.onResolverError(status);
  }

  exitIdle(): void {
    (this.#next ?? this.#current)?.policy.exitIdle();
  }

  close(): void {
    const [current, next] = [this.#current, this.#next];
    this.#current = undefined;
    this.#next = undefined;
    current?.policy.close();
    next?.policy.close();
  }

  #childOf(factory: LoadBalancingPolicyFactory): Child {
    if (this.#next?.factory === factory) return this.#next;
    const dropped = this.#next;
    this.#next = undefined;
    dropped?.policy.close();
    return this.#current?.factory === factory ? this.#current : this.#startChild(factory);
  }

  #startChild(factory: LoadBalancingPolicyFactory): Child {
    const policy: ChildPolicy<unknown> = new ChildPolicy(this.#controller, {
      onUpdate: () => this.#onChildUpdate(child),
      mayResolve: () => child === (this.#next ?? this.#current),
    });
    const child: Child = { factory, policy };
    if (this.#current === undefined) this.#current = child;
    else this.#next = child;
    policy.start((controller) => factory.create(controller));
    return child;
  }

  #onChildUpdate(child: Child): void {
    const [current, next] = [this.#current, this.#next];
    if (child !== current && child !== next) return;
    if (next === undefined || (current?.policy.state === "READY" && next.policy.state === "CONNECTING")) {
      if (child === current) this.#controller.update(child.policy.state, child.policy.picker);
      return;
    }
    this.#current = next;
    this.#next = undefined;
    this.#controller.update(next.policy.state, next.policy.picker);
    current?.policy.close();
  }
}

interface Child {
  readonly factory: LoadBalancingPolicyFactory;
  readonly policy: ChildPolicy<unknown>;
}
