import type { Millis } from "../../base/platform.js";
import { noTimings } from "../../rpc/call-timings.js";
import type { Status } from "../../rpc/status.js";

/** What a call waited for on its way to a connection; one that did not wait has none of these. */
export class CallWaits {
  connectingMs: Millis = 0;
  queuedMs: Millis = 0;
  /** Attempts that were given to a connection and came back before they had left. */
  unsentAttempts = 0;
}

/** A failure with what is known of the call's way. @param isStarted Whether an attempt was under way when it ended. */
export function withWaits(status: Status, waits: CallWaits | undefined, isStarted: boolean): Status {
  const attempts = (waits?.unsentAttempts ?? 0) + (isStarted ? 1 : 0);
  if (waits === undefined) return { ...status, attempts };
  const { connectingMs, queuedMs } = waits;
  return { ...status, attempts, timings: { ...noTimings, connectingMs, queuedMs } };
}
