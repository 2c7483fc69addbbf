/** Measures what idle connections and idle streams take, and how fast connections are made. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { environmentWithCertificates } from "../../macro/certificates-of-run.js";
import { describeEnvironment } from "../../macro/environment.js";
import { type CorePair, findCores } from "../../macro/pinned-process.js";
import { chartedFigures } from "./charted.js";
import { Footprint } from "./footprint.js";
import { openFileLimit } from "./open-file-limit.js";
import { type MemoryOptions, parseOptions, usage } from "./options.js";
import { fileProblem, type Row } from "./plan.js";
import { describe, progressLine, renderSummaries } from "./report.js";
import { type Round, summarizeRow } from "./results.js";

async function main(args: string[]): Promise<void> {
  let options: MemoryOptions;
  try {
    options = parseOptions(args);
    const problem = fileProblem(options.connections, openFileLimit());
    if (problem !== undefined) throw new Error(problem);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const cores = findCores();
  const environment = describeEnvironment(cores);
  console.log(`${describe(environment, options)}\n`);
  const rounds: Round[] = [];
  for (const row of options.rows) {
    await measureRow(row, options, cores, rounds);
    console.log(progressLine(summarizeRow(row, rounds)));
  }
  const summaries = options.rows.flatMap((row) => summarizeRow(row, rounds));
  console.log(`\n${renderSummaries(summaries)}`);
  if (options.json !== undefined) {
    const record = { environment, footprint: chartedFigures(summaries), rounds };
    writeFileSync(options.json, `${JSON.stringify(record, undefined, 2)}\n`);
  }
}

/** godwit, grpc-js, godwit, grpc-js, …: what disturbs the machine for a while disturbs both. */
async function measureRow(
  row: Row,
  options: MemoryOptions,
  cores: CorePair | undefined,
  rounds: Round[],
): Promise<void> {
  const env = row.tls ? environmentWithCertificates() : process.env;
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of row.subjects) {
      const figures = await Footprint.measure(subject, row, options, cores, env);
      rounds.push({ row: row.id, subject, round, figures });
    }
  }
}

await main(process.argv.slice(2));
