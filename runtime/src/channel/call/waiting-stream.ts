import type { Millis } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { enterOfAmbientContext } from "../../rpc/ambient-context.js";
import type { RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { PickQueue, PickWaiter } from "./pick/pick-queue.js";
import { replay } from "./replay.js";
import { ResolvedSink, withResolving } from "./resolved-sink.js";

/**
 * A call that waits for its channel's first configuration: its method config may set a deadline and more, so it does not
 * start before. What the caller says meanwhile is kept, and said again then.
 */
export class WaitingStream implements RequestStream, PickWaiter {
  readonly #queue: PickQueue;
  readonly #sink: ResponseSink;
  readonly #begin: (sink: ResponseSink) => RequestStream;
  /** The configuration comes in the context of whoever asked for it first; interceptors are to see that of their own call. */
  readonly #enter = enterOfAmbientContext();
  #stream: RequestStream | undefined;
  readonly #since: Millis;
  readonly #messages: unknown[] = [];
  #finished: "no" | "withMessage" | "alone" = "no";
  #pulled = 0;
  #endedWith: Status | undefined;

  /** @param begin Starts the call, with where its answer goes; the configuration is there. */
  constructor(queue: PickQueue, sink: ResponseSink, begin: (sink: ResponseSink) => RequestStream) {
    this.#queue = queue;
    this.#sink = sink;
    this.#begin = begin;
    this.#since = queue.platform.now();
    queue.add(this);
  }

  onPicker(): void {
    if (!this.#queue.snapshot.isConfigured) return;
    this.#queue.delete(this);
    const stream = this.#start();
    if (stream === undefined) return;
    if (this.#endedWith !== undefined) {
      // Cancelled while it started: what is below is under way, and nobody else would tell it.
      stream.cancel(this.#endedWith);
      return;
    }
    this.#stream = stream;
    const messages = this.#messages.splice(0);
    const endsWithMessage = () => this.#finished === "withMessage";
    const writable = replay(stream, messages, this.#pulled, () => true, endsWithMessage);
    if (this.#finished === "alone") stream.finish();
    if (messages.length > 0 && writable) this.#sink.onWritable();
  }

  /** A raw interceptor that throws ends its own call, and not the control plane whose turn this is. */
  #start(): RequestStream | undefined {
    try {
      const sink = new ResolvedSink(this.#sink, this.#waitedMs);
      return this.#enter === undefined ? this.#begin(sink) : this.#enter(() => this.#begin(sink));
    } catch (cause) {
      this.#end({ code: StatusCode.INTERNAL, message: `an interceptor threw: ${textOfThrown(cause)}`, cause });
      return undefined;
    }
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    if (this.#stream !== undefined) return this.#stream.send(message, last);
    if (this.#endedWith !== undefined) return true;
    this.#messages.push(message);
    if (last) this.#finished = "withMessage";
    return false;
  }

  finish(): void {
    if (this.#stream !== undefined) this.#stream.finish();
    else this.#finished = "alone";
  }

  pull(count: number): void {
    if (this.#stream !== undefined) this.#stream.pull(count);
    else this.#pulled += count;
  }

  cancel(status: Status): void {
    if (this.#stream !== undefined) {
      this.#stream.cancel(status);
      return;
    }
    if (this.#endedWith !== undefined) return;
    this.#queue.delete(this);
    const where =
      status.code === StatusCode.DEADLINE_EXCEEDED ? ` while resolving ${JSON.stringify(this.#queue.target)}` : "";
    const message = status.message + where;
    this.#end(withResolving({ ...status, message, delivery: "not-sent" }, this.#waitedMs));
  }

  get #waitedMs(): Millis {
    return this.#queue.platform.now() - this.#since;
  }

  #end(status: Status): void {
    this.#endedWith = status;
    this.#messages.length = 0;
    this.#sink.onStatus(status);
  }
}
