import type { Peer } from "../base/platform.js";
import type { FailedCall, ServerOptions } from "./server-options.js";

/** An application's listener for errors must not be able to end the process with one. */
export function createReporter(onError: ServerOptions["onError"]): (error: unknown, call: FailedCall) => void {
  return (error, call) => {
    try {
      if (onError !== undefined) onError(error, call);
      else console.error(`godwit: ${call.method.path} failed, called by ${call.peer?.address ?? "unknown"}:`, error);
    } catch {
      // Nobody is left to tell.
    }
  };
}

/** The same for a listener that may be missing. */
export function quietly(listener: ServerOptions["onConnectionError"]): (error: Error, peer: Peer | undefined) => void {
  return (error, peer) => {
    try {
      listener?.(error, peer);
    } catch {
      // Nobody is left to tell.
    }
  };
}
