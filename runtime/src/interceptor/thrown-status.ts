/** What an error that an application threw means for the call. */
import { textOfThrown } from "../base/text-of-thrown.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";

/**
 * What a client reads of an error that was not meant for it. Texts of exceptions hold secrets and never leave the
 * process (CVE-2026-101915).
 */
const internalErrorText = "Internal error";

/** The status, fit to be sent, of an error that is no StatusError. */
export function unknownStatus(cause: unknown): Status {
  return { code: StatusCode.UNKNOWN, message: internalErrorText, cause };
}

/**
 * How a call ends in which an interceptor threw what is no StatusError. A peer in the request's headers means that this
 * is the server's side: the text of an error stays here then.
 */
export function interceptorFailure(error: unknown, { method, peer }: RequestHeaders): Status {
  if (peer !== undefined) return unknownStatus(error);
  const message = `an interceptor failed in ${method.path}: ${textOfThrown(error)}`;
  return { code: StatusCode.INTERNAL, message, cause: error };
}

/** Whether an error is only the echo of an abort, as `fetch` and timers throw it. Never throws. */
export function isAbortError(error: unknown): boolean {
  try {
    return typeof error === "object" && error !== null && (error as { name?: unknown }).name === "AbortError";
  } catch {
    return false;
  }
}
