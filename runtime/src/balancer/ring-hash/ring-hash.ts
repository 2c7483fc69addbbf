import type { Timer } from "../../base/platform.js";
import { addressName, type Endpoint } from "../../resolver/endpoint.js";
import type { Status } from "../../rpc/status.js";
import { type EndpointChild, EndpointChildren, endpointKey, pickerWithoutReady } from "../endpoint-children.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
} from "../load-balancing-policy.js";
import { failAlways } from "../picker.js";
import { aggregateState } from "./aggregate-state.js";
import { parseRingHashConfig, type RingHashConfig } from "./config.js";
import { buildRing, type Ring, type RingMember } from "./ring.js";
import { type RingEndpoint, RingHashPicker } from "./ring-hash-picker.js";

/**
 * Calls with the same value of a header go to the same endpoint, as long as it works and the others stay: for caches and
 * sessions (gRFC A42, A61, A76). Connections are made when calls need them.
 */
export const ringHash: LoadBalancingPolicyFactory<RingHashConfig> = {
  name: "ring_hash",
  parseConfig: parseRingHashConfig,
  create: (controller) => new RingHash(controller),
};

class RingHash implements LoadBalancingPolicy<RingHashConfig> {
  readonly #controller: ChannelController;
  readonly #children: EndpointChildren;
  #config: RingHashConfig | undefined;
  /** Of the endpoints that were resolved last, in the order of the first `members.length` children. */
  #members: readonly RingMember[] = [];
  #ring: Ring | undefined;
  /** What the ring was made of. */
  #ringKey = "";
  /** That pickers want connected, and when they will be. */
  readonly #wanted = new Set<EndpointChild>();
  #timer: Timer | undefined;
  #isChanging = false;

  constructor(controller: ChannelController) {
    this.#controller = controller;
    this.#children = new EndpointChildren(controller, { connects: "when asked", onChange: () => this.#onChange() });
  }

  onUpdate({ endpoints, config }: PolicyUpdate<RingHashConfig>): boolean {
    this.#config = config;
    this.#members = membersOf(endpoints);
    this.#rebuild(config);
    return this.#children.update(endpoints);
  }

  onResolverError(status: Status): void {
    if (this.#children.children.length > 0) return;
    this.#controller.update("TRANSIENT_FAILURE", failAlways(status));
  }

  /** Either a call waits, and its pick has said where it wants to go, or somebody wants the channel connected (gRFC A117). */
  exitIdle(): void {
    if (this.#wanted.size > 0) this.#connectWanted();
    else this.#connectAny();
  }

  close(): void {
    this.#timer?.cancel();
    this.#children.close();
  }

  get #listed(): readonly EndpointChild[] {
    return this.#children.children.slice(0, this.#members.length);
  }

  /** A ring costs some milliseconds: only where another one would come of it. */
  #rebuild({ minRingSize, maxRingSize }: RingHashConfig): void {
    const key = JSON.stringify([minRingSize, maxRingSize, this.#members]);
    if (key === this.#ringKey) return;
    this.#ringKey = key;
    this.#ring = this.#members.length === 0 ? undefined : buildRing(this.#members, minRingSize, maxRingSize);
  }

  #onChange(): void {
    // Connecting a child changes it.
    if (this.#isChanging) return;
    this.#isChanging = true;
    this.#keepTrying();
    this.#isChanging = false;
    this.#publish();
  }

  /** Without a connection calls may not come that would ask for one, so that one endpoint is tried after the other (gRFC A61). */
  #keepTrying(): void {
    const states = this.#listed.map((child) => child.state);
    const state = aggregateState(states);
    if ((state === "CONNECTING" || state === "TRANSIENT_FAILURE") && !states.includes("CONNECTING")) this.#connectAny();
  }

  #connectAny(): void {
    const idle = this.#listed.filter((child) => child.state === "IDLE");
    idle[Math.floor(this.#controller.random() * idle.length)]?.exitIdle();
  }

  #publish(): void {
    const listed = this.#listed;
    const ring = this.#ring;
    const state = aggregateState(listed.map((child) => child.state));
    if (ring === undefined) {
      this.#controller.update(state, pickerWithoutReady(listed));
      return;
    }
    const endpoints = listed.map((child): RingEndpoint => {
      return { state: child.state, picker: child.picker, connect: () => this.#want(child) };
    });
    const { requestHashHeader } = this.#config as RingHashConfig;
    const random = (): number => this.#controller.random();
    this.#controller.update(state, new RingHashPicker({ ring, endpoints, requestHashHeader, random }));
  }

  /** Called by a picker: nothing is connected before the control plane has its turn. */
  #want(child: EndpointChild): void {
    this.#wanted.add(child);
    this.#timer ??= this.#controller.setTimer(this.#controller.now(), () => this.#connectWanted());
  }

  #connectWanted(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const child of wanted) child.exitIdle();
  }
}

/** One for each endpoint, in their order; endpoints that are the same, as EndpointChildren has it, are one that weighs as much as they do together. */
function membersOf(endpoints: readonly Endpoint[]): readonly RingMember[] {
  const byKey = new Map<string, RingMember>();
  for (const endpoint of endpoints) {
    const key = endpointKey(endpoint);
    const before = byKey.get(key)?.weight ?? 0;
    const hashKey = endpoint.attributes?.hashKey || addressName(endpoint.addresses[0]);
    byKey.set(key, { hashKey, weight: before + weightOf(endpoint) });
  }
  return [...byKey.values()];
}

/** A resolver of one's own may give anything; a sum of weights must stay a number. */
function weightOf(endpoint: Endpoint): number {
  const weight = endpoint.attributes?.weight ?? 1;
  return weight > 0 ? Math.min(Math.max(weight, 1e-9), 2 ** 32) : 1;
}
