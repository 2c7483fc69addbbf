import { enteredIterator, openSource, SourceReader, type SourceSink } from "../base/source-reader.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { toMessage } from "../codec/message-init.js";
import { enterOfAmbientContext } from "../rpc/ambient-context.js";
import type { RequestStream } from "../rpc/invoker.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { StatusCode } from "../rpc/status-code.js";
import type { StatusError } from "../rpc/status-error.js";
import { invalidMessage } from "./call-start.js";
import { Pushable } from "./pushable.js";

/** Tells a source that its call ended before reading began. An iterator that was never opened needs no `return`. */
export function abandonSource(source: unknown, error: StatusError | undefined): void {
  if (source instanceof Pushable) source.abandoned(error);
}

/** Sends what a caller's source gives, no faster than the call takes it. */
export class RequestPump implements SourceSink {
  readonly #method: MethodDescriptor;
  readonly #stream: RequestStream;
  readonly #source: unknown;
  #reader: SourceReader | undefined;
  #isStopped = false;

  constructor(method: MethodDescriptor, stream: RequestStream, source: unknown) {
    this.#method = method;
    this.#stream = stream;
    this.#source = source;
  }

  /** Begins to read the source, or goes on after `send` returned false. */
  resume(): void {
    if (this.#isStopped) return;
    if (this.#reader === undefined) this.#open();
    this.#reader?.resume();
  }

  /** The call has ended, with `error` unless well: the source is told to return. */
  stop(error?: StatusError): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#reader === undefined) {
      abandonSource(this.#source, error);
      return;
    }
    if (this.#source instanceof Pushable) this.#source.callEnded(error);
    this.#reader.stop();
  }

  onSourceMessage(init: unknown): boolean {
    let message: unknown;
    try {
      message = toMessage(this.#method.desc.input, init as Record<string, unknown>);
    } catch (cause) {
      // The source is told to return when the status has come: it is to hear of this one.
      this.#stream.cancel(invalidMessage(this.#method, cause));
      return false;
    }
    return this.#stream.send(message, false);
  }

  onSourceEnd(): void {
    this.#stream.finish();
  }

  onSourceError(cause: unknown): void {
    this.#stream.cancel({
      code: StatusCode.CANCELLED,
      message: `the source of requests of ${this.#method.path} failed: ${textOfThrown(cause)}`,
      cause,
    });
  }

  onSourceStopped(): void {
    // Nobody is left to hear how the source took it.
  }

  #open(): void {
    try {
      const iterator = openSource(this.#source);
      if (iterator === undefined) throw new TypeError("expected an Iterable or AsyncIterable of messages");
      const enter = enterOfAmbientContext();
      this.#reader = new SourceReader(enter === undefined ? iterator : enteredIterator(iterator, enter), this);
      if (this.#source instanceof Pushable) this.#source.onFailed = (error) => this.onSourceError(error);
    } catch (cause) {
      this.onSourceError(cause);
    }
  }
}
