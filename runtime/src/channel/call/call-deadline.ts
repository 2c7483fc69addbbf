import type { Millis, Platform } from "../../base/platform.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { type Deadline, noDeadline } from "../../rpc/deadline.js";

/**
 * The soonest of what the caller says: the options' timeout and date, the context's remaining time, and what the headers
 * bring. Undefined when none of them says anything; an explicit Infinity does. NaN when the caller gave what is no time.
 */
export function ownDeadline(
  given: Deadline,
  options: CallOptions,
  platform: Platform,
  now: Millis = platform.now(),
): Deadline | undefined {
  const { timeoutMs, deadline } = options;
  const context = options.context ?? undefined;
  if (timeoutMs === undefined && deadline === undefined && context === undefined) {
    return given === noDeadline ? undefined : given;
  }
  let remainingMs = timeoutMs ?? noDeadline;
  if (deadline !== undefined) remainingMs = Math.min(remainingMs, deadline.getTime() - platform.wallClock());
  if (context !== undefined) remainingMs = Math.min(remainingMs, context.timeoutMs());
  const onlyContext = timeoutMs === undefined && deadline === undefined;
  if (onlyContext && remainingMs === noDeadline && given === noDeadline) return undefined;
  return Math.min(given, now + remainingMs);
}

/** With what service configs say; the usual timeout, the .proto's or else the channel's, holds where neither they nor the caller say anything. */
export function configuredDeadline(
  own: Deadline | undefined,
  startedAt: Millis,
  configTimeoutMs: number | undefined,
  usualTimeoutMs: number,
): Deadline {
  if (configTimeoutMs !== undefined) return Math.min(own ?? noDeadline, startedAt + configTimeoutMs);
  return own ?? startedAt + usualTimeoutMs;
}
