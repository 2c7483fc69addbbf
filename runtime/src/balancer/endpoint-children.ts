import { addressName, type Endpoint } from "../resolver/endpoint.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import { StatusCode } from "../rpc/status-code.js";
import { ChildPolicy } from "./child-policy.js";
import type { ChannelController } from "./load-balancing-policy.js";
import { defaultPickFirst, PickFirst, type PickFirstConfig, type PickFirstRole } from "./pick-first/pick-first.js";
import { FixedPicker, failAlways, type Picker, queuePicker } from "./picker.js";
import { joinReasons } from "./reasons.js";

/** One endpoint of a policy that spreads calls over several, and the connection to it. The same object as long as its addresses stay. */
export interface EndpointChild {
  /** As the resolver gave it last. */
  readonly endpoint: Endpoint;
  readonly state: ConnectivityState;
  /** In state READY it picks. */
  readonly picker: Picker;
  /** Connects, if the state is IDLE. */
  exitIdle(): void;
}

export interface EndpointChildrenOptions {
  /** `always`: each endpoint is connected at once, and again when its connection is lost; `when asked`: by exitIdle alone. */
  readonly connects: "always" | "when asked";
  /** A child's state or picker, or which children there are, has changed; once for all that changes together. */
  onChange(): void;
}

/**
 * A `pick_first` for each endpoint, so that an endpoint may have several addresses and all of them the manners of pick_first
 * (gRFC A61, endpoint sharding). Subchannels are healthy ones (gRFC A17).
 *
 * An endpoint that is gone from the list is left at once if another one of the list is READY; else it serves on until one is,
 * or until its connection ends.
 */
export class EndpointChildren {
  readonly #controller: ChannelController;
  readonly #options: EndpointChildrenOptions;
  readonly #role: PickFirstRole;
  #byKey: ReadonlyMap<string, Child> = new Map();
  /** Gone from the list, and still in use. */
  #leaving: readonly Child[] = [];
  #children: readonly EndpointChild[] = [];
  #isUpdating = false;

  constructor(controller: ChannelController, options: EndpointChildrenOptions) {
    this.#controller = controller;
    this.#options = options;
    this.#role = { connects: options.connects, checksHealth: true };
  }

  /** In the order of the endpoints; behind them those that serve on. */
  get children(): readonly EndpointChild[] {
    return this.#children;
  }

  /** Endpoints with the same addresses are one. False for an empty list, which leaves all endpoints. */
  update(endpoints: readonly Endpoint[]): boolean {
    const old = this.#byKey;
    const byKey = new Map<string, Child>();
    this.#isUpdating = true;
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint);
      if (byKey.has(key)) continue;
      const child = old.get(key) ?? this.#leaving.find((leaving) => leaving.key === key) ?? this.#createChild(key);
      byKey.set(key, child);
      child.give(endpoint);
    }
    const gone = [...old.values(), ...this.#leaving].filter((child) => !byKey.has(child.key));
    this.#byKey = byKey;
    this.#leaving = byKey.size === 0 ? [] : gone;
    this.#isUpdating = false;
    const left = [...this.#dropLeaving(), ...(byKey.size === 0 ? gone : [])];
    this.#children = [...byKey.values(), ...this.#leaving];
    this.#options.onChange();
    for (const child of left) child.close();
    return byKey.size > 0;
  }

  /** Connects those that are IDLE. */
  exitIdle(): void {
    for (const child of [...this.#byKey.values()]) child.exitIdle();
  }

  close(): void {
    const all = [...this.#byKey.values(), ...this.#leaving];
    this.#byKey = new Map();
    this.#leaving = [];
    this.#children = [];
    for (const child of all) child.close();
  }

  #createChild(key: string): Child {
    return new Child(this.#controller, key, this.#role, () => this.#onChildChange());
  }

  #onChildChange(): void {
    if (this.#isUpdating) return;
    const left = this.#dropLeaving();
    if (left.length > 0) this.#children = [...this.#byKey.values(), ...this.#leaving];
    this.#options.onChange();
    for (const child of left) child.close();
  }

  /** Takes those out that serve no more. They are closed behind the news, so that no call meets them closed. */
  #dropLeaving(): readonly Child[] {
    if (this.#leaving.length === 0) return [];
    const isServed = [...this.#byKey.values()].some((child) => child.state === "READY");
    const stays = (child: Child): boolean => !isServed && child.state === "READY";
    const left = this.#leaving.filter((child) => !stays(child));
    this.#leaving = this.#leaving.filter(stays);
    return left;
  }
}

class Child implements EndpointChild {
  readonly key: string;
  readonly #policy: ChildPolicy<PickFirstConfig>;
  #endpoint: Endpoint | undefined;

  constructor(controller: ChannelController, key: string, role: PickFirstRole, onChange: () => void) {
    this.key = key;
    this.#policy = new ChildPolicy(controller, { onUpdate: onChange, mayResolve: () => true });
    this.#policy.start((own) => new PickFirst(own, role));
  }

  get endpoint(): Endpoint {
    return this.#endpoint as Endpoint;
  }

  get state(): ConnectivityState {
    return this.#policy.state;
  }

  get picker(): Picker {
    return this.#policy.picker;
  }

  give(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#policy.onUpdate({ endpoints: [endpoint], config: defaultPickFirst });
  }

  exitIdle(): void {
    this.#policy.exitIdle();
  }

  close(): void {
    this.#policy.close();
  }
}

/** What makes an endpoint the same as another: the set of its addresses, in whatever order (gRFC A61). */
export function endpointKey(endpoint: Endpoint): string {
  return endpoint.addresses.map(addressName).sort().join("\n");
}

/** The state of them all together: that of the one that is nearest to READY. */
export function stateOf(children: readonly EndpointChild[]): ConnectivityState {
  for (const state of ["READY", "CONNECTING", "IDLE"] as const) {
    if (children.some((child) => child.state === state)) return state;
  }
  return "TRANSIENT_FAILURE";
}

/** For when none is READY: calls wait while one may come to it, else they fail with the reasons of all. */
export function pickerWithoutReady(children: readonly EndpointChild[]): Picker {
  if (stateOf(children) !== "TRANSIENT_FAILURE") return queuePicker;
  if (children.length === 0) return failWith("the name was resolved to no address");
  return failWith(joinReasons(children.map(({ picker }) => reasonOf(picker))));
}

function failWith(message: string): Picker {
  return failAlways({ code: StatusCode.UNAVAILABLE, message });
}

function reasonOf(picker: Picker): string {
  if (picker instanceof FixedPicker && picker.result.kind === "fail") return picker.result.status.message;
  return "an endpoint failed";
}
