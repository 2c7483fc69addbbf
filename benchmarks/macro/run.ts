/** Measures godwit against others: client and server in a process each, rounds interleaved. See benchmarks/README.md. */
import { describeEnvironment } from "./environment.js";
import { measureAll } from "./measure-rows.js";
import { type BenchOptions, parseOptions, usage } from "./options.js";
import { findCores } from "./pinned-process.js";
import { describe, renderRatios, renderRow } from "./report.js";
import { writeRecord } from "./run-record.js";
import { type Round, type RowSummary, summarizeRow } from "./summary.js";

async function main(args: string[]): Promise<void> {
  let options: BenchOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const cores = findCores();
  const environment = describeEnvironment(cores);
  console.log(`${describe(environment, options)}\n`);
  const rounds: Round[] = [];
  const summaries: RowSummary[] = [];
  await measureAll(options, cores, (row, measured) => {
    rounds.push(...measured);
    summaries.push(summarizeRow(row, measured));
    console.log(`[${summaries.length}/${options.rows.length}] ${renderRow(summaries.at(-1) as RowSummary)}\n`);
  });
  console.log(renderRatios(summaries));
  if (options.json !== undefined) writeRecord(options.json, { environment, rounds });
}

await main(process.argv.slice(2));
