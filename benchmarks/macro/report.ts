/** What a run prints. */
import type { Environment } from "./environment.js";
import { cost, count, describeLatency, ratio, spread } from "./figures.js";
import { renderOpenLoop } from "./open-report.js";
import type { BenchOptions } from "./options.js";
import { clientOf, serverOf } from "./pairings.js";
import type { Row } from "./rows.js";
import type { PairingSummary, RowSummary } from "./summary.js";
import { renderTable } from "./table.js";

/** One row with all who took part in it. */
export function renderRow(summary: RowSummary): string {
  const { row, pairings } = summary;
  if (row.offered !== undefined) return renderOpenLoop(summary);
  const reference = pairings[0]?.pairing ?? "";
  const head = [
    "",
    `${row.unit} (min–max)`,
    `${reference} by it (min–max)`,
    "p50 / p99 / p99.9",
    "CPU client + server",
    "allocated client + server",
    "RSS client + server",
  ];
  const body = pairings.map((summary, index) => [
    `  ${summary.pairing}`,
    spread(summary.rate, count),
    index === 0 ? "" : spread(summary.ratio, ratio),
    describeLatency(summary),
    `${cost(summary.clientCpuUs)} + ${cost(summary.serverCpuUs)} µs`,
    ...describeMemory(summary),
  ]);
  return `${row.id}: ${row.title}\n${renderTable(head, body)}`;
}

/** The skeleton is a ceiling where it leaves grpc-go far behind; else something else held it back. */
export function judgeSkeleton(summaries: readonly RowSummary[]): string[] {
  return summaries.flatMap(({ row, pairings }) => {
    const rateOf = (name: string): number | undefined => pairings.find(({ pairing }) => pairing === name)?.rate.median;
    const [skeleton, go] = [rateOf("skeleton"), rateOf("grpc-go")];
    if (skeleton === undefined || go === undefined) return [];
    const times = skeleton / go;
    const verdict =
      times >= ceilingRatio ? "counts as a ceiling" : `does NOT count as a ceiling: less than ${ceilingRatio}×`;
    return [`${row.id}: the skeleton does ${ratio(times)} of grpc-go, and ${verdict}`];
  });
}

const ceilingRatio = 4;

/**
 * All ratios of a run at a glance: a row a line, a column for each subject that is compared. Pairings of two subjects have lines
 * of their own.
 */
export function renderRatios(summaries: readonly RowSummary[]): string {
  const compared = (summary: RowSummary): readonly PairingSummary[] => summary.pairings.slice(1);
  const columns = [...new Set(summaries.flatMap(compared).map(({ pairing }) => clientOf(pairing)))];
  const body = summaries.flatMap((summary) => {
    const { row, pairings } = summary;
    const name = row.offered === undefined ? row.id : `${row.id}, p99 by that`;
    const reference = pairings[0]?.pairing ?? "";
    const lineOf = (others: readonly PairingSummary[], suffix = ""): string[] => [
      `${name}${suffix}`,
      reference,
      ...columns.map((column) => {
        const found = others.find(({ pairing }) => clientOf(pairing) === column);
        return found === undefined ? "" : ratio(found.ratio.median);
      }),
    ];
    const isWhole = ({ pairing }: PairingSummary): boolean => clientOf(pairing) === serverOf(pairing);
    const whole = compared(summary).filter(isWhole);
    const mixed = compared(summary).filter((each) => !isWhole(each));
    const servers = [...new Set(mixed.map(({ pairing }) => serverOf(pairing)))];
    return [
      ...(whole.length > 0 ? [lineOf(whole)] : []),
      ...servers.map((server) =>
        lineOf(
          mixed.filter(({ pairing }) => serverOf(pairing) === server),
          `, server of ${server}`,
        ),
      ),
    ];
  });
  return renderTable(["", "rate of", ...columns.map((column) => `by ${column}`)], body);
}

/** In front of a row's table. */
export function describeProgress(done: readonly Row[], rows: readonly Row[], elapsedMs: number): string {
  const work = (some: readonly Row[]): number => some.reduce((sum, { pairings }) => sum + pairings.length, 0);
  const leftMs = elapsedMs * (work(rows) / work(done) - 1);
  return `[${done.length}/${rows.length}${leftMs > 0 ? `, about ${describeTime(leftMs)} left` : ""}]`;
}

export function describe(environment: Environment, options: BenchOptions): string {
  const { node, cpu, cores, pinned, versions } = environment;
  const { rounds, roundMs } = options;
  const pinning =
    pinned === undefined
      ? "processes are NOT pinned (no taskset, or one core): figures depend on the scheduler"
      : `servers are pinned to core ${pinned.server}, clients to core ${pinned.client}`;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Node ${node}, ${cpu}, ${cores} cores; ${names.join(", ")}`,
    `${rounds} interleaved rounds of ${roundMs} ms; ${pinning}`,
    "Rates are medians over the rounds; a ratio is the median of the rounds' own ratios. Latencies are of the closed loop, but in rows open-*.",
    "CPU is the processor time of one call or message; what it allocates (heap and buffers) is measured in a round of its own.",
    `This takes about ${describeTime(estimateMs(options))}.`,
  ].join("\n");
}

/** Of a whole run, without what a busy machine adds. */
function estimateMs({ rows, rounds, roundMs, warmUpMs, firstWarmUpMs, memoryMs }: BenchOptions): number {
  const processes = new Set(rows.flatMap(({ pairings, tls }) => pairings.map((pairing) => `${pairing} ${tls}`)));
  const measured = rows.reduce((sum, { pairings }) => sum + pairings.length, 0);
  return processes.size * (startMs + firstWarmUpMs) + measured * (warmUpMs + rounds * roundMs + memoryMs);
}

/** Of a client and a server. */
const startMs = 800;

function describeTime(ms: number): string {
  return ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`;
}

/** Allocation of an operation, and the size of each process. */
function describeMemory({ memory }: PairingSummary): readonly [string, string] {
  if (memory === undefined) return ["–", "–"];
  const { operations, client, server } = memory;
  const allocated = [client, server].map((side) => bytes((side.allocatedBytes + side.externalBytes) / operations));
  const sizes = [client, server].map(({ rssBytes }) => Math.round(rssBytes / 1024 / 1024));
  return [allocated.join(" + "), `${sizes.join(" + ")} MiB`];
}

function bytes(value: number): string {
  return value < 10_000 ? `${Math.round(value)} B` : `${(value / 1024).toFixed(value < 100 * 1024 ? 1 : 0)} KiB`;
}
