import type { Millis, Peer } from "../../../base/platform.js";
import type { RequestStream, ResponseSink } from "../../../rpc/invoker.js";
import type { Metadata } from "../../../rpc/metadata.js";
import type { Status } from "../../../rpc/status.js";

/** What an attempt tells the call that it belongs to. */
export interface HedgeOwner {
  onAttemptHeaders(attempt: HedgeAttempt, metadata: Metadata, peer?: Peer): void;
  onAttemptMessage(attempt: HedgeAttempt, message: unknown): void;
  onAttemptStatus(attempt: HedgeAttempt, status: Status): void;
  onAttemptWritable(attempt: HedgeAttempt): void;
  onAttemptEncoded(attempt: HedgeAttempt, index: number, bytes: number): void;
}

/** One of several attempts of a call that run at the same time. */
export class HedgeAttempt implements ResponseSink {
  readonly startedAt: Millis;
  readonly #owner: HedgeOwner;
  /** There as soon as `invoke` has returned. */
  stream: RequestStream | undefined;
  isOver = false;

  constructor(owner: HedgeOwner, startedAt: Millis) {
    this.#owner = owner;
    this.startedAt = startedAt;
  }

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#owner.onAttemptHeaders(this, metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#owner.onAttemptMessage(this, message);
  }

  onStatus(status: Status): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#owner.onAttemptStatus(this, status);
  }

  onWritable(): void {
    this.#owner.onAttemptWritable(this);
  }

  onEncoded(index: number, bytes: number): void {
    this.#owner.onAttemptEncoded(this, index, bytes);
  }
}
