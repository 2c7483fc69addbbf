/** Attacks godwit and grpc-js, each with a healthy client beside the attacker. See benchmarks/README.md. */
import { describeEnvironment } from "../macro/environment.js";
import { findCores } from "../macro/pinned-process.js";
import { describeSource, writeRecord } from "../macro/run-record.js";
import { attackClient } from "./attack-client.js";
import { attackServer } from "./attack-server.js";
import { type Bench, idOf } from "./benches.js";
import { digestOf } from "./digest.js";
import type { Verdict } from "./gates.js";
import { type AttackOptions, evidenceFile, parseOptions, usage } from "./options.js";
import { renderBench, summaryLine } from "./report.js";
import type { Result } from "./result.js";
import { assignCores, type Cores } from "./rig.js";

interface BenchRecord {
  readonly bench: string;
  readonly title: string;
  readonly results: readonly Result[];
  readonly verdicts: readonly Verdict[];
}

/** The process ends with 1 when a gate is not met, with 2 for arguments that mean nothing. */
async function main(args: string[]): Promise<void> {
  let options: AttackOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const cores = assignCores();
  const source = describeSource();
  const records: BenchRecord[] = [];
  for (const bench of options.benches) {
    records.push(await runBench(bench, cores, options));
    // After each: a run of all is long.
    const run = { ...source, ...describeRun(args, options) };
    if (options.json !== undefined) writeRecord(options.json, { ...run, benches: records });
    if (options.evidence) writeRecord(evidenceFile, { ...run, benches: records.map(digestOfBench) });
  }
  const verdicts = records.flatMap((record) => record.verdicts);
  console.log(summaryLine(verdicts));
  if (verdicts.some(({ isMet }) => !isMet)) process.exitCode = 1;
}

async function runBench(bench: Bench, cores: Cores, options: AttackOptions): Promise<BenchRecord> {
  const results: Result[] = [];
  for (const subject of options.subjects) {
    results.push(
      "evil" in bench
        ? await attackClient(bench, subject, cores, options)
        : await attackServer(bench, subject, cores, options),
    );
  }
  const ours = results.find(({ subject }) => subject === "godwit");
  const theirs = results.find(({ subject }) => subject === "grpc-js");
  const verdicts = ours === undefined ? [] : bench.judge(ours, theirs);
  console.log(renderBench(bench, results, verdicts));
  return { bench: idOf(bench), title: bench.title, results, verdicts };
}

function digestOfBench({ results, ...bench }: BenchRecord): object {
  return { ...bench, results: results.map(digestOf) };
}

function describeRun(args: readonly string[], { seconds }: AttackOptions): object {
  const command = `npm run attack -- ${args.join(" ")}`;
  return { command, seconds, environment: describeEnvironment(findCores()) };
}

await main(process.argv.slice(2));
