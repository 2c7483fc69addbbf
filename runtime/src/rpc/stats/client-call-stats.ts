import type { Millis, Peer } from "../../base/platform.js";
import { Metadata } from "../metadata.js";
import type { Status } from "../status.js";
import type { Guard } from "./guard.js";
import type { AttemptListener, AttemptStart, ClientCallListener } from "./stats-sink.js";

/** What the channel tells of one call that somebody listens to. It outlives every fault of its listener. */
export class ClientCallStats {
  readonly #guard: Guard;
  readonly #listener: ClientCallListener;

  constructor(guard: Guard, listener: ClientCallListener) {
    this.#guard = guard;
    this.#listener = listener;
  }

  onResolved(waitedMs: Millis): void {
    this.#guard.run(() => this.#listener.onResolved?.(waitedMs));
  }

  /** Undefined: nobody listens to this attempt. */
  startAttempt(attempt: AttemptStart): AttemptStats | undefined {
    const listener = this.#guard.run(() => this.#listener.onAttempt?.(attempt));
    return listener && new AttemptStats(this.#guard, listener);
  }

  onRetryDelay(waitedMs: Millis): void {
    this.#guard.run(() => this.#listener.onRetryDelay?.(waitedMs));
  }

  onEnd(status: Status): void {
    this.#guard.run(() => this.#listener.onEnd?.(status));
  }
}

/** The same of one attempt. */
export class AttemptStats {
  readonly #guard: Guard;
  readonly #listener: AttemptListener;
  #sent = 0;
  #received = 0;

  constructor(guard: Guard, listener: AttemptListener) {
    this.#guard = guard;
    this.#listener = listener;
  }

  /** What goes with it to a connection: the call's own, and what the listener adds. */
  metadataWith(own: Metadata): Metadata {
    const metadata = this.#guard.run(() => {
      const added = this.#listener.metadata?.();
      return added === undefined ? undefined : new Metadata(own).merge(new Metadata(added));
    });
    return metadata ?? own;
  }

  onPicked(waitedMs: Millis, waitedFor: "connection" | "stream"): void {
    this.#guard.run(() => this.#listener.onPicked?.(waitedMs, waitedFor));
  }

  onConnection(connection: number, peer: Peer): void {
    this.#guard.run(() => this.#listener.onConnection?.(connection, peer));
  }

  onHeaders(metadata: Metadata, peer: Peer | undefined): void {
    this.#guard.run(() => this.#listener.onHeaders?.(metadata, peer));
  }

  onMessageSent(bytes: number, wireBytes: number): void {
    const index = this.#sent++;
    this.#guard.run(() => this.#listener.onMessageSent?.({ index, bytes, wireBytes }));
  }

  onMessageReceived(bytes: number, wireBytes: number): void {
    const index = this.#received++;
    this.#guard.run(() => this.#listener.onMessageReceived?.({ index, bytes, wireBytes }));
  }

  onSendStall(waitedMs: Millis): void {
    this.#guard.run(() => this.#listener.onSendStall?.(waitedMs));
  }

  onEnd(status: Status): void {
    this.#guard.run(() => this.#listener.onEnd?.(status));
  }
}
