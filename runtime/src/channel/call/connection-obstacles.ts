import { joinReasons } from "../../balancer/reasons.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";

/** What a subchannel says of itself. */
export interface ConnectionStatus {
  readonly name: string;
  readonly state: ConnectivityState;
  readonly lastError: string | undefined;
}

/** What is being done for a connection, address by address: attempts that run first, then why others have failed. */
export function describeConnections(subchannels: Iterable<ConnectionStatus>): string {
  const running: string[] = [];
  const failed: string[] = [];
  for (const { name, state, lastError } of subchannels) {
    const before = lastError === undefined ? "" : ` again, after: ${lastError}`;
    if (state === "CONNECTING") running.push(`connecting to ${name}${before}`);
    else if (lastError !== undefined) failed.push(lastError);
  }
  return joinReasons([...running, ...failed]);
}
