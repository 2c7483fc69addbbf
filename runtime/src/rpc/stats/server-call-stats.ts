import type { Millis } from "../../base/platform.js";
import type { Status } from "../status.js";
import type { Guard } from "./guard.js";
import type { ServerCallListener } from "./stats-sink.js";

/** What a server tells of one call that somebody listens to. It outlives every fault of its listener. */
export class ServerCallStats {
  readonly listener: ServerCallListener;
  readonly #guard: Guard;
  #sent = 0;
  #received = 0;
  #isOver = false;

  constructor(guard: Guard, listener: ServerCallListener) {
    this.#guard = guard;
    this.listener = listener;
  }

  /** Runs a piece of the handler, in the listener's scope if it has one; whatever the listener does, it runs once. */
  run<R>(piece: () => R): R {
    const { listener } = this;
    if (listener.run === undefined) return piece();
    let outcome: Outcome<R> | undefined;
    const once = (): R | undefined => {
      outcome ??= outcomeOf(piece);
      return "value" in outcome ? outcome.value : undefined;
    };
    this.#guard.run(() => listener.run?.(once));
    outcome ??= outcomeOf(piece);
    if ("value" in outcome) return outcome.value;
    throw outcome.thrown;
  }

  onMessageReceived(bytes: number, wireBytes: number): void {
    const index = this.#received++;
    this.#guard.run(() => this.listener.onMessageReceived?.({ index, bytes, wireBytes }));
  }

  onMessageSent(bytes: number, wireBytes: number): void {
    const index = this.#sent++;
    this.#guard.run(() => this.listener.onMessageSent?.({ index, bytes, wireBytes }));
  }

  onSendStall(waitedMs: Millis): void {
    this.#guard.run(() => this.listener.onSendStall?.(waitedMs));
  }

  /** Only the first counts: what ended the call on the wire, or the handler. */
  onEnd(status: Status): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#guard.run(() => this.listener.onEnd?.(status));
  }
}

type Outcome<R> = { readonly value: R } | { readonly thrown: unknown };

function outcomeOf<R>(piece: () => R): Outcome<R> {
  try {
    return { value: piece() };
  } catch (thrown) {
    return { thrown };
  }
}
