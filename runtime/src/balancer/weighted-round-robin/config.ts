import type { Parsed } from "../../base/parsed.js";
import type { Millis } from "../../base/platform.js";
import { parseBoolean } from "../../service-config/boolean.js";
import { ConfigReader } from "../../service-config/config-reader.js";
import { parseDuration } from "../../service-config/duration.js";
import { type JsonObject, show } from "../../service-config/json.js";
import type { PolicySource } from "../load-balancing-policy.js";

/** WeightedRoundRobinLbConfig of gRPC's service_config.proto (gRFC A58, A114). */
export interface WeightedRoundRobinConfig {
  /** Milliseconds between reports that are asked for apart from calls; undefined: reports come with calls. */
  readonly oobReportingPeriodMs: Millis | undefined;
  /** How long reports must have come before they count: a server that has just started is not judged by its first second. */
  readonly blackoutPeriodMs: Millis;
  /** How long a report counts. */
  readonly weightExpirationPeriodMs: Millis;
  /** How often the weights are looked at. */
  readonly weightUpdatePeriodMs: Millis;
  /** By how much a server's part of failed requests counts as utilization. */
  readonly errorUtilizationPenalty: number;
  /** Metrics that stand for utilization where the application reports none: the largest counts. */
  readonly metricNames: readonly string[];
}

/** gRFC A58: smaller values count as this. */
const minWeightUpdatePeriodMs = 100;

const known = [
  "enableOobLoadReport",
  "oobReportingPeriod",
  "blackoutPeriod",
  "weightExpirationPeriod",
  "weightUpdatePeriod",
  "errorUtilizationPenalty",
  "metricNamesForComputingUtilization",
];

export function parseWeightedRoundRobinConfig(
  json: JsonObject,
  path: string,
  { withoutEffect }: PolicySource,
): Parsed<WeightedRoundRobinConfig> {
  const reader = ConfigReader.open(json, path, known, withoutEffect);
  const isOutOfBand = reader.read("enableOobLoadReport", parseBoolean) ?? false;
  const oobReportingPeriodMs = reader.read("oobReportingPeriod", parseDuration) ?? 10_000;
  const weightUpdatePeriodMs = reader.read("weightUpdatePeriod", parseDuration) ?? 1000;
  return reader.finish({
    oobReportingPeriodMs: isOutOfBand ? oobReportingPeriodMs : undefined,
    blackoutPeriodMs: reader.read("blackoutPeriod", parseDuration) ?? 10_000,
    weightExpirationPeriodMs: reader.read("weightExpirationPeriod", parseDuration) ?? 180_000,
    weightUpdatePeriodMs: Math.max(minWeightUpdatePeriodMs, weightUpdatePeriodMs),
    errorUtilizationPenalty: reader.read("errorUtilizationPenalty", parsePenalty) ?? 1,
    metricNames: reader.read("metricNamesForComputingUtilization", parseMetricNames) ?? [],
  });
}

function parsePenalty(json: unknown): Parsed<number> {
  if (typeof json === "number" && json >= 0) return { value: json };
  return { error: `is ${show(json)}: expected a number of 0 or more` };
}

const metricName = /^(application_utilization|cpu_utilization|mem_utilization|named_metrics\..+)$/;

function parseMetricNames(json: unknown): Parsed<readonly string[]> {
  if (!Array.isArray(json)) return { error: `is ${show(json)}: expected a list of names` };
  const wrong = json.findIndex((name) => typeof name !== "string" || !metricName.test(name));
  if (wrong < 0) return { value: json as string[] };
  const expected = "application_utilization, cpu_utilization, mem_utilization or named_metrics.<name>";
  return { error: `has ${show(json[wrong])}: expected ${expected}` };
}
