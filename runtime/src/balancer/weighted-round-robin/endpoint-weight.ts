import type { Millis } from "../../base/platform.js";
import type { LoadReport } from "../../rpc/load-report.js";
import type { WeightedRoundRobinConfig } from "./config.js";

/** How much of the load one endpoint can take, from what its server reports (gRFC A58). Nothing here reads a clock. */
export class EndpointWeight {
  #weight = 0;
  /** Since when reports have come without a gap; undefined: none has, or none in time. */
  #knownSince: Millis | undefined;
  #updatedAt: Millis = Number.NEGATIVE_INFINITY;

  /** A report that says nothing of requests or of utilization changes nothing. */
  onReport(report: LoadReport, config: WeightedRoundRobinConfig, now: Millis): void {
    const { qps, eps } = report;
    const utilization = utilizationOf(report, config.metricNames);
    if (!(qps > 0) || !(utilization > 0)) return;
    const weight = qps / (utilization + (Math.max(0, eps) / qps) * config.errorUtilizationPenalty);
    // What a server reports may be anything, and a sum with Infinity in it weighs nothing any more.
    if (!(weight > 0) || weight === Number.POSITIVE_INFINITY) return;
    this.#weight = weight;
    this.#updatedAt = now;
    this.#knownSince ??= now;
  }

  /** The endpoint is connected anew: perhaps it is another process. */
  onReady(): void {
    this.#knownSince = undefined;
    this.#updatedAt = Number.NEGATIVE_INFINITY;
  }

  /** 0: not known, or not for long enough, or not any more. */
  current(config: WeightedRoundRobinConfig, now: Millis): number {
    if (now - this.#updatedAt >= config.weightExpirationPeriodMs) {
      this.#knownSince = undefined;
      return 0;
    }
    const { blackoutPeriodMs } = config;
    const isBlackedOut = this.#knownSince === undefined || now - this.#knownSince < blackoutPeriodMs;
    return blackoutPeriodMs > 0 && isBlackedOut ? 0 : this.#weight;
  }
}

/** Prefix of the names of a report's own map; a name without it is one of its fields (gRFC A114). */
const namedPrefix = "named_metrics.";

/** What the application says of itself, else the largest of the metrics that are asked for, else the processor's load. */
function utilizationOf(report: LoadReport, metricNames: readonly string[]): number {
  const { applicationUtilization, cpuUtilization } = report;
  if (applicationUtilization > 0) return applicationUtilization;
  let largest = 0;
  for (const name of metricNames) {
    const value = metricOf(report, name) ?? 0;
    if (value > largest && value !== Number.POSITIVE_INFINITY) largest = value;
  }
  return largest > 0 ? largest : cpuUtilization;
}

function metricOf(report: LoadReport, name: string): number | undefined {
  if (name.startsWith(namedPrefix)) return report.namedMetrics.get(name.slice(namedPrefix.length));
  switch (name) {
    case "application_utilization":
      return report.applicationUtilization;
    case "cpu_utilization":
      return report.cpuUtilization;
    case "mem_utilization":
      return report.memoryUtilization;
    default:
      return undefined;
  }
}
