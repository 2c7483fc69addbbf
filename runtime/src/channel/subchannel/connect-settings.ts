import { type BackoffOptions, connectionBackoff } from "../../base/backoff.js";
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

/** Throws TypeError for what is no time. */
export function resolveConnectSettings(options: ConnectOptions | undefined): ConnectSettings {
  if (options === undefined) return defaultConnectSettings;
  const time = (name: keyof ConnectOptions, value: number): Millis => {
    if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
    throw new TypeError(`connect.${name} is ${String(value)}: expected a number of milliseconds above 0`);
  };
  const { backoff, timeoutMs } = defaultConnectSettings;
  const initialMs = time("initialBackoffMs", options.initialBackoffMs ?? backoff.initialMs);
  const maxMs = time("maxBackoffMs", options.maxBackoffMs ?? backoff.maxMs);
  return Object.freeze({
    backoff: Object.freeze({
      ...backoff,
      initialMs: Math.max(initialMs, leastBackoffMs),
      maxMs: Math.max(maxMs, leastBackoffMs),
    }),
    timeoutMs: time("timeoutMs", options.timeoutMs ?? timeoutMs),
  });
}
