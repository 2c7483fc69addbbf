import type { Peer } from "../base/platform.js";
import type { Log } from "../rpc/logger.js";
import type { FailedCall, ServerOptions } from "./server-options.js";

/** An application's listener for errors must not be able to end the process with one. */
export function createReporter(
  onError: ServerOptions["onError"],
  log: Log | undefined,
): (error: unknown, call: FailedCall) => void {
  return (error, call) => {
    const { method, peer } = call;
    const what = `${method.path} failed, called by ${peer?.address ?? "unknown"}`;
    try {
      if (onError !== undefined) onError(error, call);
      else if (log !== undefined) log.writeError(error, { method: method.path, peer: peer?.address }, what);
      else console.error(`godwit: ${what}:`, error);
    } catch {
      // Nobody is left to tell.
    }
  };
}

/** The same for a listener that may be missing; a log hears of it all the same. */
export function createConnectionReporter(
  listener: ServerOptions["onConnectionError"],
  log: Log | undefined,
): (error: Error, peer: Peer | undefined) => void {
  return (error, peer) => {
    try {
      if (listener !== undefined) listener(error, peer);
      else log?.write("warn", { peer: peer?.address }, connectionProblem(error, peer));
    } catch {
      // Nobody is left to tell.
    }
  };
}

function connectionProblem({ message }: Error, peer: Peer | undefined): string {
  return peer === undefined ? message : `connection from ${peer.address}: ${message}`;
}
