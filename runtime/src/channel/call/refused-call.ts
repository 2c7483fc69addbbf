import type { RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { StatusCode } from "../../rpc/status-code.js";
import { endedStream } from "../../transport/ended-stream.js";

/** Ends a call that found no connection any more in such a way that its channel picks again. */
export function refuse(sink: ResponseSink, reason: string): RequestStream {
  return endedStream(sink, { code: StatusCode.UNAVAILABLE, message: reason, delivery: "not-sent" });
}
