import { Deferred } from "../base/deferred.js";
import type { Peer } from "../base/platform.js";
import { markHandled } from "../base/thenable.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";
import { type AbortWatch, watchAbort } from "./abort-watch.js";
import { tellHeaders, tellStatus } from "./call-start.js";
import { abandonSource, RequestPump } from "./request-pump.js";

/**
 * How many responses a call with one response asks for: the second is only asked for to see that it does not come. With
 * one, a server that sends two would never get to its status.
 */
const expectedAndOneMore = 2;

/** The answer of a call that has one response message: a sink that settles one promise. */
export class SingleResponse implements ResponseSink {
  readonly #method: MethodDescriptor;
  readonly #options: CallOptions;
  /** Where requests come from; undefined when the one request is sent at once. */
  readonly #source: unknown;
  readonly #answer = new Deferred<unknown>();
  #stream: RequestStream | undefined;
  #pump: RequestPump | undefined;
  #abort: AbortWatch | undefined;
  #headers: Metadata | undefined;
  #peer: Peer | undefined;
  #message: unknown;
  #count = 0;
  #isEnded = false;

  constructor(method: MethodDescriptor, options: CallOptions, source?: unknown) {
    this.#method = method;
    this.#options = options;
    this.#source = source;
  }

  /** What the caller gets. */
  get promise(): Promise<unknown> {
    return this.#answer.promise;
  }

  /** Takes the stream that `invoke` returned, and sends from the source if there is one. */
  start(stream: RequestStream): void {
    if (this.#isEnded) return;
    this.#stream = stream;
    this.#abort = watchAbort(this.#options, stream);
    stream.pull(expectedAndOneMore);
    if (this.#source === undefined || this.#isEnded) return;
    this.#pump = new RequestPump(this.#method, stream, this.#source);
    this.#pump.resume();
  }

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#headers = metadata;
    this.#peer = peer;
    tellHeaders(this.#options, metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#count++;
    if (this.#count === 1) this.#message = message;
    else this.#stream?.cancel(this.#tooMany());
  }

  onWritable(): void {
    this.#pump?.resume();
  }

  onStatus(received: Status): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#abort?.stop();
    const status = received.code === StatusCode.OK ? this.#checkedCount(received) : received;
    tellStatus(this.#options, status);
    if (status.code === StatusCode.OK) {
      this.#answer.resolve(this.#message);
      this.#releaseSource(undefined);
      return;
    }
    const error = StatusError.fromStatus(status, {
      method: this.#method.path,
      peer: this.#peer ?? status.peer,
      headers: this.#headers,
    });
    markHandled(this.promise);
    this.#answer.reject(error);
    this.#releaseSource(error);
  }

  #releaseSource(error: StatusError | undefined): void {
    if (this.#pump !== undefined) this.#pump.stop(error);
    else if (this.#source !== undefined) abandonSource(this.#source, error);
  }

  #checkedCount(status: Status): Status {
    if (this.#count === 1) return status;
    if (this.#count > 1) return this.#tooMany();
    return this.#violation(`the server of ${this.#method.path} ended with OK and no response message, expected one`);
  }

  #tooMany(): Status {
    return this.#violation(`the server of ${this.#method.path} sent a second response message, expected one`);
  }

  /** Of a client that gets too few or too many messages gRPC wants UNIMPLEMENTED (grpc/grpc doc/statuscodes.md). */
  #violation(message: string): Status {
    return { code: StatusCode.UNIMPLEMENTED, message, delivery: "processed" };
  }
}
