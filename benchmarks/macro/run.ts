/** Measures godwit against grpc-js: client and server in a process each, rounds interleaved. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { environmentWithCertificates } from "./certificates-of-run.js";
import { describeEnvironment } from "./environment.js";
import { type BenchOptions, parseOptions, usage } from "./options.js";
import { type NodeSetting, Pair } from "./pair.js";
import { type CorePair, findCores } from "./pinned-process.js";
import { describe, progressLine, type Round, renderSummaries, summarizeRow } from "./report.js";
import type { Row } from "./rows.js";
import { subjectNames } from "./subjects/subject.js";

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
  console.log(`${describe(environment, options.rounds, options.roundMs)}\n`);
  const rounds = await measureAll(options, cores);
  const summaries = options.rows.map((row) => summarizeRow(row, rounds));
  console.log(`\n${renderSummaries(summaries)}`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ environment, rounds }, undefined, 2)}\n`);
  }
}

async function measureAll(options: BenchOptions, cores: CorePair | undefined): Promise<Round[]> {
  const plain = options.rows.filter(({ tls }) => tls !== true);
  const secure = options.rows.filter(({ tls }) => tls === true);
  const rounds = plain.length === 0 ? [] : await measureRows(plain, {}, options, cores);
  if (secure.length > 0)
    rounds.push(...(await measureRows(secure, { env: environmentWithCertificates() }, options, cores)));
  return rounds;
}

/** In processes of their own, which are gone afterwards. */
async function measureRows(
  chosen: readonly Row[],
  node: NodeSetting,
  options: BenchOptions,
  cores: CorePair | undefined,
): Promise<Round[]> {
  const pairs: Pair[] = [];
  const rounds: Round[] = [];
  try {
    for (const subject of subjectNames) {
      pairs.push(await Pair.start(subject, cores, options.profileFolder, [], node));
    }
    const [warmUp] = chosen;
    for (const pair of pairs) if (warmUp !== undefined) await pair.measure(warmUp.workload, options.firstWarmUpMs);
    for (const row of chosen) {
      rounds.push(...(await measureRow(row, pairs, options)));
      console.log(progressLine(summarizeRow(row, rounds)));
    }
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
  }
  return rounds;
}

/** godwit, grpc-js, godwit, grpc-js, …: what disturbs the machine for a while disturbs both. */
async function measureRow(row: Row, pairs: readonly Pair[], options: BenchOptions): Promise<Round[]> {
  const measured: Round[] = [];
  for (const pair of pairs) await pair.measure(row.workload, options.warmUpMs);
  for (let round = 0; round < options.rounds; round++) {
    for (const pair of pairs) {
      const measurement = await pair.measure(row.workload, options.roundMs);
      const perSecond = (measurement.operations * 1000) / measurement.elapsedMs;
      measured.push({ row: row.id, subject: pair.subject, round, perSecond, ...measurement });
    }
  }
  return measured;
}

await main(process.argv.slice(2));
