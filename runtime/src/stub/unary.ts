import { toMessage } from "../codec/message-init.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { Invoker, RequestHeaders } from "../rpc/invoker.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { abortedBeforeStart } from "./abort-watch.js";
import { createRequestHeaders, invalidCall } from "./call-start.js";
import { SingleResponse } from "./single-response.js";

/** One request, one response: one sink and one promise. */
export function callUnary(
  invoker: Invoker,
  method: MethodDescriptor,
  request: unknown,
  options: CallOptions,
): Promise<unknown> {
  const response = new SingleResponse(method, options);
  start(response, invoker, method, request, options);
  return response.promise;
}

function start(
  response: SingleResponse,
  invoker: Invoker,
  method: MethodDescriptor,
  request: unknown,
  options: CallOptions,
): void {
  const aborted = abortedBeforeStart(options);
  if (aborted !== undefined) {
    response.onStatus(aborted);
    return;
  }
  let headers: RequestHeaders;
  let message: unknown;
  try {
    message = toMessage(method.desc.input, request as Record<string, unknown>);
    headers = createRequestHeaders(method, options);
  } catch (cause) {
    response.onStatus(invalidCall(method, cause));
    return;
  }
  try {
    const stream = invoker.invoke(headers, options, response);
    response.start(stream);
    stream.send(message, true);
  } catch (cause) {
    response.onStatus(invalidCall(method, cause));
  }
}
