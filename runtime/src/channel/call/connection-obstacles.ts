import type { Subchannel } from "../../balancer/load-balancing-policy.js";
import { joinReasons } from "../../balancer/reasons.js";

/** What is being done for a connection, address by address: attempts that run first, then why others have failed. */
export function describeConnections(subchannels: Iterable<Subchannel>): string {
  const running: string[] = [];
  const failed: string[] = [];
  for (const { name, state, lastError } of subchannels) {
    const before = lastError === undefined ? "" : ` again, after: ${lastError}`;
    if (state === "CONNECTING") running.push(`connecting to ${name}${before}`);
    else if (lastError !== undefined) failed.push(lastError);
  }
  return joinReasons([...running, ...failed]);
}
