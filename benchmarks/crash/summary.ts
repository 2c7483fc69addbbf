/** The journals in a few figures. */
import type { CallRecord, CrashRecord } from "./record.js";
import { brokeInAnswer, countStarts } from "./verdict.js";

export interface CrashSummary {
  readonly calls: number;
  /** Handlers that began. */
  readonly runs: number;
  /** How calls ended, `OK` or `UNAVAILABLE, unknown`, by whether they may be repeated. */
  readonly idempotent: Readonly<Record<string, number>>;
  readonly others: Readonly<Record<string, number>>;
  /** Calls whose handler began more than once: none that must not. */
  readonly idempotentRunAgain: number;
  readonly othersRunAgain: number;
  /** Server streams, of those that may be repeated, that ended behind their first message. */
  readonly idempotentBrokenInAnswer: number;
  /** The longest that a call took, and its deadline. */
  readonly worstMs: number;
  readonly timeoutMs: number;
}

export function summarize({ calls, runs, timeoutMs }: CrashRecord): CrashSummary {
  const starts = countStarts(runs);
  const idempotent = calls.filter(({ isIdempotent }) => isIdempotent);
  const others = calls.filter(({ isIdempotent }) => !isIdempotent);
  const runAgain = (some: readonly CallRecord[]): number => some.filter(({ id }) => (starts.get(id) ?? 0) > 1).length;
  return {
    calls: calls.length,
    runs: [...starts.values()].reduce((sum, count) => sum + count, 0),
    idempotent: countEnds(idempotent),
    others: countEnds(others),
    idempotentRunAgain: runAgain(idempotent),
    othersRunAgain: runAgain(others),
    idempotentBrokenInAnswer: idempotent.filter(brokeInAnswer).length,
    worstMs: Math.round(calls.reduce((worst, { tookMs }) => Math.max(worst, tookMs), 0)),
    timeoutMs,
  };
}

function countEnds(calls: readonly CallRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code = "never ended", delivery } of calls) {
    const end = delivery === undefined ? code : `${code}, ${delivery}`;
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
}
