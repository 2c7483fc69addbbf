import { MessageQueue, type MessageQueueOwner, MessageStream } from "../base/message-queue.js";
import type { Peer } from "../base/platform.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { ServerStream } from "../rpc/message-source.js";
import type { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";
import { type AbortWatch, watchAbort } from "./abort-watch.js";
import { tellHeaders, tellStatus } from "./call-start.js";
import { abandonSource, RequestPump } from "./request-pump.js";

/** Messages that are asked for before the reader wants them; half of them are asked for again at a time. */
const messagesAhead = 16;

const leftTheLoop: Status = Object.freeze({
  code: StatusCode.CANCELLED,
  message: "the caller left the loop over the responses",
});

/** The answer of a call that has many response messages: a sink on one side, a queue that is read in a loop on the other. */
export class StreamedResponses implements ResponseSink, MessageQueueOwner {
  /** What the caller iterates. */
  readonly stream: ServerStream<unknown>;
  readonly #method: MethodDescriptor;
  readonly #options: CallOptions;
  /** Where requests come from; undefined when the one request is sent at once. */
  readonly #source: unknown;
  readonly #queue = new MessageQueue(this);
  /** Messages that were taken and not asked for again. */
  #taken = 0;
  #requests: RequestStream | undefined;
  #pump: RequestPump | undefined;
  #abort: AbortWatch | undefined;
  #headers: Metadata | undefined;
  #peer: Peer | undefined;
  #isEnded = false;

  constructor(method: MethodDescriptor, options: CallOptions, source?: unknown) {
    this.#method = method;
    this.#options = options;
    this.#source = source;
    this.stream = new MessageStream(this.#queue);
  }

  /** Takes the stream that `invoke` returned, and sends from the source if there is one. */
  start(requests: RequestStream): void {
    if (this.#isEnded) return;
    this.#requests = requests;
    this.#abort = watchAbort(this.#options, requests, () => this.#queue.discard());
    requests.pull(messagesAhead);
    if (this.#source === undefined || this.#isEnded) return;
    this.#pump = new RequestPump(this.#method, requests, this.#source);
    this.#pump.resume();
  }

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#headers = metadata;
    this.#peer = peer;
    tellHeaders(this.#options, metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#queue.push(message as NonNullable<unknown>);
  }

  onWritable(): void {
    this.#pump?.resume();
  }

  onStatus(status: Status): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#abort?.stop();
    tellStatus(this.#options, status);
    if (status.code === StatusCode.OK) {
      this.#queue.end();
      this.#releaseSource(undefined);
      return;
    }
    const error = StatusError.fromStatus(status, {
      method: this.#method.path,
      peer: this.#peer ?? status.peer,
      headers: this.#headers,
    });
    this.#queue.fail(error);
    this.#releaseSource(error);
  }

  onTaken(): void {
    this.#taken++;
    if (this.#taken < messagesAhead / 2) return;
    const count = this.#taken;
    this.#taken = 0;
    this.#requests?.pull(count);
  }

  onReaderLeft(): void {
    this.#requests?.cancel(leftTheLoop);
  }

  #releaseSource(error: StatusError | undefined): void {
    if (this.#pump !== undefined) this.#pump.stop(error);
    else if (this.#source !== undefined) abandonSource(this.#source, error);
  }
}
