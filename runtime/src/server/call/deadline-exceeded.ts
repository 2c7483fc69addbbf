import type { Millis } from "../../base/platform.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";

/** How a call ends that the server has not answered in time. @param timeoutMs What was left when it began there; 0: nothing. */
export function deadlineExceeded(path: string, timeoutMs: Millis): Status {
  const message =
    timeoutMs === 0
      ? `the deadline of ${path} had passed when the call reached its server`
      : `the server had not answered ${path} when its deadline passed, ${timeoutMs} ms after the call began there`;
  return { code: StatusCode.DEADLINE_EXCEEDED, message };
}
