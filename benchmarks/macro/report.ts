/** The table of a run. */
import type { Environment } from "./environment.js";
import type { Row } from "./rows.js";
import { median, type Summary, summarize } from "./statistics.js";
import { type SubjectName, subjectNames } from "./subjects/subject.js";
import { renderTable } from "./table.js";

/** One measurement of one row. */
export interface Round {
  readonly row: string;
  readonly subject: SubjectName;
  readonly round: number;
  readonly operations: number;
  readonly elapsedMs: number;
  /** In the row's unit. */
  readonly perSecond: number;
  readonly p50Us: number | undefined;
  readonly p99Us: number | undefined;
  /** Processor time of each process in this round. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

interface RowSummary {
  readonly row: Row;
  readonly rates: Readonly<Record<SubjectName, Summary>>;
  readonly latencies: Readonly<Record<SubjectName, string>>;
  /** Processor time of one operation, client and server. */
  readonly costs: Readonly<Record<SubjectName, string>>;
  /** godwit's rate by grpc-js's, round by round. */
  readonly ratio: Summary;
}

export function summarizeRow(row: Row, rounds: readonly Round[]): RowSummary {
  const of = (subject: SubjectName): Round[] =>
    rounds.filter((round) => round.row === row.id && round.subject === subject);
  const theirs = of("grpc-js");
  return {
    row,
    rates: bySubject((subject) => summarize(of(subject).map(({ perSecond }) => perSecond))),
    latencies: bySubject((subject) => describeLatency(of(subject))),
    costs: bySubject((subject) => describeCost(of(subject))),
    ratio: summarize(of("godwit").map(({ perSecond }, index) => perSecond / (theirs[index]?.perSecond ?? Number.NaN))),
  };
}

export function progressLine({ row, rates, ratio }: RowSummary): string {
  const [ours, theirs] = subjectNames.map((subject) => `${subject} ${count(rates[subject].median)}`);
  return `${row.title}: ${ours}, ${theirs} ${row.unit} (${ratio.median.toFixed(2)}×)`;
}

export function renderSummaries(summaries: readonly RowSummary[]): string {
  const head = [
    "",
    "unit",
    "godwit (min–max)",
    "grpc-js (min–max)",
    "ratio (min–max)",
    "p50/p99 godwit",
    "p50/p99 grpc-js",
    "CPU godwit",
    "CPU grpc-js",
  ];
  const body = summaries.map(({ row, rates, latencies, costs, ratio }) => [
    row.title,
    row.unit,
    spread(rates.godwit, count),
    spread(rates["grpc-js"], count),
    spread(ratio, (value) => `${value.toFixed(2)}×`),
    latencies.godwit,
    latencies["grpc-js"],
    costs.godwit,
    costs["grpc-js"],
  ]);
  return renderTable(head, body);
}

export function describe(environment: Environment, rounds: number, roundMs: number): string {
  const { node, cpu, cores, pinned, versions } = environment;
  const pinning =
    pinned === undefined
      ? "processes are NOT pinned (no taskset, or one core): figures depend on the scheduler"
      : `servers are pinned to core ${pinned.server}, clients to core ${pinned.client}`;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Node ${node}, ${cpu}, ${cores} cores; ${names.join(", ")}`,
    `${rounds} interleaved rounds of ${roundMs} ms; ${pinning}`,
    "Rates are medians over the rounds; a ratio is the median of the rounds' own ratios. Latencies are of the closed loop.",
    "CPU is the processor time of one call or message: client + server.",
  ].join("\n");
}

function bySubject<T>(make: (subject: SubjectName) => T): Record<SubjectName, T> {
  return { godwit: make("godwit"), "grpc-js": make("grpc-js") };
}

function describeLatency(rounds: readonly Round[]): string {
  const p50 = rounds.flatMap(({ p50Us }) => p50Us ?? []);
  const p99 = rounds.flatMap(({ p99Us }) => p99Us ?? []);
  return p50.length === 0 ? "–" : `${duration(median(p50))} / ${duration(median(p99))}`;
}

function describeCost(rounds: readonly Round[]): string {
  const client = median(rounds.map(({ clientCpuUs, operations }) => clientCpuUs / operations));
  const server = median(rounds.map(({ serverCpuUs, operations }) => serverCpuUs / operations));
  return `${cost(client)} + ${cost(server)} µs`;
}

function spread({ median: middle, min, max }: Summary, format: (value: number) => string): string {
  return `${format(middle)} (${format(min)}–${format(max)})`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function duration(us: number): string {
  return us < 1000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(us < 100_000 ? 1 : 0)} ms`;
}

function cost(us: number): string {
  return us.toFixed(us < 100 ? 1 : 0);
}
