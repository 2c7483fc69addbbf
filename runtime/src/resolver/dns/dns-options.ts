import type { Millis } from "../../base/platform.js";

/** What may be said about `dns:` targets. */
export interface DnsResolverOptions {
  /**
   * Milliseconds after which a name is looked up again while its connections are healthy, so that servers that were added
   * are found. A TTL, where the answer has one, holds in its place. Never sooner than `minIntervalMs`; up to a fifth later,
   * so that many clients do not ask at once. Default 30,000. Infinity: only when a connection is lost, whatever the TTL.
   */
  readonly refreshMs?: number;
  /**
   * Least milliseconds from one successful resolution to the next, however often it is asked for. Default 30,000, minimum
   * 1000. (grpc-js: grpc.dns_min_time_between_resolutions_ms)
   */
  readonly minIntervalMs?: number;
  /**
   * Who answers for targets that name no DNS server: `system` (default), as every program of this host resolves names,
   * with its hosts file and search domains but without TTLs; or `dns`, the system's DNS servers asked directly, with TTLs.
   */
  readonly source?: "system" | "dns";
  /**
   * Whether to take a service config from the TXT record at `_grpc_config.<host>` (gRFC A2). Default false: whoever can
   * write the record decides how this channel's calls behave. (grpc-js: the opposite of grpc.service_config_disable_resolution)
   */
  readonly serviceConfig?: boolean;
}

/** With every default filled in. */
export interface DnsSettings {
  readonly refreshMs: Millis;
  readonly minIntervalMs: Millis;
  readonly source: "system" | "dns";
  readonly serviceConfig: boolean;
}

/** Below, a name server would be flooded, and a TTL of 0 would be a loop. */
const leastIntervalMs = 1000;

/** Throws TypeError when an option is not valid. */
export function dnsSettings(options: DnsResolverOptions): DnsSettings {
  const { refreshMs = 30_000, minIntervalMs = 30_000, source = "system", serviceConfig = false } = options;
  checkMillis("refreshMs", refreshMs);
  checkMillis("minIntervalMs", minIntervalMs);
  if (source !== "system" && source !== "dns") {
    throw new TypeError(`source is ${JSON.stringify(source)}: expected "system" or "dns"`);
  }
  return { refreshMs, minIntervalMs, source, serviceConfig };
}

function checkMillis(name: string, value: number): void {
  if (typeof value === "number" && value >= leastIntervalMs) return;
  throw new TypeError(`${name} is ${String(value)}: expected a number of milliseconds of ${leastIntervalMs} or more`);
}
