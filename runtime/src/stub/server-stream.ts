import { toMessage } from "../codec/message-init.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { Invoker, RequestHeaders } from "../rpc/invoker.js";
import type { ServerStream } from "../rpc/message-source.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { abortedBeforeStart } from "./abort-watch.js";
import { createRequestHeaders, invalidCall } from "./call-start.js";
import { StreamedResponses } from "./streamed-responses.js";

/**
 * One request, many responses. The call starts here, not with the first `next`: the request is on its way whether or
 * not anyone reads. What goes wrong waits for the reader; without one it is lost, never an unhandled rejection.
 */
export function callServerStream(
  invoker: Invoker,
  method: MethodDescriptor,
  request: unknown,
  options: CallOptions,
): ServerStream<unknown> {
  const responses = new StreamedResponses(method, options);
  const aborted = abortedBeforeStart(options);
  if (aborted !== undefined) {
    responses.onStatus(aborted);
    return responses.stream;
  }
  let headers: RequestHeaders;
  let message: unknown;
  try {
    message = toMessage(method.desc.input, request as Record<string, unknown>);
    headers = createRequestHeaders(method, options);
  } catch (cause) {
    responses.onStatus(invalidCall(method, cause));
    return responses.stream;
  }
  try {
    const requests = invoker.invoke(headers, options, responses);
    responses.start(requests);
    requests.send(message, true);
  } catch (cause) {
    responses.onStatus(invalidCall(method, cause));
  }
  return responses.stream;
}
