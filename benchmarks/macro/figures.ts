/** Figures as tables show them. */
import type { Summary } from "./statistics.js";
import type { PairingSummary } from "./summary.js";

export function describeLatency({ latency }: PairingSummary): string {
  if (latency === undefined) return "–";
  return [latency.p50Us, latency.p99Us, latency.p999Us].map(duration).join(" / ");
}

export function spread({ median: middle, min, max }: Summary, format: (value: number) => string): string {
  return `${format(middle)} (${format(min)}–${format(max)})`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

export function ratio(value: number): string {
  return `${value.toFixed(2)}×`;
}

export function duration(us: number): string {
  return us < 1000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(us < 100_000 ? 1 : 0)} ms`;
}

export function cost(us: number): string {
  return us.toFixed(us < 100 ? 1 : 0);
}
