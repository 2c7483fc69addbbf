import type { Address } from "../base/platform.js";
import { addressName, type Endpoint } from "../resolver/endpoint.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  Subchannel,
  SubchannelListener,
} from "./load-balancing-policy.js";
import { failAlways, pickAlways, queuePicker } from "./picker.js";

/**
 * Tries the addresses in order and stays with the first that works. Once all have failed it reports TRANSIENT_FAILURE
 * and goes on trying, each address at its own pace, until one connects (gRFC A62, A61).
 */
export const pickFirst: LoadBalancingPolicyFactory = {
  name: "pick_first",
  create: (controller) => new PickFirst(controller),
};

type State =
  /** Nothing was resolved yet. */
  | { readonly name: "new" }
  /** The connection that was chosen is gone; the next call starts from the first address again. */
  | { readonly name: "idle"; readonly addresses: readonly Address[] }
  /** All before candidates[index] have failed. */
  | { readonly name: "firstPass"; readonly candidates: readonly Candidate[]; readonly index: number }
  /** Every candidate has failed at least once. */
  | { readonly name: "retrying"; readonly candidates: readonly Candidate[]; readonly failures: number }
  | { readonly name: "connected"; readonly candidate: Candidate; readonly addresses: readonly Address[] }
  | { readonly name: "closed" };

class PickFirst implements LoadBalancingPolicy {
  readonly #controller: ChannelController;
  #state: State = { name: "new" };
  /** Sticky: once TRANSIENT_FAILURE is told, CONNECTING is not (gRFC A62). */
  #toldFailure = false;

  constructor(controller: ChannelController) {
    this.#controller = controller;
  }

  onEndpoints(endpoints: readonly Endpoint[]): boolean {
    const addresses = flatten(endpoints);
    if (addresses.length === 0) {
      this.#releaseAll();
      this.#state = { name: "new" };
      this.#tellFailure("the name was resolved to no address");
      return false;
    }
    const state = this.#state;
    if (state.name === "idle") this.#state = { name: "idle", addresses };
    else if (state.name === "connected" && addresses.some((a) => isSame(a, state.candidate.subchannel.address))) {
      this.#state = { name: "connected", candidate: state.candidate, addresses };
    } else if (!this.#isTrying(addresses)) this.#startPass(addresses);
    return true;
  }

  onResolverError(status: Status): void {
    if (this.#state.name !== "new") return;
    this.#toldFailure = true;
    this.#controller.update("TRANSIENT_FAILURE", failAlways(status));
  }

  exitIdle(): void {
    if (this.#state.name === "idle") this.#startPass(this.#state.addresses);
  }

  close(): void {
    this.#releaseAll();
    this.#state = { name: "closed" };
  }

  /** Whether it is at these very addresses already: a resolver that says the same again must not set anything off. */
  #isTrying(addresses: readonly Address[]): boolean {
    const candidates = this.#state.name === "connected" ? [] : this.#candidates();
    if (candidates.length !== addresses.length) return false;
    return candidates.every(({ subchannel }, i) => isSame(subchannel.address, addresses[i] as Address));
  }

  /** Candidates that an earlier pass left behind are used again, in whatever state they are. */
  #startPass(addresses: readonly Address[]): void {
    const old = this.#candidates();
    const candidates = addresses.map((address) => {
      const kept = old.find((candidate) => isSame(candidate.subchannel.address, address));
      return kept ?? new Candidate(this.#controller, address, (which, state) => this.#onState(which, state));
    });
    for (const candidate of old) if (!candidates.includes(candidate)) candidate.subchannel.release();
    const ready = candidates.find((candidate) => candidate.subchannel.state === "READY");
    this.#state = { name: "firstPass", candidates, index: 0 };
    if (ready !== undefined) this.#choose(ready, candidates);
    else {
      if (!this.#toldFailure) this.#controller.update("CONNECTING", queuePicker);
      this.#tryFrom(candidates, 0);
    }
  }

  #tryFrom(candidates: readonly Candidate[], first: number): void {
    for (let index = first; index < candidates.length; index++) {
      const { subchannel } = candidates[index] as Candidate;
      if (subchannel.state === "TRANSIENT_FAILURE") continue;
      this.#state = { name: "firstPass", candidates, index };
      subchannel.connect();
      return;
    }
    this.#state = { name: "retrying", candidates, failures: 0 };
    this.#tellFailure(reasonOf(candidates));
    // Where nothing was tried, the addresses have just come from the resolver.
    if (first > 0) this.#controller.requestResolution();
    for (const { subchannel } of candidates) subchannel.connect();
  }

  #onState(candidate: Candidate, told: ConnectivityState): void {
    const state = this.#state;
    if (state.name === "connected") {
      if (candidate === state.candidate && told !== "READY") this.#onLost(state.candidate, state.addresses);
      return;
    }
    if (state.name !== "firstPass" && state.name !== "retrying") return;
    // In the first pass the others wait for their turn.
    const isTurn = state.name === "retrying" || candidate === state.candidates[state.index];
    if (told === "READY") this.#choose(candidate, state.candidates);
    else if (told === "IDLE" && isTurn) candidate.subchannel.connect();
    else if (told === "TRANSIENT_FAILURE" && isTurn) {
      if (state.name === "firstPass") this.#tryFrom(state.candidates, state.index + 1);
      else this.#onRetryFailed(state.candidates, state.failures + 1);
    }
  }

  #onRetryFailed(candidates: readonly Candidate[], failures: number): void {
    this.#state = { name: "retrying", candidates, failures };
    this.#tellFailure(reasonOf(candidates));
    if (failures % candidates.length === 0) this.#controller.requestResolution();
  }

