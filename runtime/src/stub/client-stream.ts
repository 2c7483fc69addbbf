import type { CallOptions } from "../rpc/call-options.js";
import type { Invoker, RequestHeaders } from "../rpc/invoker.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { abortedBeforeStart } from "./abort-watch.js";
import { createRequestHeaders, invalidCall } from "./call-start.js";
import { SingleResponse } from "./single-response.js";

/** Requests from a source, one response. The source is told to return when the answer comes before its end. */
export function callClientStream(
  invoker: Invoker,
  method: MethodDescriptor,
  source: unknown,
  options: CallOptions,
): Promise<unknown> {
  // A source of null is no source, and is told so as one that cannot be iterated.
  const response = new SingleResponse(method, options, source ?? null);
  const { promise } = response;
  const aborted = abortedBeforeStart(options);
  if (aborted !== undefined) {
    response.onStatus(aborted);
    return promise;
  }
  let headers: RequestHeaders;
  try {
    headers = createRequestHeaders(method, options);
  } catch (cause) {
    response.onStatus(invalidCall(method, cause));
    return promise;
  }
  try {
    response.start(invoker.invoke(headers, options, response));
  } catch (cause) {
    response.onStatus(invalidCall(method, cause));
  }
  return promise;
}
