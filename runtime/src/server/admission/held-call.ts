import type { Platform, Timer } from "../../base/platform.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { Status } from "../../rpc/status.js";
import { deadlineExceeded } from "../call/deadline-exceeded.js";

/**
 * A call that waits until it is known whether it may run. A connection leaves its messages unread meanwhile: a stranger must
 * not have us decode and keep them. What comes all the same is kept, and said again. The call ends when its deadline
 * passes or its client leaves, whoever is still being asked.
 */
export class HeldCall implements RequestStream, ResponseSink {
  readonly #sink: ResponseSink;
  readonly #onEnd: ((status: Status) => void) | undefined;
  readonly #timer: Timer | undefined;
  /** Behind the wait: what the call has become. */
  #stream: RequestStream | undefined;
  #isEnded = false;
  readonly #messages: unknown[] = [];
  #finished: "no" | "withMessage" | "alone" = "no";
  #pulled = 0;

  /** @param onEnd Hears of a call that is over before it was decided about. */
  constructor(headers: RequestHeaders, sink: ResponseSink, platform: Platform, onEnd?: (status: Status) => void) {
    this.#sink = sink;
    this.#onEnd = onEnd;
    const { deadline, method } = headers;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const timeoutMs = Math.max(0, Math.round(deadline - platform.now()));
    this.#timer = platform.setTimer(deadline, () => this.cancel(deadlineExceeded(method.path, timeoutMs)), false);
  }

  /** It is decided about the call: it begins, unless it is over. @param begin Lets it run, or end; its answer goes to the sink. */
  admit(begin: (sink: ResponseSink) => RequestStream): void {
    if (this.#isEnded) return;
    this.#timer?.cancel();
    const stream = begin(this);
    this.#stream = stream;
    if (this.#pulled > 0) stream.pull(this.#pulled);
    const messages = this.#messages.splice(0);
    let isWritable = stream.isHeld !== true;
    for (const [i, message] of messages.entries()) {
      isWritable = stream.send(message, this.#finished === "withMessage" && i === messages.length - 1);
    }
    if (this.#finished === "alone") stream.finish();
    if (isWritable) this.onWritable();
  }

  // ---- RequestStream

  get isHeld(): boolean {
    return this.#stream === undefined || this.#stream.isHeld === true;
  }

  send(message: unknown, last: boolean): boolean {
    if (this.#stream !== undefined) return this.#stream.send(message, last);
    if (this.#isEnded) return true;
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
    } else if (!this.#isEnded) {
      this.#timer?.cancel();
      this.#messages.length = 0;
      this.#onEnd?.(status);
      this.onStatus(status);
    }
  }

  // ---- ResponseSink, of what the call has become

  onHeaders(metadata: Metadata): void {
    this.#sink.onHeaders(metadata);
  }

  onMessage(message: unknown): void {
    this.#sink.onMessage(message);
  }

  onStatus(status: Status): void {
    this.#isEnded = true;
    this.#sink.onStatus(status);
  }

  /** Nothing follows a status. */
  onWritable(): void {
    if (!this.#isEnded) this.#sink.onWritable();
  }
}
