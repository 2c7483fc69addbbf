import type { Address, Timer } from "../../base/platform.js";
import { addressKey, type Endpoint } from "../../resolver/endpoint.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import { parseBoolean } from "../../service-config/boolean.js";
import { ConfigReader } from "../../service-config/config-reader.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
} from "../load-balancing-policy.js";
import { failAlways, pickAlways, queuePicker } from "../picker.js";
import { joinReasons } from "../reasons.js";
import { addressList, isSameAddress, shuffledEndpoints } from "./address-list.js";
import { Candidate } from "./candidate.js";

/** How long an attempt is alone before the next address is tried beside it (RFC 8305 §5, Connection Attempt Delay; gRFC A61). */
export const attemptDelayMs = 250;

/** gRFC A62. */
export interface PickFirstConfig {
  /** Whether the endpoints are tried in random order, by weight where they have weights (gRFC A113). */
  readonly shuffleAddressList: boolean;
}

export const defaultPickFirst: PickFirstConfig = Object.freeze({ shuffleAddressList: false });

/**
 * Tries the addresses in order, the next one when an attempt has failed or has taken 250 ms, and stays with the first that
 * connects. Once all have failed it reports TRANSIENT_FAILURE and goes on trying, each address at its own pace, until one
 * connects (gRFC A62, A61).
 */
export const pickFirst: LoadBalancingPolicyFactory<PickFirstConfig> = {
  name: "pick_first",
  parseConfig(json, path, { withoutEffect }) {
    const reader = ConfigReader.open(json, path, ["shuffleAddressList"], withoutEffect);
    return reader.finish({ shuffleAddressList: reader.read("shuffleAddressList", parseBoolean) ?? false });
  },
  create: (controller) => new PickFirst(controller, { connects: "at once", checksHealth: false }),
};

/** How it serves the one above it: a channel, or a policy that has one of these for each endpoint (gRFC A61). */
export interface PickFirstRole {
  /**
   * `at once`: when it gets addresses, and after a connection was lost when somebody asks; `always`: after a loss at once,
   * too; `when asked`: only then.
   */
  readonly connects: "at once" | "always" | "when asked";
  /** Whether a connection that is not healthy is none (gRFC A17). */
  readonly checksHealth: boolean;
}

type State =
  /** Nothing was resolved yet. */
  | { readonly name: "new" }
  /** There is no connection; the next call starts from the first address. */
  | { readonly name: "idle"; readonly addresses: readonly Address[] }
  /** Those up to candidates[index] were tried; the next one is when the timer is due. */
  | {
      readonly name: "firstPass";
      readonly candidates: readonly Candidate[];
      readonly index: number;
      readonly timer: Timer | undefined;
    }
  /** Every candidate has failed at least once. */
  | { readonly name: "retrying"; readonly candidates: readonly Candidate[]; readonly failures: number }
  | { readonly name: "connected"; readonly candidate: Candidate; readonly addresses: readonly Address[] }
  | { readonly name: "closed" };

type FirstPass = Extract<State, { name: "firstPass" }>;

export class PickFirst implements LoadBalancingPolicy<PickFirstConfig> {
  readonly #controller: ChannelController;
  readonly #role: PickFirstRole;
  #state: State = { name: "new" };
  /** Connected to an address that is gone from the list: serves until one of the list is connected, too. */
  #leaving: Candidate | undefined;
  /** The addresses as they were given, to know them when they come again. */
  #given = "";
  /** Sticky: once TRANSIENT_FAILURE is told, CONNECTING is not (gRFC A62). */
  #toldFailure = false;

  constructor(controller: ChannelController, role: PickFirstRole) {
    this.#controller = controller;
    this.#role = role;
  }

