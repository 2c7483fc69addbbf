import type { Address } from "../../base/platform.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { ChannelController, Subchannel, SubchannelListener, SubchannelOptions } from "../load-balancing-policy.js";

/** One address and its subchannel. */
export class Candidate implements SubchannelListener {
  readonly subchannel: Subchannel;
  /** In the first pass over the addresses. */
  hasFailed = false;
  readonly #tell: (candidate: Candidate, state: ConnectivityState) => void;

  constructor(
    controller: ChannelController,
    address: Address,
    options: SubchannelOptions,
    tell: (candidate: Candidate, state: ConnectivityState) => void,
  ) {
    this.#tell = tell;
    this.subchannel = controller.createSubchannel(address, this, options);
  }

  get address(): Address {
    return this.subchannel.address;
  }

  /** Why there is no connection. */
  get reason(): string {
    return this.subchannel.lastError ?? `connect to ${this.subchannel.name} failed`;
  }

  onState(state: ConnectivityState): void {
    this.#tell(this, state);
  }
}
