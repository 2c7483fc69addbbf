import { joinReasons } from "../../balancer/reasons.js";
import type { SubchannelDescription } from "../channel-description.js";

/** What is being done for a connection, address by address: attempts that run first, then why others have failed. */
export function describeConnections(subchannels: readonly SubchannelDescription[]): string {
  const running: string[] = [];
  const failed: string[] = [];
  for (const { address, state, lastError } of subchannels) {
    const before = lastError === undefined ? "" : ` again, after: ${lastError}`;
    if (state === "CONNECTING") running.push(`connecting to ${address}${before}`);
    else if (lastError !== undefined) failed.push(lastError);
  }
  return joinReasons([...running, ...failed]);
}
