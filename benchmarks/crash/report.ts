/** What a run prints. */
import type { CrashRecord } from "./record.js";
import { summarize } from "./summary.js";
import { findFailures, lateLimitMs } from "./verdict.js";

export function renderVerdict(record: CrashRecord): string {
  const summary = summarize(record);
  const failures = findFailures(record);
  return [
    `${record.kills} kills, ${grouped(summary.calls)} calls, ${grouped(summary.runs)} runs of handlers`,
    `calls that may be repeated: ${describeEnds(summary.idempotent)}; ${summary.idempotentRunAgain} ran again, ${summary.idempotentBrokenInAnswer} broke within their answer`,
    `calls that may not: ${describeEnds(summary.others)}; ${summary.othersRunAgain} ran again`,
    `the longest took ${summary.worstMs} ms (limit ${summary.timeoutMs + lateLimitMs})`,
    ...failures.map((failure) => `FAILED: ${failure}`),
    failures.length === 0 ? "passed" : "failed",
  ].join("\n");
}

function describeEnds(ends: Readonly<Record<string, number>>): string {
  return Object.entries(ends)
    .map(([end, count]) => `${grouped(count)} × ${end}`)
    .join("; ");
}

function grouped(count: number): string {
  return count.toLocaleString("en-GB");
}
