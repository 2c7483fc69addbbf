import { ClientCallStats } from "./client-call-stats.js";
import { Guard } from "./guard.js";
import { ServerCallStats } from "./server-call-stats.js";
import type { ClientCallStart, ConnectionEvent, ResolutionEvent, ServerCallStart, StatsSink } from "./stats-sink.js";

/** A channel's or server's side of its StatsSink; there is none where the application gave no sink. */
export class Stats {
  readonly #sink: StatsSink;
  readonly #guard: Guard;

  constructor(sink: StatsSink, warn: (message: string) => void) {
    this.#sink = sink;
    this.#guard = new Guard(warn);
  }

  startClientCall(call: ClientCallStart): ClientCallStats | undefined {
    const listener = this.#guard.run(() => this.#sink.onClientCall?.(call));
    return listener && new ClientCallStats(this.#guard, listener);
  }

  startServerCall(call: ServerCallStart): ServerCallStats | undefined {
    const listener = this.#guard.run(() => this.#sink.onServerCall?.(call));
    return listener && new ServerCallStats(this.#guard, listener);
  }

  onConnection(event: ConnectionEvent): void {
    this.#guard.run(() => this.#sink.onConnection?.(event));
  }

  onResolution(event: ResolutionEvent): void {
    this.#guard.run(() => this.#sink.onResolution?.(event));
  }
}

/** Throws TypeError for what is no sink. Undefined where there is none. */
export function statsOf(sink: StatsSink | undefined, platform: { warn(message: string): void }): Stats | undefined {
  if (sink === undefined) return undefined;
  if (typeof sink !== "object" || sink === null) {
    throw new TypeError(`stats is ${sink === null ? "null" : `a ${typeof sink}`}: expected a StatsSink`);
  }
  return new Stats(sink, (message) => platform.warn(message));
}
