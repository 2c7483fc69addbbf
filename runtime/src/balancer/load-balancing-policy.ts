/** The doors between a channel and a load balancing policy (grpc/grpc doc/load-balancing.md, gRFC A61, A62). */
import type { Address } from "../base/platform.js";
import type { Endpoint } from "../resolver/endpoint.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { Status } from "../rpc/status.js";
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

/** All that a policy sees of its channel. */
export interface ChannelController {
  /** Starts IDLE. */
  createSubchannel(address: Address, listener: SubchannelListener): Subchannel;
  /** Publishes a snapshot; it holds for every pick from now on. In state IDLE a call that waits leads to exitIdle. */
  update(state: ConnectivityState, picker: Picker): void;
  /** Asks the resolver to look again. */
  requestResolution(): void;
}

/** Decides which subchannels there are and which one a call gets. The channel never calls it while it runs. */
export interface LoadBalancingPolicy {
  /** New endpoints. False: the policy cannot work with them, and wants others. */
  onEndpoints(endpoints: readonly Endpoint[]): boolean;
  /** The name could not be resolved: endpoints that are known stay in use, without them calls fail with this status. */
  onResolverError(status: Status): void;
  /** Somebody wants a connection while the state is IDLE. */
  exitIdle(): void;
  /** Releases every subchannel; the controller is not called again. */
  close(): void;
}

export interface LoadBalancingPolicyFactory {
  /** As in a service config: `pick_first`. */
  readonly name: string;
  create(controller: ChannelController): LoadBalancingPolicy;
}
