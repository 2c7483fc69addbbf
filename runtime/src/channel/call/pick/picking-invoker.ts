import type { CallOptions } from "../../../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../../rpc/invoker.js";
import type { PickQueue } from "./pick-queue.js";
import { PickedCall } from "./picked-call.js";

/** Brings each call to the connection that the picker of the moment picks for it. */
export class PickingInvoker implements Invoker {
  readonly #queue: PickQueue;

  constructor(queue: PickQueue) {
    this.#queue = queue;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const call = new PickedCall(this.#queue, headers, options, sink);
    call.pick();
    return call;
  }
}
