/** What the four shapes share at the start of a call. Nothing here is thrown to the caller. */
import type { Peer } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { checkCallCredentials } from "../credentials/call-credentials.js";
import { authorityProblem } from "../rpc/authority.js";
import type { CallInfo } from "../rpc/call-info.js";
import type { CallOptions } from "../rpc/call-options.js";
import { noDeadline } from "../rpc/deadline.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { kindOf } from "../rpc/misuse.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";

/**
 * Headers of a new call. The deadline is the channel's to compute from the options: the stub has no clock. Throws
 * TypeError when the metadata cannot be sent.
 */
export function createRequestHeaders(method: MethodDescriptor, options: CallOptions): RequestHeaders {
  checkOptions(options);
  const metadata = new Metadata(options.metadata);
  return options.authority === undefined
    ? { method, metadata, deadline: noDeadline }
    : { method, metadata, deadline: noDeadline, authority: options.authority };
}

/** What TypeScript checks, for callers without it: found here it is the call's error, later it would be the connection's. */
function checkOptions(options: CallOptions): void {
  const { authority, context, credentials, deadline, info, signal, timeoutMs } = options;
  if (authority !== undefined) checkAuthority(authority);
  if (credentials !== undefined) checkCallCredentials(credentials, "credentials");
  if (timeoutMs !== undefined && (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs))) {
    throw wrong("timeoutMs", timeoutMs, "a number of milliseconds");
  }
  // By what they do, not by their class: a test runner may bring classes of its own.
  if (deadline !== undefined && (typeof deadline?.getTime !== "function" || Number.isNaN(deadline.getTime()))) {
    throw wrong("deadline", deadline, "a valid Date");
  }
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw wrong("signal", signal, "an AbortSignal");
  }
  if (context && typeof context.timeoutMs !== "function") throw wrong("context", context, "that of a handler");
  if (info !== undefined) checkInfo(info);
}

function checkAuthority(authority: unknown): void {
  if (typeof authority !== "string") throw wrong("authority", authority, "a string");
  const problem = authorityProblem(authority);
  if (problem !== undefined) throw new TypeError(problem);
}

function checkInfo(info: unknown): void {
  const expected = "a CallInfo that can be filled in";
  if (typeof info !== "object" || info === null) throw wrong("info", info, expected);
  if (Object.isFrozen(info)) throw new TypeError(`info is frozen: expected ${expected}`);
}

function wrong(name: string, given: unknown, expected: string): TypeError {
  return new TypeError(`${name} is ${kindOf(given)}: expected ${expected}`);
}

/** An info that cannot be filled in is its owner's loss: whoever waits for the call must hear of its end all the same. */
function fill(info: CallInfo | undefined, known: Partial<CallInfo>): void {
  if (typeof info !== "object" || info === null) return;
  try {
    Object.assign(info, known);
  } catch {
    // It takes no new properties, or has setters that throw.
  }
}

export function tellHeaders({ info }: CallOptions, headers: Metadata, peer: Peer | undefined): void {
  if (info !== undefined) fill(info, { headers, peer });
}

export function tellStatus({ info }: CallOptions, status: Status): void {
  if (info === undefined) return;
  const { attempts, history = [], timings } = status;
  const delivery = status.code === StatusCode.OK ? "processed" : status.delivery;
  const trailers = status.trailers ?? new Metadata();
  fill(info, { status, trailers, peer: info?.peer ?? status.peer, attempts, history, timings, delivery });
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
