import type { RequestHeaders } from "../../../rpc/invoker.js";

/** The headers of an attempt that others went before: an interceptor that tries again itself may have made some of them. */
export function withAttempts(headers: RequestHeaders, before: number, isHedge = false): RequestHeaders {
  return { ...headers, previousAttempts: (headers.previousAttempts ?? 0) + before, isHedge };
}
