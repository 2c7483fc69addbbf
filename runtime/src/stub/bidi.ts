import type { CallOptions } from "../rpc/call-options.js";
import type { Invoker, RequestHeaders } from "../rpc/invoker.js";
import type { ServerStream } from "../rpc/message-source.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { abortedBeforeStart } from "./abort-watch.js";
import { createRequestHeaders, invalidCall } from "./call-start.js";
import { StreamedResponses } from "./streamed-responses.js";

/** Requests from a source, many responses; both directions run at their own pace. The call starts here. */
export function callBidi(
  invoker: Invoker,
  method: MethodDescriptor,
  source: unknown,
  options: CallOptions,
): ServerStream<unknown> {
  // A source of null is no source, and is told so as one that cannot be iterated.
  const responses = new StreamedResponses(method, options, source ?? null);
  const aborted = abortedBeforeStart(options);
  if (aborted !== undefined) {
    responses.onStatus(aborted);
    return responses.stream;
  }
  let headers: RequestHeaders;
  try {
    headers = createRequestHeaders(method, options);
  } catch (cause) {
    responses.onStatus(invalidCall(method, cause));
    return responses.stream;
  }
  try {
    responses.start(invoker.invoke(headers, options, responses));
  } catch (cause) {
    responses.onStatus(invalidCall(method, cause));
  }
  return responses.stream;
}
