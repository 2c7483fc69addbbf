import type { Picker } from "../balancer/picker.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { ServiceConfig } from "../service-config/service-config.js";

/** All that the data plane knows of the control plane. Immutable, replaced as a whole. */
export interface Snapshot {
  readonly state: ConnectivityState;
  readonly picker: Picker;
  readonly serviceConfig: ServiceConfig;
  /** Whether the resolver has answered, so that `serviceConfig` is what it wants: no call starts before. */
  readonly isConfigured: boolean;
  /** What the resolver wants to be said when calls fail for want of a connection. */
  readonly note: string | undefined;
}
