/** A result in the figures of its table: what evidence keeps of it. */
import type { Load } from "./messages.js";
import {
  closedAfterMs,
  goAwaysOf,
  goodputShare,
  heldBytes,
  mebibyte,
  type Result,
  rssGrowth,
  totalOf,
} from "./result.js";

export function digestOf(result: Result): object {
  const { subject, loads, vitals, tallies, cpuIdle, cpuUnder, cpuSettledMs, probe, attacked, lost } = result;
  return rounded({
    subject,
    lost,
    perSecond: overTime(loads, ({ perSecond }) => perSecond),
    goodputShare: goodputShare(result),
    p99Ms: overTime(loads, ({ p99Us }) => p99Us / 1000),
    failedUnderAttack: loads.under?.failed,
    rssGrowthMiB: rssGrowth(result) / mebibyte,
    heldMiB: heldBytes(result) / mebibyte,
    eventLoopDelayP99Ms: {
      idle: vitals.idle && vitals.idle.loopDelayP99Us / 1000,
      under: vitals.under && vitals.under.loopDelayP99Us / 1000,
    },
    cpuShare: { idle: cpuIdle, under: cpuUnder },
    idleAgainAfterMs: cpuSettledMs,
    newConnectionMs: probe?.ms,
    attackers: {
      processes: tallies.length,
      connections: totalOf(result, ({ connections }) => connections),
      openAtEnd: totalOf(result, ({ openAtEnd }) => openAtEnd),
      units: totalOf(result, ({ units }) => units),
      bytes: totalOf(result, ({ bytes }) => bytes),
      closedAfterMs: closedAfterMs(result),
      goAways: goAwaysOf(result),
      goAwayText: tallies.find(({ goAwayText }) => goAwayText !== undefined)?.goAwayText,
      statuses: tallies[0]?.statuses,
    },
    attackedCalls: attacked,
  }) as object;
}

function overTime(loads: Result["loads"], figure: (load: Load) => number): object {
  const { idle, under, after } = loads;
  return { idle: idle && figure(idle), under: under && figure(under), after: after && figure(after) };
}

/** Whole numbers stay; of others, three digits are more than a run is worth. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(3));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rounded(entry)]));
}
