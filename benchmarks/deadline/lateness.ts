/** By how much calls outlived their deadlines, in milliseconds. */
export interface Lateness {
  readonly calls: number;
  /** Ended before their deadline, which none may. */
  readonly early: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What 99 of 100 calls have to keep. */
export const limitMs = 5;

/** A grpc-timeout is in whole milliseconds, and clocks are read with a resolution: less than this is not early. */
const toleranceMs = 1;

export function latenessOf(values: readonly number[]): Lateness {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return {
    calls: sorted.length,
    early: sorted.filter((value) => value < -toleranceMs).length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

/** Whether the promise is kept. */
export function isKept({ calls, early, p99Ms }: Lateness): boolean {
  return calls > 0 && early === 0 && p99Ms <= limitMs;
}

export function describeLateness(side: string, lateness: Lateness): string {
  const { calls, early, p50Ms, p99Ms, maxMs } = lateness;
  const [p50, p99, max] = [p50Ms, p99Ms, maxMs].map((value) => `${value.toFixed(2)} ms`);
  const verdict = isKept(lateness) ? "kept" : "NOT KEPT";
  return `${side}: ${calls} deadlines, late by ${p50} (p50), ${p99} (p99), ${max} (most), ${early} early: within ${limitMs} ms at p99 ${verdict}`;
}