  onUpdate({ endpoints, config }: PolicyUpdate<PickFirstConfig>): boolean {
    const given = keyOf(endpoints, config.shuffleAddressList);
    const isSame = given === this.#given;
    this.#given = given;
    const state = this.#state;
    // A resolver that says the same again must not set anything off.
    if (isSame && (state.name === "firstPass" || state.name === "retrying")) return true;
    const order = config.shuffleAddressList ? shuffledEndpoints(endpoints, () => this.#controller.random()) : endpoints;
    const addresses = addressList(order);
    if (addresses.length === 0) return this.#refuse();
    if (this.#keepsConnection(addresses)) return true;
    if (state.name === "idle") this.#state = { name: "idle", addresses };
    else if (state.name === "connected") this.#leave(state.candidate, addresses);
    else if (state.name === "new" && this.#role.connects === "when asked") this.#becomeIdle(addresses);
    else this.#startPass(addresses);
    return true;
  }

  onResolverError(status: Status): void {
    if (this.#state.name !== "new") return;
    this.#controller.update("TRANSIENT_FAILURE", failAlways(status));
  }

  exitIdle(): void {
    if (this.#state.name === "idle") this.#startPass(this.#state.addresses);
  }

  close(): void {
    this.#releaseAll();
    this.#state = { name: "closed" };
  }

  // ---- endpoints

  #refuse(): boolean {
    this.#releaseAll();
    this.#state = { name: "new" };
    this.#tellFailure("the name was resolved to no address");
    // Nothing was tried: what comes next is a first connection (gRFC A62 is about connections that failed).
    this.#toldFailure = false;
    return false;
  }

  /** Whether the one that serves is, or is again, on the list. */
  #keepsConnection(addresses: readonly Address[]): boolean {
    const candidate = this.#state.name === "connected" ? this.#state.candidate : this.#leaving;
    if (candidate === undefined || !addresses.some((address) => isSameAddress(address, candidate.address)))
      return false;
    this.#stopTimer();
    for (const { subchannel } of this.#attempts()) subchannel.release();
    this.#leaving = undefined;
    this.#state = { name: "connected", candidate, addresses };
    return true;
  }

  #leave(candidate: Candidate, addresses: readonly Address[]): void {
    if (candidate.subchannel.state === "READY") this.#leaving = candidate;
    else candidate.subchannel.release();
    this.#startPass(addresses);
  }

  // ---- the first pass

  /** Candidates that an earlier pass left behind are used again, in whatever state they are. */
  #startPass(addresses: readonly Address[]): void {
    const old = new Map(this.#attempts().map((candidate) => [addressKey(candidate.address), candidate]));
    this.#stopTimer();
    const candidates = addresses.map((address) => {
      const key = addressKey(address);
      const kept = old.get(key);
      old.delete(key);
      return kept ?? this.#createCandidate(address);
    });
    for (const candidate of old.values()) candidate.subchannel.release();
    for (const candidate of candidates) candidate.hasFailed = false;
    const ready = candidates.find((candidate) => candidate.subchannel.state === "READY");
    if (ready !== undefined) {
      this.#choose(ready, candidates);
      return;
    }
    if (!this.#toldFailure && this.#leaving === undefined) this.#controller.update("CONNECTING", queuePicker);
    this.#tryFrom(candidates, 0);
    // Where nothing was tried, the addresses have just come from the resolver.
    this.#endPassIfOver();
  }

  #createCandidate(address: Address): Candidate {
    const { checksHealth } = this.#role;
    return new Candidate(this.#controller, address, { checksHealth }, (which, state) => this.#onState(which, state));
  }

  /** One that is in its backoff has had its attempt. */
  #tryFrom(candidates: readonly Candidate[], first: number): void {
    const last = candidates.length - 1;
    for (let index = first; index <= last; index++) {
      const candidate = candidates[index] as Candidate;
      if (candidate.subchannel.state === "TRANSIENT_FAILURE") candidate.hasFailed = true;
      else {
        const timer = index === last ? undefined : this.#startTimer();
        this.#state = { name: "firstPass", candidates, index, timer };
        candidate.subchannel.connect();
        return;
      }
    }
    this.#state = { name: "firstPass", candidates, index: last, timer: undefined };
  }

  #startTimer(): Timer {
    return this.#controller.setTimer(this.#controller.now() + attemptDelayMs, () => this.#onAttemptDelay());
  }

  #onAttemptDelay(): void {
    const state = this.#state;
    if (state.name !== "firstPass") return;
    this.#tryFrom(state.candidates, state.index + 1);
  }

  #stopTimer(): void {
    if (this.#state.name === "firstPass") this.#state.timer?.cancel();
  }

  /** True when every address has failed once. */
  #endPassIfOver(): boolean {
    const state = this.#state;
    if (state.name !== "firstPass" || !state.candidates.every((candidate) => candidate.hasFailed)) return false;
    const { candidates } = state;
    this.#state = { name: "retrying", candidates, failures: 0 };
    this.#tellReasons(candidates);
    for (const { subchannel } of candidates) subchannel.connect();
    return true;
  }

  // ---- states of subchannels

