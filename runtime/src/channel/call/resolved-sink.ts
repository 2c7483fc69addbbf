import type { Millis, Peer } from "../../base/platform.js";
import { noTimings } from "../../rpc/call-timings.js";
import type { ResponseSink } from "../../rpc/invoker.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";

/** Passes the answer of a call on that had to wait for its channel's first configuration; a status that tells of the call's way says for how long. */
export class ResolvedSink implements ResponseSink {
  readonly #sink: ResponseSink;
  readonly #resolvingMs: Millis;

  constructor(sink: ResponseSink, resolvingMs: Millis) {
    this.#sink = sink;
    this.#resolvingMs = resolvingMs;
  }

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#sink.onMessage(message);
  }

  onStatus(status: Status): void {
    const isPlain = status.code === StatusCode.OK && status.attempts === undefined;
    this.#sink.onStatus(isPlain ? status : withResolving(status, this.#resolvingMs));
  }

  onWritable(): void {
    this.#sink.onWritable();
  }
}

export function withResolving(status: Status, resolvingMs: Millis): Status {
  return { ...status, timings: { ...(status.timings ?? noTimings), resolvingMs } };
}
