import { type BackoffOptions, connectionBackoff } from "../../base/backoff.js";
import { withDefaults } from "../../base/option-group.js";
import type { Millis } from "../../base/platform.js";

/** What users say about attempts to connect (grpc/grpc doc/connection-backoff.md). */
export interface ConnectOptions {
  /** Milliseconds from the start of an attempt that fails to the next, ± 20 %; each further one is 1.6 times as far. Default 1,000; less than 100 is taken as 100. (grpc-js: grpc.initial_reconnect_backoff_ms) */
  readonly initialBackoffMs?: number | undefined;
  /** The most that it grows to, in milliseconds. Default 120,000; less than 100 is taken as 100. (grpc-js: grpc.max_reconnect_backoff_ms) */
  readonly maxBackoffMs?: number | undefined;
  /** Milliseconds that a server has to accept a connection and send its SETTINGS; as long as the backoff where that is longer. Default 20,000. */
  readonly timeoutMs?: number | undefined;
}

export interface ConnectSettings {
  readonly backoff: BackoffOptions;
  readonly timeoutMs: Millis;
}

/** Below it, a server that is down is attacked. (C-core) */
const leastBackoffMs = 100;

export const defaultConnectSettings: ConnectSettings = Object.freeze({
  backoff: connectionBackoff,
  timeoutMs: 20_000,
});

/** Throws TypeError for an option that does not exist, or is no time. */
export function resolveConnectSettings(options: ConnectOptions | undefined): ConnectSettings {
  if (options === undefined) return defaultConnectSettings;
  const { backoff, timeoutMs } = defaultConnectSettings;
  const defaults = { initialBackoffMs: backoff.initialMs, maxBackoffMs: backoff.maxMs, timeoutMs };
  const all = withDefaults("connect", options, defaults);
  const time = (name: keyof ConnectOptions): Millis => {
    const value: unknown = all[name];
    if (typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY) return value;
    throw new TypeError(`connect.${name} is ${String(value)}: expected a number of milliseconds above 0`);
  };
  return Object.freeze({
    backoff: Object.freeze({
      ...backoff,
      initialMs: Math.max(time("initialBackoffMs"), leastBackoffMs),
      maxMs: Math.max(time("maxBackoffMs"), leastBackoffMs),
    }),
    timeoutMs: time("timeoutMs"),
  });
}