  #onState(candidate: Candidate, told: ConnectivityState): void {
    const state = this.#state;
    if (candidate === this.#leaving) this.#onLeavingState(told);
    else if (state.name === "firstPass") this.#onFirstPassState(state, candidate, told);
    else if (state.name === "retrying") {
      if (told === "READY") this.#choose(candidate, state.candidates);
      else if (told === "IDLE") candidate.subchannel.connect();
      else if (told === "TRANSIENT_FAILURE") this.#onRetryFailed(state.candidates, state.failures + 1);
    } else if (state.name === "connected" && candidate === state.candidate) {
      if (told === "IDLE") this.#onLost(candidate, state.addresses);
      else this.#tellHealth(candidate, told);
    }
  }

  #onFirstPassState(pass: FirstPass, candidate: Candidate, told: ConnectivityState): void {
    if (told === "READY") this.#choose(candidate, pass.candidates);
    else if (told === "TRANSIENT_FAILURE") {
      candidate.hasFailed = true;
      if (candidate === pass.candidates[pass.index]) {
        pass.timer?.cancel();
        this.#tryFrom(pass.candidates, pass.index + 1);
      }
      if (this.#endPassIfOver()) this.#controller.requestResolution();
    } else if (told === "IDLE" && pass.index === pass.candidates.length - 1) {
      // Everyone has had a turn: those that failed need not wait for one that gets no answer at all.
      candidate.subchannel.connect();
    }
  }

  #onRetryFailed(candidates: readonly Candidate[], failures: number): void {
    this.#state = { name: "retrying", candidates, failures };
    this.#tellReasons(candidates);
    if (failures % candidates.length === 0) this.#controller.requestResolution();
  }

  #choose(candidate: Candidate, candidates: readonly Candidate[]): void {
    this.#stopTimer();
    this.#state = { name: "connected", candidate, addresses: candidates.map(({ address }) => address) };
    this.#tellReady(candidate);
    for (const other of candidates) if (other !== candidate) other.subchannel.release();
    this.#leaving?.subchannel.release();
    this.#leaving = undefined;
  }

  #onLost(candidate: Candidate, addresses: readonly Address[]): void {
    candidate.subchannel.release();
    this.#controller.requestResolution();
    if (this.#role.connects === "always") {
      this.#state = { name: "idle", addresses };
      this.#startPass(addresses);
    } else this.#becomeIdle(addresses);
  }

  #onLeavingState(told: ConnectivityState): void {
    if (told === "READY") return;
    this.#leaving?.subchannel.release();
    this.#leaving = undefined;
    const state = this.#state;
    if (state.name === "retrying") this.#tellReasons(state.candidates);
    else this.#controller.update("CONNECTING", queuePicker);
  }

  // ---- what is told

  #becomeIdle(addresses: readonly Address[]): void {
    this.#state = { name: "idle", addresses };
    this.#controller.update("IDLE", queuePicker);
  }

  /** The connection stands, and health checking says otherwise, or says READY again (gRFC A61). */
  #tellHealth(candidate: Candidate, told: ConnectivityState): void {
    if (told === "READY") this.#tellReady(candidate);
    else if (told === "CONNECTING") this.#controller.update("CONNECTING", queuePicker);
    else this.#tellFailure(candidate.reason);
  }

  #tellReady(candidate: Candidate): void {
    this.#toldFailure = false;
    this.#controller.update("READY", pickAlways(candidate.subchannel));
  }

  #tellReasons(candidates: readonly Candidate[]): void {
    if (this.#leaving === undefined) this.#tellFailure(joinReasons(candidates.map(({ reason }) => reason)));
  }

  #tellFailure(message: string): void {
    this.#toldFailure = true;
    this.#controller.update("TRANSIENT_FAILURE", failAlways({ code: StatusCode.UNAVAILABLE, message }));
  }

  // ---- subchannels

  /** Those of the list that are tried. */
  #attempts(): readonly Candidate[] {
    const state = this.#state;
    return state.name === "firstPass" || state.name === "retrying" ? state.candidates : [];
  }

  #releaseAll(): void {
    this.#stopTimer();
    for (const { subchannel } of this.#attempts()) subchannel.release();
    if (this.#state.name === "connected") this.#state.candidate.subchannel.release();
    this.#leaving?.subchannel.release();
    this.#leaving = undefined;
  }
}

/** Where the order is ours, that of the resolver says nothing. */
function keyOf(endpoints: readonly Endpoint[], isShuffled: boolean): string {
  const names = endpoints.map(({ addresses }) => addresses.map(addressKey).join(" "));
  return (isShuffled ? names.sort() : names).join("\n");
}
