import type { Millis, Peer } from "../../base/platform.js";
import { Metadata } from "../metadata.js";
import type { Status } from "../status.js";
import type { Guard } from "./guard.js";
import type {
  AttemptListener,
  AttemptStart,
  ClientCallListener,
  ClientCallStart,
  ConnectionEvent,
  MessageSize,
  ResolutionEvent,
  ServerCallListener,
  ServerCallStart,
  StatsSink,
} from "./stats-sink.js";

/** Several sinks as one: each hears everything. */
export class CombinedSink implements StatsSink {
  readonly #guard: Guard;
  readonly #sinks: readonly StatsSink[];

  /** There where one of the sinks has it: what nobody hears is not to be told. */
  readonly onClientCall?: (call: ClientCallStart) => ClientCallListener | undefined;
  readonly onServerCall?: (call: ServerCallStart) => ServerCallListener | undefined;

  constructor(guard: Guard, sinks: readonly StatsSink[]) {
    this.#guard = guard;
    this.#sinks = sinks;
    if (sinks.some((sink) => sink.onClientCall !== undefined)) this.onClientCall = (call) => this.#onClientCall(call);
    if (sinks.some((sink) => sink.onServerCall !== undefined)) this.onServerCall = (call) => this.#onServerCall(call);
  }

  #onClientCall(call: ClientCallStart): ClientCallListener | undefined {
    const listeners = this.#sinks.flatMap((sink) => present(this.#guard.run(() => sink.onClientCall?.(call))));
    return listeners.length === 0 ? undefined : new CombinedClientCall(this.#guard, listeners);
  }

  #onServerCall(call: ServerCallStart): ServerCallListener | undefined {
    const listeners = this.#sinks.flatMap((sink) => present(this.#guard.run(() => sink.onServerCall?.(call))));
    return listeners.length === 0 ? undefined : new CombinedServerCall(this.#guard, listeners);
  }

  onConnection(event: ConnectionEvent): void {
    each(this.#guard, this.#sinks, (sink) => sink.onConnection?.(event));
  }

  onResolution(event: ResolutionEvent): void {
    each(this.#guard, this.#sinks, (sink) => sink.onResolution?.(event));
  }
}

/** Whoever hears through this listener. */
export function listenersThrough(listener: ServerCallListener | undefined): readonly ServerCallListener[] {
  if (listener instanceof CombinedServerCall) return listener.listeners.flatMap(listenersThrough);
  return present(listener);
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

class CombinedClientCall implements ClientCallListener {
  readonly #guard: Guard;
  readonly #listeners: readonly ClientCallListener[];

  constructor(guard: Guard, listeners: readonly ClientCallListener[]) {
    this.#guard = guard;
    this.#listeners = listeners;
  }

  onResolved(waitedMs: Millis): void {
    each(this.#guard, this.#listeners, (listener) => listener.onResolved?.(waitedMs));
  }

  onAttempt(attempt: AttemptStart): AttemptListener | undefined {
    const attempts = this.#listeners.flatMap((listener) =>
      present(this.#guard.run(() => listener.onAttempt?.(attempt))),
    );
    return attempts.length === 0 ? undefined : new CombinedAttempt(this.#guard, attempts);
  }

  onRetryDelay(waitedMs: Millis): void {
    each(this.#guard, this.#listeners, (listener) => listener.onRetryDelay?.(waitedMs));
  }

  onEnd(status: Status): void {
    each(this.#guard, this.#listeners, (listener) => listener.onEnd?.(status));
  }
}

class CombinedAttempt implements AttemptListener {
  readonly #guard: Guard;
  readonly #listeners: readonly AttemptListener[];

  constructor(guard: Guard, listeners: readonly AttemptListener[]) {
    this.#guard = guard;
    this.#listeners = listeners;
  }

  metadata(): Metadata | undefined {
    let all: Metadata | undefined;
    for (const listener of this.#listeners) {
      const added = this.#guard.run(() => listener.metadata?.());
      if (added !== undefined) all = (all ?? new Metadata()).merge(new Metadata(added));
    }
    return all;
  }

  onPicked(waitedMs: Millis, waitedFor: "connection" | "stream"): void {
    each(this.#guard, this.#listeners, (listener) => listener.onPicked?.(waitedMs, waitedFor));
  }

  onConnection(connection: number, peer: Peer): void {
    each(this.#guard, this.#listeners, (listener) => listener.onConnection?.(connection, peer));
  }

  onHeaders(metadata: Metadata, peer: Peer | undefined): void {
    each(this.#guard, this.#listeners, (listener) => listener.onHeaders?.(metadata, peer));
  }

  onMessageSent(message: MessageSize): void {
    each(this.#guard, this.#listeners, (listener) => listener.onMessageSent?.(message));
  }

  onMessageReceived(message: MessageSize): void {
    each(this.#guard, this.#listeners, (listener) => listener.onMessageReceived?.(message));
  }

  onSendStall(waitedMs: Millis): void {
    each(this.#guard, this.#listeners, (listener) => listener.onSendStall?.(waitedMs));
  }

  onEnd(status: Status): void {
    each(this.#guard, this.#listeners, (listener) => listener.onEnd?.(status));
  }
}

class CombinedServerCall implements ServerCallListener {
  readonly listeners: readonly ServerCallListener[];
  readonly run?: <R>(piece: () => R) => R;
  readonly #guard: Guard;

  constructor(guard: Guard, listeners: readonly ServerCallListener[]) {
    this.#guard = guard;
    this.listeners = listeners;
    for (const listener of listeners) {
      const { run: inner } = this;
      if (listener.run === undefined) continue;
      this.run =
        inner === undefined ? (piece) => enter(listener, piece) : (piece) => enter(listener, () => inner(piece));
    }
  }

  onMessageReceived(message: MessageSize): void {
    each(this.#guard, this.listeners, (listener) => listener.onMessageReceived?.(message));
  }

  onMessageSent(message: MessageSize): void {
    each(this.#guard, this.listeners, (listener) => listener.onMessageSent?.(message));
  }

  onSendStall(waitedMs: Millis): void {
    each(this.#guard, this.listeners, (listener) => listener.onSendStall?.(waitedMs));
  }

  onEnd(status: Status): void {
    each(this.#guard, this.listeners, (listener) => listener.onEnd?.(status));
  }
}

/** One that throws must not keep the others from hearing. */
function each<T>(guard: Guard, all: readonly T[], tell: (one: T) => void): void {
  for (const one of all) guard.run(() => tell(one));
}

function enter<R>(listener: ServerCallListener, piece: () => R): R {
  return listener.run === undefined ? piece() : listener.run(piece);
}
