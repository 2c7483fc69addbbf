/** What an error that an application threw means for the call. */
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";

/**
 * What a client reads of an error that was not meant for it. Texts of exceptions hold secrets and never leave the
 * process (CVE-2026-101915).
 */
export const internalErrorText = "Internal error";

/** The status, fit to be sent, of an error that is no StatusError. */
export function unknownStatus(cause: unknown): Status {
  return { code: StatusCode.UNKNOWN, message: internalErrorText, cause };
}

/** Whether an error is only the echo of an abort, as `fetch` and timers throw it. Never throws. */
export function isAbortError(error: unknown): boolean {
  try {
    return typeof error === "object" && error !== null && (error as { name?: unknown }).name === "AbortError";
  } catch {
    return false;
  }
}
