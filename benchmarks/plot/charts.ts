/** Which charts are drawn of a record, and of which of its rows. */
import { type Bar, type BarGroup, type BarPanel, barChart } from "./bar-chart.js";
import { type Line, lineChart } from "./line-chart.js";
import { memoryChart } from "./memory-chart.js";
import { compact, duration } from "./numbers.js";
import type { BenchRecord, RecordedRound } from "./record.js";
import { orderOf } from "./theme.js";

export interface Chart {
  /** Without its folder. */
  readonly file: string;
  readonly svg: string;
}

interface NamedRow {
  readonly row: string;
  readonly label: string;
}

const spreadNote = "Median of the rounds; thin lines reach from the slowest round to the fastest.";

/** Those for which the record has rows. */
export function chartsOf(record: BenchRecord): readonly Chart[] {
  const charts: readonly (readonly [file: string, svg: string | undefined])[] = [
    ["performance-unary.svg", unaryChart(record)],
    ["performance-mixed.svg", mixedChart(record)],
    ["performance-streams.svg", streamsChart(record)],
    ["performance-large.svg", largeChart(record)],
    ["performance-tls.svg", tlsChart(record)],
    ["performance-latency.svg", latencyChart(record)],
    ["performance-memory.svg", memoryChart(record.memory, record.describe())],
  ];
  return charts.flatMap(([file, svg]) => (svg === undefined ? [] : { file, svg }));
}

function unaryChart(record: BenchRecord): string | undefined {
  const rows = numbered(record, /^headline-(\d+)$/, "in flight");
  return rates(record, "Unary calls with deadline and metadata, 64 B", [{ unit: "calls/s", rows }]);
}

/** Clients of some libraries, each with the servers of others: bars have the colour of the server. */
function mixedChart(record: BenchRecord): string | undefined {
  const row = "mixed-headline-100";
  const mixed = record.pairingsOf(row).filter(isMixed);
  if (mixed.length === 0) return undefined;
  const libraries = new Set(mixed.flatMap((pairing) => pairing.split("/")));
  const pairings = record.pairingsOf(row).filter((pairing) => libraries.has(clientOf(pairing)));
  const clients = [...new Set(pairings.map(clientOf))].sort((a, b) => orderOf(a) - orderOf(b));
  const groups = clients.map((client): BarGroup => {
    const bars = pairings
      .filter((pairing) => clientOf(pairing) === client)
      .map((pairing) => ({ ...barOf(record, row, pairing), pairing: pairing.split("/").at(-1) as string }))
      .sort((a, b) => orderOf(a.pairing) - orderOf(b.pairing));
    return { label: `client: ${client}`, bars };
  });
  const notes = [`Colours are those of the server. ${spreadNote}`, record.describe()] as const;
  return barChart("Unary calls, 100 in flight: each client with each server", notes, [
    { unit: "calls/s", groups, format: compact },
  ]);
}

function streamsChart(record: BenchRecord): string | undefined {
  const rows = present(record, [
    { row: "server-stream", label: "server stream" },
    { row: "client-stream", label: "client stream" },
    { row: "ping-pong", label: "bidi, 100 in flight" },
  ]);
  return rates(record, "Streams of 64 B messages", [{ unit: "messages/s", rows }]);
}

function largeChart(record: BenchRecord): string | undefined {
  const rows = numbered(record, /^large-(\d+)$/, "in flight");
  return rates(record, "1 MiB there and back, unary", [{ unit: "MiB/s", rows }]);
}

function tlsChart(record: BenchRecord): string | undefined {
  const panels = [
    { unit: "calls/s", rows: present(record, [{ row: "tls-headline-100", label: "unary, 100 in flight" }]) },
    { unit: "messages/s", rows: present(record, [{ row: "tls-server-stream", label: "server stream" }]) },
    { unit: "MiB/s", rows: present(record, [{ row: "tls-large-1", label: "1 MiB, 1 in flight" }]) },
  ];
  return rates(record, "The same over TLS 1.3", panels);
}

