import type { Parsed } from "../../base/parsed.js";
import type { Millis } from "../../base/platform.js";
import { ConfigReader } from "../../service-config/config-reader.js";
import { parseDuration, parsePositiveDuration } from "../../service-config/duration.js";
import type { JsonObject } from "../../service-config/json.js";
import { parseUint32 } from "../../service-config/uint32.js";
import type { ChosenPolicy, PolicySource } from "../load-balancing-policy.js";

/** OutlierDetectionLoadBalancingConfig of gRPC's service_config.proto (gRFC A50). Percentages are from 0 to 100. */
export interface OutlierDetectionConfig {
  /** How often the counts are judged. */
  readonly intervalMs: Millis;
  /** The first ejection lasts this long, the second twice as long, and so on. */
  readonly baseEjectionTimeMs: Millis;
  /** The longest ejection, unless the first is longer already. */
  readonly maxEjectionTimeMs: Millis;
  /** So much of the endpoints may be ejected at once; one may in any case. */
  readonly maxEjectionPercent: number;
  readonly successRate: SuccessRateConfig | undefined;
  readonly failurePercentage: FailurePercentageConfig | undefined;
  readonly child: ChosenPolicy;
}

/** What both algorithms need before they judge. */
export interface EnforcementConfig {
  /** How likely it is that an outlier is ejected. */
  readonly enforcementPercentage: number;
  /** Endpoints with enough calls that there must be. */
  readonly minimumHosts: number;
  /** Calls in one interval from which on an endpoint is judged. */
  readonly requestVolume: number;
}

/** Ejects endpoints whose success rate is far below that of the others. */
export interface SuccessRateConfig extends EnforcementConfig {
  /** How far: in thousandths of a standard deviation. */
  readonly stdevFactor: number;
}

/** Ejects endpoints of whose calls more than `threshold` percent fail. */
export interface FailurePercentageConfig extends EnforcementConfig {
  readonly threshold: number;
}

const known = [
  "interval",
  "baseEjectionTime",
  "maxEjectionTime",
  "maxEjectionPercent",
  "successRateEjection",
  "failurePercentageEjection",
  "childPolicy",
];
const enforcementFields = ["enforcementPercentage", "minimumHosts", "requestVolume"];

export function parseOutlierDetectionConfig(
  json: JsonObject,
  path: string,
  policies: PolicySource,
): Parsed<OutlierDetectionConfig> {
  const reader = ConfigReader.open(json, path, known, policies.withoutEffect);
  const rate = reader.object("successRateEjection", ["stdevFactor", ...enforcementFields]);
  const percentage = reader.object("failurePercentageEjection", ["threshold", ...enforcementFields]);
  const own = reader.finish({
    intervalMs: reader.read("interval", parsePositiveDuration) ?? 10_000,
    baseEjectionTimeMs: reader.read("baseEjectionTime", parseDuration) ?? 30_000,
    maxEjectionTimeMs: reader.read("maxEjectionTime", parseDuration) ?? 300_000,
    maxEjectionPercent: reader.read("maxEjectionPercent", parsePercent) ?? 10,
    successRate: rate && { stdevFactor: rate.read("stdevFactor", parseCount) ?? 1900, ...readEnforcement(rate, 100) },
    failurePercentage: percentage && {
      threshold: percentage.read("threshold", parsePercent) ?? 85,
      ...readEnforcement(percentage, 50),
    },
  });
  if ("error" in own) return own;
  const child = policies.choose(reader.field("childPolicy"), reader.pathOf("childPolicy"));
  return "error" in child ? child : { value: { ...own.value, child: child.value } };
}

function readEnforcement(reader: ConfigReader, requestVolume: number): EnforcementConfig {
  return {
    enforcementPercentage: reader.read("enforcementPercentage", parsePercent) ?? 100,
    minimumHosts: reader.read("minimumHosts", parseCount) ?? 5,
    requestVolume: reader.read("requestVolume", parseCount) ?? requestVolume,
  };
}

const parsePercent = (json: unknown): Parsed<number> => parseUint32(json, "from 0 to 100", 0, 100);
const parseCount = (json: unknown): Parsed<number> => parseUint32(json, "from 0 to 4294967295");
