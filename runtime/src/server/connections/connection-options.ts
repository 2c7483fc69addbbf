import { checkBoolean, withDefaults } from "../../base/option-group.js";
import type { UpkeepOptions } from "../../transport/upkeep/server-upkeep.js";

/** Keepalive of a server's connections, in both directions (gRFC A8, A9). */
export interface ServerKeepaliveOptions {
  /** A client that said nothing for so long is asked by a PING whether it is there, in milliseconds. Default 7,200,000 (2 hours), least 1000; Infinity never asks. (grpc-js: grpc.keepalive_time_ms) */
  readonly timeMs?: number | undefined;
  /** Time that it has for an answer, in milliseconds; then its connection ends. Default 20,000, least 1; Infinity waits for ever. (grpc-js: grpc.keepalive_timeout_ms) */
  readonly timeoutMs?: number | undefined;
  /**
   * Least time between two PINGs of a client, in milliseconds. Two may come sooner; the third ends the connection with
   * GOAWAY "too_many_pings". What we send begins the count anew, so PINGs that measure bandwidth are no matter. Default 300,000
   * (5 minutes); 0 permits any number that is no flood; Infinity permits one. (grpc-js has none; C-core: grpc.http2.min_ping_interval_without_data_ms)
   */
  readonly minPingIntervalMs?: number | undefined;
  /** Whether a client without a call may send as many; else it has to wait 2 hours between two. Default false. (C-core: grpc.keepalive_permit_without_calls) */
  readonly permitWithoutCalls?: boolean | undefined;
}

/** When a server sends its clients away (gRFC A9): GOAWAY, and the running calls go on. */
export interface ConnectionAgeOptions {
  /** Time without a call, in milliseconds. Default Infinity: for ever; least 1. (grpc-js: grpc.max_connection_idle_ms) */
  readonly maxConnectionIdleMs?: number | undefined;
  /** Age of a connection, in milliseconds, for each another within a tenth of it. Default Infinity, least 1. (grpc-js: grpc.max_connection_age_ms) */
  readonly maxConnectionAgeMs?: number | undefined;
  /** Time that the calls of a connection have that was sent away by one of these, in milliseconds. Default Infinity; 0 ends them at once. (grpc-js: grpc.max_connection_age_grace_ms) */
  readonly maxConnectionAgeGraceMs?: number | undefined;
}

const defaultKeepalive = {
  timeMs: 7_200_000,
  timeoutMs: 20_000,
  minPingIntervalMs: 300_000,
  permitWithoutCalls: false,
};
const defaultAge = {
  maxConnectionIdleMs: Number.POSITIVE_INFINITY,
  maxConnectionAgeMs: Number.POSITIVE_INFINITY,
  maxConnectionAgeGraceMs: Number.POSITIVE_INFINITY,
};
/** Below a second, PINGs would be the most of an idle server's work (grpc-go clamps to it). */
const leastKeepaliveMs = 1000;

/** Throws TypeError when an option does not exist or has no sense. */
export function resolveUpkeep(options: {
  readonly keepalive?: ServerKeepaliveOptions | undefined;
  readonly connectionAge?: ConnectionAgeOptions | undefined;
}): UpkeepOptions {
  const keepalive = withDefaults("keepalive", options.keepalive, defaultKeepalive);
  const age = withDefaults("connectionAge", options.connectionAge, defaultAge);
  checkTime("keepalive.timeMs", keepalive.timeMs, leastKeepaliveMs);
  checkTime("keepalive.timeoutMs", keepalive.timeoutMs, 1);
  checkTime("keepalive.minPingIntervalMs", keepalive.minPingIntervalMs, 0);
  checkTime("connectionAge.maxConnectionIdleMs", age.maxConnectionIdleMs, 1);
  checkTime("connectionAge.maxConnectionAgeMs", age.maxConnectionAgeMs, 1);
  checkTime("connectionAge.maxConnectionAgeGraceMs", age.maxConnectionAgeGraceMs, 0);
  return {
    keepalive: { timeMs: keepalive.timeMs, timeoutMs: keepalive.timeoutMs },
    pings: {
      minIntervalMs: keepalive.minPingIntervalMs,
      permitWithoutCalls: checkBoolean("keepalive.permitWithoutCalls", keepalive.permitWithoutCalls),
    },
    age: {
      maxIdleMs: age.maxConnectionIdleMs,
      maxAgeMs: age.maxConnectionAgeMs,
      graceMs: age.maxConnectionAgeGraceMs,
    },
  };
}

function checkTime(name: string, value: unknown, least: number): void {
  if (typeof value === "number" && value >= least) return;
  throw new TypeError(`${name} is ${String(value)}: expected a number of ${least} or more, in milliseconds`);
}