const quantiles: readonly { readonly title: string; readonly figure: (round: RecordedRound) => number | undefined }[] =
  [
    { title: "p50", figure: ({ p50Us }) => p50Us },
    { title: "p99", figure: ({ p99Us }) => p99Us },
    { title: "p99.9", figure: ({ p999Us }) => p999Us },
  ];

function latencyChart(record: BenchRecord): string | undefined {
  const rows = record.rows.filter((row) =>
    record
      .pairingsOf(row)
      .some((pairing) => record.roundsOf(row, pairing).some(({ openLoop }) => openLoop !== undefined)),
  );
  if (rows.length === 0) return undefined;
  const pairings = [...new Set(rows.flatMap((row) => record.pairingsOf(row)))];
  const panels = quantiles.map(({ title, figure }) => ({
    title,
    lines: pairings.map((pairing) => latencyLine(record, rows, pairing, figure)),
  }));
  const note =
    "Calls are due at random times, and latency counts from then. Rings: less than 95 % was answered in time, be it for the pair or for what made the calls.";
  const axes = { xTitle: "offered load, calls/s", formatX: compact, formatY: duration };
  return lineChart("Latency at fixed offered load", [note, record.describe()], panels, axes);
}

function latencyLine(
  record: BenchRecord,
  rows: readonly string[],
  pairing: string,
  figure: (round: RecordedRound) => number | undefined,
): Line {
  const points = rows.flatMap((row) => {
    const x = record.medianOf(row, pairing, ({ openLoop, elapsedMs }) => openLoop && (openLoop.due * 1000) / elapsedMs);
    const y = record.medianOf(row, pairing, figure);
    if (x === undefined || y === undefined) return [];
    const share = record.medianOf(row, pairing, ({ openLoop, operations }) => openLoop && operations / openLoop.due);
    return { x, y, hollow: (share ?? 1) < 0.95 };
  });
  return { pairing, points: points.sort((a, b) => a.x - b.x) };
}

interface PanelRows {
  readonly unit: string;
  readonly rows: readonly NamedRow[];
}

/** Each library with itself. Undefined when no panel has a row. */
function rates(record: BenchRecord, title: string, panels: readonly PanelRows[]): string | undefined {
  const filled = panels.flatMap(({ unit, rows }): BarPanel | readonly [] => {
    const groups = rows.map(({ row, label }) => {
      const pairings = record.pairingsOf(row).filter((pairing) => !isMixed(pairing));
      return { label, bars: pairings.map((pairing) => barOf(record, row, pairing)) };
    });
    return groups.length === 0 ? [] : { unit, groups, format: compact };
  });
  return filled.length === 0 ? undefined : barChart(title, notesOf(record), filled);
}

function barOf(record: BenchRecord, row: string, pairing: string): Bar {
  const { median, min, max } = record.rateOf(row, pairing);
  return { pairing, value: median, spread: min === max ? undefined : [min, max] };
}

function notesOf(record: BenchRecord): readonly [string, string] {
  return [spreadNote, record.describe()];
}

/** Rows whose id has a number, by it. */
function numbered(record: BenchRecord, id: RegExp, what: string): NamedRow[] {
  return record.rows
    .flatMap((row) => {
      const count = id.exec(row)?.[1];
      return count === undefined ? [] : { row, count: Number(count) };
    })
    .sort((a, b) => a.count - b.count)
    .map(({ row, count }) => ({ row, label: `${count.toLocaleString("en-GB")} ${what}` }));
}

function present(record: BenchRecord, rows: readonly NamedRow[]): NamedRow[] {
  return rows.filter(({ row }) => record.rows.includes(row));
}

function isMixed(pairing: string): boolean {
  return pairing.includes("/");
}

function clientOf(pairing: string): string {
  return pairing.split("/")[0] as string;
}
