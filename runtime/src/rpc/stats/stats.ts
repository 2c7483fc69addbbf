import type { Platform } from "../../base/platform.js";
import type { Log } from "../logger.js";
import { ClientCallStats } from "./client-call-stats.js";
import { CombinedSink } from "./combined-sink.js";
import { DiagnosticsSink } from "./diagnostics-sink.js";
import { Guard } from "./guard.js";
import { loggingSink } from "./logging-sink.js";
import { ServerCallStats } from "./server-call-stats.js";
import type { ClientCallStart, ConnectionEvent, ResolutionEvent, ServerCallStart, StatsSink } from "./stats-sink.js";

/** A channel's or server's side of whoever listens. What nobody listens to is not even described: ask `hears…` first. */
export class Stats {
  readonly #own: StatsSink | undefined;
  readonly #diagnostics: DiagnosticsSink | undefined;
  readonly #sink: StatsSink;
  readonly #guard: Guard;

  constructor(guard: Guard, own: StatsSink | undefined, diagnostics: DiagnosticsSink | undefined) {
    this.#own = own;
    this.#diagnostics = diagnostics;
    this.#guard = guard;
    const sinks = [own, diagnostics].filter((sink) => sink !== undefined);
    this.#sink = sinks.length === 1 ? (sinks[0] as StatsSink) : new CombinedSink(guard, sinks);
  }

  get hearsClientCalls(): boolean {
    return this.#own?.onClientCall !== undefined || this.#diagnostics?.hearsClientCalls === true;
  }

  get hearsServerCalls(): boolean {
    return this.#own?.onServerCall !== undefined || this.#diagnostics?.hearsServerCalls === true;
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

/** One of a platform, whose channels are the process's. */
const diagnosticsOf = new WeakMap<Platform, DiagnosticsSink>();

/** Who listens, if anybody can. Throws TypeError for what is no sink. */
export function statsOf(
  sinks: StatsSink | readonly StatsSink[] | undefined,
  platform: Platform,
  log?: Log,
): Stats | undefined {
  const guard = new Guard((message) => platform.warn(message));
  const logging = log === undefined ? [] : [loggingSink(log, () => platform.now())];
  const own = combined(guard, [...listOf(sinks), ...logging]);
  const diagnostics = diagnosticsSinkOf(platform);
  if (own === undefined && diagnostics === undefined) return undefined;
  return new Stats(guard, own, diagnostics);
}

function listOf(sinks: StatsSink | readonly StatsSink[] | undefined): readonly StatsSink[] {
  const list: readonly unknown[] = Array.isArray(sinks) ? sinks : sinks === undefined ? [] : [sinks];
  for (const sink of list) {
    if (typeof sink === "object" && sink !== null) continue;
    throw new TypeError(
      `stats is ${sink === null ? "null" : `a ${typeof sink}`}: expected a StatsSink or a list of them`,
    );
  }
  return list as readonly StatsSink[];
}

function combined(guard: Guard, sinks: readonly StatsSink[]): StatsSink | undefined {
  if (sinks.length > 1) return new CombinedSink(guard, sinks);
  return sinks[0];
}

function diagnosticsSinkOf(platform: Platform): DiagnosticsSink | undefined {
  const known = diagnosticsOf.get(platform);
  if (known !== undefined || platform.diagnosticsChannel === undefined) return known;
  const sink = new DiagnosticsSink((name) =>
    (platform.diagnosticsChannel as NonNullable<Platform["diagnosticsChannel"]>)(name),
  );
  diagnosticsOf.set(platform, sink);
  return sink;
}
