/** The judgement at the end of each interval (gRFC A50). Nothing here reads a clock or throws dice. */
import type { Millis } from "../../base/platform.js";
import type {
  EnforcementConfig,
  FailurePercentageConfig,
  OutlierDetectionConfig,
  SuccessRateConfig,
} from "./config.js";
import type { EndpointRecord } from "./endpoint-record.js";

/** What one judgement works with. */
interface Sweep {
  readonly records: readonly EndpointRecord[];
  readonly maxEjectionPercent: number;
  readonly now: Millis;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Ejects the outliers of the interval that ends now, and takes back those whose time is over. */
export function sweepEndpoints(
  records: readonly EndpointRecord[],
  config: OutlierDetectionConfig,
  now: Millis,
  random: () => number,
): void {
  const sweep: Sweep = { records, maxEjectionPercent: config.maxEjectionPercent, now, random };
  for (const record of records) record.closeInterval();
  if (config.successRate !== undefined) judgeSuccessRates(sweep, config.successRate);
  if (config.failurePercentage !== undefined) judgeFailures(sweep, config.failurePercentage);
  for (const record of records) record.settle(config.baseEjectionTimeMs, config.maxEjectionTimeMs, now);
}

function judgeSuccessRates(sweep: Sweep, config: SuccessRateConfig): void {
  const judged = recordsToJudge(sweep, config);
  if (judged.length < config.minimumHosts) return;
  const mean = judged.reduce((sum, record) => sum + record.successRate, 0) / judged.length;
  const variance = judged.reduce((sum, record) => sum + (record.successRate - mean) ** 2, 0) / judged.length;
  const required = mean - Math.sqrt(variance) * (config.stdevFactor / 1000);
  ejectThose(sweep, judged, config, (record) => record.successRate < required);
}

function judgeFailures(sweep: Sweep, config: FailurePercentageConfig): void {
  const judged = recordsToJudge(sweep, config);
  if (judged.length < config.minimumHosts) return;
  ejectThose(sweep, judged, config, (record) => record.failureRate * 100 > config.threshold);
}

function recordsToJudge({ records }: Sweep, { requestVolume }: EnforcementConfig): readonly EndpointRecord[] {
  return records.filter((record) => record.volume > 0 && record.volume >= requestVolume);
}

/** One endpoint may be ejected however few there are. */
function ejectThose(
  { records, maxEjectionPercent, now, random }: Sweep,
  judged: readonly EndpointRecord[],
  { enforcementPercentage }: EnforcementConfig,
  isOutlier: (record: EndpointRecord) => boolean,
): void {
  let ejected = records.filter((record) => record.isEjected).length;
  for (const record of judged) {
    if (ejected > 0 && (ejected / records.length) * 100 >= maxEjectionPercent) return;
    if (record.isEjected || !isOutlier(record) || Math.floor(random() * 100) >= enforcementPercentage) continue;
    record.eject(now);
    ejected++;
  }
}
