import type { RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";

const inert: RequestStream = Object.freeze({
  send: () => true,
  finish: () => {},
  pull: () => {},
  cancel: () => {},
});

/** A call that ends before it began: tells the sink and does nothing more. */
export function endedStream(sink: ResponseSink, status: Status): RequestStream {
  sink.onStatus(status);
  return inert;
}