  #choose(candidate: Candidate, candidates: readonly Candidate[]): void {
    for (const other of candidates) if (other !== candidate) other.subchannel.release();
    const addresses = candidates.map((each) => each.subchannel.address);
    this.#state = { name: "connected", candidate, addresses };
    this.#toldFailure = false;
    this.#controller.update("READY", pickAlways(candidate.subchannel));
  }

  #onLost(candidate: Candidate, addresses: readonly Address[]): void {
    candidate.subchannel.release();
    this.#state = { name: "idle", addresses };
    this.#controller.requestResolution();
    this.#controller.update("IDLE", queuePicker);
  }

  #tellFailure(reason: string): void {
    this.#toldFailure = true;
    this.#controller.update("TRANSIENT_FAILURE", failAlways({ code: StatusCode.UNAVAILABLE, message: reason }));
  }

  #candidates(): readonly Candidate[] {
    const state = this.#state;
    if (state.name === "firstPass" || state.name === "retrying") return state.candidates;
    return state.name === "connected" ? [state.candidate] : [];
  }

  #releaseAll(): void {
    for (const { subchannel } of this.#candidates()) subchannel.release();
  }
}

/** One address and its subchannel. */
class Candidate implements SubchannelListener {
  readonly subchannel: Subchannel;
  readonly #tell: (candidate: Candidate, state: ConnectivityState) => void;

  constructor(
    controller: ChannelController,
    address: Address,
    tell: (candidate: Candidate, state: ConnectivityState) => void,
  ) {
    this.#tell = tell;
    this.subchannel = controller.createSubchannel(address, this);
  }

  onState(state: ConnectivityState): void {
    this.#tell(this, state);
  }
}

/** The addresses of all endpoints in order, each once (gRFC A61). */
function flatten(endpoints: readonly Endpoint[]): readonly Address[] {
  const byName = new Map<string, Address>();
  for (const endpoint of endpoints) {
    for (const address of endpoint.addresses) {
      const name = addressName(address);
      if (!byName.has(name)) byName.set(name, address);
    }
  }
  return [...byName.values()];
}

function isSame(a: Address, b: Address): boolean {
  return addressName(a) === addressName(b);
}

/** More would hide the sentence in its own details. */
const maxReasons = 3;

function reasonOf(candidates: readonly Candidate[]): string {
  const reasons = candidates.slice(0, maxReasons).map(({ subchannel }) => {
    return subchannel.lastError ?? `connect to ${subchannel.name} failed`;
  });
  const more = candidates.length - reasons.length;
  return more === 0 ? reasons.join("; ") : `${reasons.join("; ")}; and ${more} more`;
}
