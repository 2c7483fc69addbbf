import type { Peer } from "../base/platform.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";
import type { CallReport } from "../telemetry/call-counts.js";
import type { EventReport } from "../telemetry/event-log.js";
import type { TrafficReport } from "../telemetry/traffic.js";
import type { ResolutionDescription } from "./resolution-log.js";

/** What a channel is doing now, and what it has done. */
export interface ChannelDescription {
  /** No other channel, subchannel, server or connection of this process has it. */
  readonly id: number;
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
  readonly calls: CallReport;
  /** Its states, and what the resolver said. */
  readonly events: EventReport;
}

/** The connections to one address. */
export interface SubchannelDescription {
  /** Two channels that share the connections have the same. */
  readonly id: number;
  readonly address: string;
  /** As the policy sees it: where health is checked, READY only while the server is healthy. */
  readonly state: ConnectivityState;
  /** Why the last attempt failed or the last connection ended, or why the server is not healthy. */
  readonly lastError: string | undefined;
  /** Calls that wait for a stream. They and the connections may be other channels', too, that connect in the same way. */
  readonly waitingCalls: number;
  /** Those that take calls. */
  readonly connections: readonly ConnectionDescription[];
  /** Those that take no more calls and have not closed. */
  readonly draining: readonly ConnectionDescription[];
  /** Attempts of calls that a connection took, other channels' too. */
  readonly calls: CallReport;
  /** Its states, whoever uses it. */
  readonly events: EventReport;
}

export interface ConnectionDescription {
  readonly id: number;
  /** `ipv4:10.0.0.1:443`. */
  readonly peer: string;
  /** Our end, in the same form; undefined where nobody knows. */
  readonly local: string | undefined;
  readonly security: Peer["security"];
  readonly tls: Peer["tls"];
  /** Calls that run on it. */
  readonly activeCalls: number;
  /** Calls that may start on it now. */
  readonly freeStreams: number;
  readonly traffic: TrafficReport;
}
