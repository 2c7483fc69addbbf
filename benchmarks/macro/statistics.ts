/** Summaries of the rounds of a row. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? Number.NaN) : upper;
  return { median: (lower + upper) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

export function median(values: readonly number[]): number {
  return summarize(values).median;
}

/**
 * Where the true median lies with at least 95 %, whatever the values are distributed like: between two of the values
 * themselves, by the binomial distribution. Fewer than six values say nothing.
 */
export function medianInterval(values: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // How likely it is that at most `rank` values lie below the median.
  let probability = 0.5 ** n;
  let below = probability;
  let rank = -1;
  while (below <= 0.025 && rank < n) {
    rank++;
    probability *= (n - rank) / (rank + 1);
    below += probability;
  }
  if (rank < 0) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return { low: sorted[rank] as number, high: sorted[n - 1 - rank] as number };
}
