/** Ratios of measurements that were made one behind another. */
import type { PairMeasurement } from "../macro/pair.js";
import { median, medianInterval } from "../macro/statistics.js";

/** What is compared of a measurement: more is worse, but of the rate. */
export const figures = {
  rate: ({ operations, elapsedMs }: PairMeasurement) => (operations * 1000) / elapsedMs,
  clientCpuUs: ({ clientCpuUs, operations }: PairMeasurement) => clientCpuUs / operations,
  serverCpuUs: ({ serverCpuUs, operations }: PairMeasurement) => serverCpuUs / operations,
} as const;

export type FigureName = keyof typeof figures;

/** One measurement and the one that it is compared to, of the same round. */
export interface Compared {
  readonly measurement: PairMeasurement;
  readonly base: PairMeasurement;
}

export interface Ratio {
  readonly median: number;
  /** Where the true median is, with 95 %. */
  readonly low: number;
  readonly high: number;
}

export function ratioOf(rounds: readonly Compared[], figure: FigureName): Ratio {
  const read = figures[figure];
  const ratios = rounds.map(({ measurement, base }) => read(measurement) / read(base));
  return { median: median(ratios), ...medianInterval(ratios) };
}

export function medianOf(rounds: readonly Compared[], figure: FigureName): number {
  return median(rounds.map(({ measurement }) => figures[figure](measurement)));
}
