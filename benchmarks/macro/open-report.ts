/** What a run prints of a row at a fixed offered load: what became of the load, and what the generator itself added. */
import { cost, count, describeLatency, duration, ratio, spread } from "./figures.js";
import type { PairingSummary, RowSummary } from "./summary.js";
import { renderTable } from "./table.js";

export function renderOpenLoop({ row, pairings }: RowSummary): string {
  const reference = pairings[0]?.pairing ?? "";
  const head = [
    "",
    "offered/s",
    "answered in time/s",
    `its p99 by ${reference}'s (min–max)`,
    "p50 / p99 / p99.9",
    "sent late p50 / p99",
    "most in flight",
    "CPU server",
  ];
  const body = pairings.map((summary, index) => [
    `  ${summary.pairing}`,
    ...describeLoad(summary),
    index === 0 ? "" : spread(summary.ratio, ratio),
    describeLatency(summary),
    ...describeGenerator(summary),
    `${cost(summary.serverCpuUs)} µs`,
  ]);
  const emptyTurns = pairings.flatMap(({ openLoop }) => openLoop?.emptyTurnUs ?? []);
  const pacing =
    emptyTurns.length === 0
      ? ""
      : `\n  Node's clients look at the clock every ${Math.max(...emptyTurns).toFixed(1)} µs when idle.`;
  return `${row.id}: ${row.title}\n${renderTable(head, body)}${pacing}`;
}

function describeLoad({ openLoop, rate }: PairingSummary): readonly [offered: string, answered: string] {
  if (openLoop === undefined) return ["–", "–"];
  const answered = count(rate.median);
  return [count(openLoop.offeredPerSecond), openLoop.keptUp ? answered : `OVERLOADED ${answered}`];
}

function describeGenerator({ openLoop }: PairingSummary): readonly [late: string, inFlight: string] {
  if (openLoop === undefined) return ["–", "–"];
  const { lateP50Us, lateP99Us, mostInFlight } = openLoop;
  return [`${duration(lateP50Us)} / ${duration(lateP99Us)}`, count(mostInFlight)];
}
