import type { Peer } from "../../src/base/platform.js";
import type { RawInterceptor } from "../../src/rpc/interceptor.js";
import type { RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import type { Metadata } from "../../src/rpc/metadata.js";
import type { Status } from "../../src/rpc/status.js";
import type { World } from "./world/world.js";

/** Stands in the way of every call and holds those below to the grammar of a ResponseSink (rpc/invoker.ts). */
export function checkedDoor(world: World, where: string): RawInterceptor {
  return (next) => ({
    invoke(headers, options, sink) {
      const checked = new CheckedSink(world, `${where} ${headers.method.path}`, sink);
      return new CheckedStream(checked, next.invoke(headers, options, checked));
    },
  });
}

class CheckedSink implements ResponseSink {
  pulled = 0;
  #headers = 0;
  #messages = 0;
  #statuses = 0;

  constructor(
    readonly world: World,
    readonly what: string,
    readonly sink: ResponseSink,
  ) {}

  onHeaders(metadata: Metadata, peer?: Peer): void {
    if (this.#headers++ > 0) this.#wrong("has headers twice");
    if (this.#messages > 0) this.#wrong("has headers behind a message");
    if (this.#statuses > 0) this.#wrong("has headers behind its status");
    this.sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#messages++;
    if (this.#headers === 0) this.#wrong("has a message before its headers");
    if (this.#statuses > 0) this.#wrong("has a message behind its status");
    if (this.#messages > this.pulled) this.#wrong(`has ${this.#messages} messages, ${this.pulled} were pulled`);
    this.sink.onMessage(message);
  }

  onStatus(status: Status): void {
    if (this.#statuses++ > 0) this.#wrong("has two statuses");
    this.sink.onStatus(status);
  }

  onWritable(): void {
    this.sink.onWritable();
  }

  #wrong(clause: string): void {
    this.world.violate("one-end", `a call at ${this.what} ${clause}`);
  }
}

class CheckedStream implements RequestStream {
  readonly #sink: CheckedSink;
  readonly #inner: RequestStream;

  constructor(sink: CheckedSink, inner: RequestStream) {
    this.#sink = sink;
    this.#inner = inner;
  }

  send(message: unknown, last: boolean): boolean {
    return this.#inner.send(message, last);
  }

  finish(): void {
    this.#inner.finish();
  }

  pull(count: number): void {
    this.#sink.pulled += count;
    this.#inner.pull(count);
  }

  cancel(status: Status): void {
    this.#inner.cancel(status);
  }
}
