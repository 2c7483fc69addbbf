/** The table of a bench and its gates, for people. */
import { renderTable } from "../macro/table.js";
import { type Bench, idOf } from "./benches.js";
import type { Verdict } from "./gates.js";
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

const head = [
  "",
  "idle",
  "under attack",
  "ratio",
  "p99 idle / under / after",
  "RSS growth",
  "held",
  "loop p99 idle / under",
  "CPU idle / under",
  "idle again",
  "connections (open)",
  "closed after",
  "GOAWAY",
];

export function renderBench(bench: Bench, results: readonly Result[], verdicts: readonly Verdict[]): string {
  return [
    `${idOf(bench)}: ${bench.title}`,
    renderTable(head, results.map(cellsOf)),
    ...results.flatMap(notesOf),
    ...verdicts.map(verdictLine),
    "",
  ].join("\n");
}

function verdictLine({ gate, what, observed, limit, isMet }: Verdict): string {
  return `${isMet ? "PASS" : "FAIL"} ${gate} ${what}: ${observed} (${limit})`;
}

export function summaryLine(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ isMet }) => !isMet).length;
  return failed === 0 ? `All ${verdicts.length} gates are met.` : `${failed} of ${verdicts.length} gates are not met.`;
}

function cellsOf(result: Result): string[] {
  const { subject, loads, vitals, tallies, cpuIdle, cpuUnder, cpuSettledMs } = result;
  const closed = closedAfterMs(result);
  return [
    subject,
    rate(loads.idle),
    rate(loads.under),
    percent(goodputShare(result)),
    [loads.idle, loads.under, loads.after].map((load) => ms(load && load.p99Us / 1000)).join(" / "),
    mib(rssGrowth(result)),
    mib(heldBytes(result)),
    [vitals.idle, vitals.under].map((at) => ms(at && at.loopDelayP99Us / 1000)).join(" / "),
    `${percent(cpuIdle)} / ${percent(cpuUnder)}`,
    ms(cpuSettledMs),
    tallies.length === 0
      ? "–"
      : `${totalOf(result, ({ connections }) => connections)} (${totalOf(result, ({ openAtEnd }) => openAtEnd)})`,
    closed === undefined ? "never" : ms(closed.median),
    Object.entries(goAwaysOf(result))
      .map(([code, count]) => `${code} ×${count}`)
      .join(", ") || "none",
  ];
}

/** What the table has no column for. */
function notesOf(result: Result): string[] {
  const { subject, lost, loads, tallies, attacked, probe } = result;
  const notes: string[] = [];
  if (lost !== undefined) notes.push(`LOST: ${lost}`);
  if (loads.under !== undefined && loads.under.failed > 0) {
    notes.push(`${loads.under.failed} healthy calls failed: ${loads.under.errors.join("; ")}`);
  }
  for (const tally of tallies) {
    const rates = `${count(tally.units / tally.seconds)} units/s, ${(tally.bytes / mebibyte / tally.seconds).toFixed(1)} MiB/s`;
    const statuses = Object.keys(tally.statuses).length === 0 ? "" : `, statuses ${JSON.stringify(tally.statuses)}`;
    const text = tally.goAwayText === undefined ? "" : `, "${tally.goAwayText.slice(0, 100)}"`;
    const failures = tally.failedConnects === 0 ? "" : `, ${tally.failedConnects} connects failed`;
    notes.push(`attacker: ${rates}, ${tally.resets} resets came${statuses}${failures}${text}`);
    if (tally.error !== undefined) notes.push(`attacker failed: ${tally.error}`);
  }
  if (attacked !== undefined) {
    const { started, ended, unended, slowestMs, message = "no error" } = attacked;
    notes.push(
      `${started} calls ended by code ${JSON.stringify(ended)}, ${unended} not, slowest ${ms(slowestMs)}: ${message.slice(0, 160)}`,
    );
  }
  if (probe?.error !== undefined) notes.push(`call on a new connection: ${probe.error}`);
  return notes.map((note) => `  ${subject}: ${note}`);
}

function rate(load: Load | undefined): string {
  return load === undefined ? "–" : `${count(load.perSecond)}/s`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function percent(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? "–" : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function ms(value: number | undefined): string {
  return value === undefined ? "–" : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function mib(bytes: number): string {
  return Number.isFinite(bytes) ? `${(bytes / mebibyte).toFixed(1)} MiB` : "–";
}
