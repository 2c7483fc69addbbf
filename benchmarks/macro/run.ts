/** Measures godwit against others: client and server in a process each, rounds interleaved. See benchmarks/README.md. */
import { prepare } from "./availability.js";
import { describeEnvironment } from "./environment.js";
import { type MeasuredRow, measureAll } from "./measure-rows.js";
import { type BenchOptions, parseOptions, usage } from "./options.js";
import { findCores } from "./pinned-process.js";
import { describe, describeProgress, judgeSkeleton, renderRatios, renderRow } from "./report.js";
import { describeSource, writeRecord } from "./run-record.js";
import { type RowSummary, summarizeRow } from "./summary.js";

async function main(args: string[]): Promise<void> {
  let options: BenchOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const { rows, missing } = prepare(options.rows);
  options = { ...options, rows };
  for (const sentence of missing) console.error(`\n!!! ${sentence}\n`);
  const cores = findCores();
  const environment = describeEnvironment(cores);
  const source = describeSource();
  console.log(`${describe(environment, options)}\n`);
  const startedAt = performance.now();
  const measured: MeasuredRow[] = [];
  const summaries: RowSummary[] = [];
  await measureAll(options, cores, (each) => {
    measured.push(each);
    const summary = summarizeRow(each.row, each.rounds, each.memory);
    summaries.push(summary);
    const done = measured.map(({ row }) => row);
    const progress = describeProgress(done, options.rows, performance.now() - startedAt);
    console.log(`${progress} ${renderRow(summary)}\n`);
  });
  console.log([renderRatios(summaries), ...judgeSkeleton(summaries), ...missing].join("\n"));
  if (options.json === undefined) return;
  const rounds = measured.flatMap((each) => each.rounds);
  const memory = measured.flatMap((each) => each.memory);
  writeRecord(options.json, { source, environment, rounds, memory });
}

await main(process.argv.slice(2));
