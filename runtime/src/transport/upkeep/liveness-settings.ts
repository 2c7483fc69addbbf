import { checkBoolean, withDefaults } from "../../base/option-group.js";
import type { Millis } from "../../base/platform.js";
import type { KeepaliveTimes } from "./keepalive.js";
import type { TrustSettings } from "./trust.js";

/** How a client notices that its server is gone although nobody said so. */
export interface LivenessSettings extends KeepaliveTimes, TrustSettings {
  /** Whether keepalive asks while no call runs, too. */
  readonly permitWithoutCalls: boolean;
}

/** What users give: the settings that they care for. */
export interface KeepaliveOptions {
  /** Milliseconds without a byte from the server after which a connection with running calls sends a PING. Default and Infinity: none is sent. Less than 10,000 is taken as 10,000 (gRFC A8). (grpc-js: grpc.keepalive_time_ms) */
  readonly timeMs?: number | undefined;
  /** Milliseconds that the server then has to send anything; else the connection is lost, and its calls with it. Default 20,000; Infinity waits for ever. (grpc-js: grpc.keepalive_timeout_ms) */
  readonly timeoutMs?: number | undefined;
  /** Whether PINGs are sent while no call runs, too. A server has to permit that: most end such a connection with too_many_pings. Default false. (grpc-js: grpc.keepalive_permit_without_calls) */
  readonly permitWithoutCalls?: boolean | undefined;
  /** Milliseconds without a byte from the server after which the next call waits for the answer to a PING first: firewalls forget silent connections. Default 60,000; Infinity trusts every connection. Less than 10,000 is taken as 10,000. */
  readonly verifyIdleMs?: number | undefined;
  /** Milliseconds that the server has for that answer; else the connection is replaced, and no call fails by it. Default 5,000. */
  readonly verifyTimeoutMs?: number | undefined;
}

const defaultLiveness: LivenessSettings = Object.freeze({
  timeMs: Number.POSITIVE_INFINITY,
  timeoutMs: 20_000,
  permitWithoutCalls: false,
  verifyIdleMs: 60_000,
  verifyTimeoutMs: 5_000,
});

/** gRFC A8: what is smaller is taken as ten seconds. */
const leastIdleMs = 10_000;

/** Throws TypeError for an option that does not exist, or has no sense. */
export function resolveLiveness(options: KeepaliveOptions | undefined): LivenessSettings {
  if (options === undefined) return defaultLiveness;
  const all = withDefaults("keepalive", options, defaultLiveness);
  const time = (name: Exclude<keyof KeepaliveOptions, "permitWithoutCalls">): Millis => {
    const value: unknown = all[name];
    if (typeof value === "number" && value > 0) return value;
    throw new TypeError(`keepalive.${name} is ${String(value)}: expected a number of milliseconds above 0`);
  };
  return Object.freeze({
    timeMs: Math.max(time("timeMs"), leastIdleMs),
    timeoutMs: time("timeoutMs"),
    permitWithoutCalls: checkBoolean("keepalive.permitWithoutCalls", all.permitWithoutCalls),
    verifyIdleMs: Math.max(time("verifyIdleMs"), leastIdleMs),
    verifyTimeoutMs: time("verifyTimeoutMs"),
  });
}

/** For an address whose server has complained so often that pings are to be so many times rarer. */
export function slowerLiveness(settings: LivenessSettings, factor: number): LivenessSettings {
  if (factor === 1) return settings;
  return { ...settings, timeMs: settings.timeMs * factor, verifyIdleMs: settings.verifyIdleMs * factor };
}
