/** The doors between a channel and a load balancing policy (grpc/grpc doc/load-balancing.md, gRFC A24, A61, A62). */
import type { Parsed } from "../base/parsed.js";
import type { Address, Millis, Timer } from "../base/platform.js";
import type { Endpoint } from "../resolver/endpoint.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Status } from "../rpc/status.js";
import type { WithoutEffect } from "../service-config/config-reader.js";
import type { JsonObject } from "../service-config/json.js";
import type { PickedSubchannel, Picker } from "./picker.js";

/** The connection to one address, as a policy holds it. */
export interface Subchannel extends PickedSubchannel {
  readonly address: Address;
  readonly state: ConnectivityState;
  /** Why the last attempt failed or the last connection ended, in one clause with the address. */
  readonly lastError: string | undefined;
  /** Leaves IDLE; does nothing in any other state. */
  connect(): void;
  /** The policy has no more use for it: running calls go on to their end, then it closes. Its listener hears nothing more. */
  release(): void;
}

/**
 * Hears each change of a subchannel's state, never from within a call that the policy makes. IDLE follows READY when
 * the connection ended or takes no more calls, and TRANSIENT_FAILURE when the backoff is over.
 */
export interface SubchannelListener {
  onState(state: ConnectivityState): void;
}

export interface SubchannelOptions {
  /**
   * Where the service config asks for it, READY only while the server's health service says SERVING (gRFC A17): it goes
   * from READY to CONNECTING or TRANSIENT_FAILURE and back while its connection stands. Default false.
   */
  readonly checksHealth?: boolean | undefined;
}

/** All that a policy sees of its channel. Its methods are called from within the policy alone, and not by a picker. */
export interface ChannelController {
  /** Starts IDLE. */
  createSubchannel(address: Address, listener: SubchannelListener, options?: SubchannelOptions): Subchannel;
  /** Publishes a snapshot; it holds for every pick from now on. In state IDLE a call that waits leads to exitIdle. */
  update(state: ConnectivityState, picker: Picker): void;
  /** Asks the resolver to look again. */
  requestResolution(): void;
  /** The clock of `setTimer`. */
  now(): Millis;
  /** A number in [0, 1). Pickers may use it, too. */
  random(): number;
  /** Runs `fn` once at or after `at`, and never from within another call to the policy. It does not keep the process alive. */
  setTimer(at: Millis, fn: () => void): Timer;
}

/** What a policy is to work with. */
export interface PolicyUpdate<Config> {
  readonly endpoints: readonly Endpoint[];
  /** What its factory's `parseConfig` returned. */
  readonly config: Config;
}

/** Decides which subchannels there are and which one a call gets. The channel never calls it while it runs. */
export interface LoadBalancingPolicy<Config = unknown> {
  /** New endpoints, or another config. False: the policy cannot work with these endpoints, and wants others. */
  onUpdate(update: PolicyUpdate<Config>): boolean;
  /** The name could not be resolved: endpoints that are known stay in use, without them calls fail with this status. */
  onResolverError(status: Status): void;
  /** Somebody wants a connection while the state is IDLE. */
  exitIdle(): void;
  /** Releases every subchannel and timer; the controller is not called again. */
  close(): void;
}

/** Makes the policies of one name. */
export interface LoadBalancingPolicyFactory<Config = unknown> {
  /** As in a service config: `pick_first`. */
  readonly name: string;
  /**
   * Checks what stands in a service config under the policy's name. An error is a whole sentence that begins with the
   * path: `${path}.choiceCount is 1: expected a whole number from 2`.
   *
   * @param path Where it stands: `serviceConfig.loadBalancingConfig[0].pick_first`.
   * @param policies For a policy that has others below it.
   */
  parseConfig(json: JsonObject, path: string, policies: PolicySource): Parsed<Config>;
  create(controller: ChannelController): LoadBalancingPolicy<Config>;
}

/** A policy and its config. */
export interface ChosenPolicy {
  readonly factory: LoadBalancingPolicyFactory;
  readonly config: unknown;
}

/** The policies that a channel knows. */
export interface PolicySource {
  /** gRFC A24: the first policy of `list` that is known, `[{ "round_robin": {} }, …]`. An error is a sentence with its path. */
  choose(list: unknown, path: string): Parsed<ChosenPolicy>;
  /** What to make of a field that nobody knows. */
  readonly withoutEffect: WithoutEffect;
}
