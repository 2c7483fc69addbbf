import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { ResolutionDescription } from "./resolution-log.js";

/** What a channel is doing now. */
export interface ChannelDescription {
  readonly target: string;
  readonly state: ConnectivityState;
  /** Calls that have not ended. */
  readonly runningCalls: number;
  /** Those of them that wait: for the name, for a connection, for a stream. */
  readonly waitingCalls: number;
  readonly resolver: ResolutionDescription;
  /** The load balancing policy that is in force; undefined while the channel is idle, or has no config to work with. */
  readonly policy: string | undefined;
  readonly subchannels: readonly SubchannelDescription[];
}

/** The connections to one address. */
export interface SubchannelDescription {
  readonly address: string;
  /** As the policy sees it: where health is checked, READY only while the server is healthy. */
  readonly state: ConnectivityState;
  /** Why the last attempt failed or the last connection ended, or why the server is not healthy. */
  readonly lastError: string | undefined;
  /** Calls that wait for a stream. They and the connections may be other channels', too, that connect in the same way. */
  readonly waitingCalls: number;
  /** Those that take calls. */
  readonly connections: readonly ConnectionDescription[];
}

export interface ConnectionDescription {
  /** `ipv4:10.0.0.1:443`. */
  readonly peer: string;
  /** Calls that run on it. */
  readonly activeCalls: number;
  /** Calls that may start on it now. */
  readonly freeStreams: number;
}
