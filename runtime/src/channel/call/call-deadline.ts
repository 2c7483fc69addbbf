import type { Platform } from "../../base/platform.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { type Deadline, noDeadline } from "../../rpc/deadline.js";

/**
 * The soonest of all that limits a call: the options' timeout and date, the context's remaining time, the method
 * config's timeout, and what the headers bring. The channel's default holds where none of them says anything; an
 * explicit Infinity says something. NaN when the caller gave what is no time.
 */
export function callDeadline(
  given: Deadline,
  options: CallOptions,
  configTimeoutMs: number | undefined,
  defaultTimeoutMs: number,
  platform: Platform,
): Deadline {
  const { timeoutMs, deadline, context } = options;
  if (timeoutMs === undefined && deadline === undefined && context === undefined && configTimeoutMs === undefined) {
    if (given !== noDeadline || defaultTimeoutMs === noDeadline) return given;
    return platform.now() + defaultTimeoutMs;
  }
  let remainingMs = configTimeoutMs ?? noDeadline;
  if (timeoutMs !== undefined) remainingMs = Math.min(remainingMs, timeoutMs);
  if (deadline !== undefined) remainingMs = Math.min(remainingMs, deadline.getTime() - platform.wallClock());
  if (context !== undefined) remainingMs = Math.min(remainingMs, context.timeoutMs());
  const onlyContext = timeoutMs === undefined && deadline === undefined && configTimeoutMs === undefined;
  if (onlyContext && remainingMs === noDeadline && given === noDeadline) remainingMs = defaultTimeoutMs;
  return Math.min(given, platform.now() + remainingMs);
}
