/** What the four shapes share at the start of a call. Nothing here is thrown to the caller. */
import { textOfThrown } from "../base/text-of-thrown.js";
import type { CallOptions } from "../rpc/call-options.js";
import { noDeadline } from "../rpc/deadline.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";

/**
 * Headers of a new call. The deadline is the channel's to compute from the options: the stub has no clock. Throws
 * TypeError when the metadata cannot be sent.
 */
export function createRequestHeaders(method: MethodDescriptor, options: CallOptions): RequestHeaders {
  const metadata = new Metadata(options.metadata);
  return options.authority === undefined
    ? { method, metadata, deadline: noDeadline }
    : { method, metadata, deadline: noDeadline, authority: options.authority };
}

/** The call could not be made of what the caller gave; nothing was sent. */
export function invalidCall(method: MethodDescriptor, cause: unknown): Status {
  return {
    code: StatusCode.INTERNAL,
    message: `cannot call ${method.path}: ${textOfThrown(cause)}`,
    delivery: "not-sent",
    cause,
  };
}

/** A message of the running call could not be made of what the caller's source gave. */
export function invalidMessage(method: MethodDescriptor, cause: unknown): Status {
  return {
    code: StatusCode.INTERNAL,
    message: `cannot send a message of ${method.path}: ${textOfThrown(cause)}`,
    cause,
  };
}

/** The status of a call whose signal has aborted: the reason's own if it is a StatusError, else CANCELLED. */
export function abortedStatus(signal: AbortSignal): Status {
  const cause: unknown = signal.reason;
  if (cause instanceof StatusError && cause.code !== StatusCode.OK) {
    return { code: cause.code, message: cause.statusMessage, cause };
  }
  return { code: StatusCode.CANCELLED, message: `the call was aborted by its signal: ${textOfThrown(cause)}`, cause };
}
