import type { ConnectivityState } from "../../rpc/connectivity-state.js";

/**
 * One state of all endpoints (gRFC A42). Calls make the connections, so most endpoints are IDLE for long: two that fail
 * and none that is READY are enough to say that it does not work.
 */
export function aggregateState(states: readonly ConnectivityState[]): ConnectivityState {
  const count = (wanted: ConnectivityState): number => states.filter((state) => state === wanted).length;
  const failed = count("TRANSIENT_FAILURE");
  if (count("READY") > 0) return "READY";
  if (failed >= 2) return "TRANSIENT_FAILURE";
  if (count("CONNECTING") > 0) return "CONNECTING";
  if (failed === 1 && states.length > 1) return "CONNECTING";
  return count("IDLE") > 0 ? "IDLE" : "TRANSIENT_FAILURE";
}
