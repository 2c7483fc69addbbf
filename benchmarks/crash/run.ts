/** Kills servers under load and compares what servers and client wrote down. See benchmarks/README.md. */
import { describeEnvironment } from "../macro/environment.js";
import { describeSource, writeRecord } from "../macro/run-record.js";
import { runCrash } from "./crash.js";
import { type CrashOptions, parseOptions, usage } from "./options.js";
import { renderVerdict } from "./report.js";
import { summarize } from "./summary.js";
import { findFailures } from "./verdict.js";

/** After so many kills a line says how far it is. */
const killsPerLine = 10;

/** The process ends with 1 when something is not as it should be, with 2 for arguments that mean nothing. */
async function main(args: string[]): Promise<void> {
  let options: CrashOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const source = describeSource();
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
  const record = await runCrash(options, (kills) => {
    if (kills % killsPerLine === 0) console.log(`${seconds()} s: ${kills} kills`);
  });
  console.log(renderVerdict(record));
  const failures = findFailures(record);
  if (options.json !== undefined) {
    writeRecord(options.json, {
      ...source,
      command: `npm run crash -- ${args.join(" ")}`.trim(),
      environment: describeEnvironment(undefined),
      kills: record.kills,
      seconds: Number(seconds()),
      failures,
      ...summarize(record),
    });
  }
  if (failures.length > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
