/** Makes very many calls and looks for what they leave behind. See benchmarks/README.md. */
import { describeEnvironment } from "../macro/environment.js";
import { describeSource, writeRecord } from "../macro/run-record.js";
import { parseOptions, type SoakOptions, usage } from "./options.js";
import type { ProcessSample } from "./processes/process-sample.js";
import { type BothSamples, roles, type SoakRecord } from "./record.js";
import { describeWarmUp, progressLine, renderSamples, renderVerdict } from "./report.js";
import { runSoak } from "./soak.js";
import { findFailures, growthBytes, slopePerMillion } from "./verdict.js";

/** The process ends with 1 when something is not as it should be, with 2 for arguments that mean nothing. */
async function main(args: string[]): Promise<void> {
  let options: SoakOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const source = describeSource();
  const record = await runSoak(options, (sample) => console.log(progressLine(sample)));
  console.log(`\n${describeWarmUp(record)}\n\n${renderSamples(record)}\n\n${renderVerdict(record)}`);
  if (options.json !== undefined) writeRecord(options.json, { ...source, ...describeRun(args, record) });
  if (findFailures(record).length > 0) process.exitCode = 1;
}

function describeRun(args: readonly string[], record: SoakRecord): object {
  return {
    command: `npm run soak -- ${args.join(" ")}`.trim(),
    environment: describeEnvironment(undefined),
    failures: findFailures(record),
    growthBytes: Object.fromEntries(roles.map((role) => [role, growthBytes(role, record)])),
    mebibytesPerMillionUnaryCalls: Object.fromEntries(roles.map((role) => [role, slopePerMillion(role, record)])),
    ...withoutCensuses(record),
  };
}

/** The whole of the censuses would be thousands of lines; of what grew the failures tell. */
function withoutCensuses({ samples, fresh, closed, ...rest }: SoakRecord): object {
  const short = ({ census: _, ...sample }: ProcessSample): object => sample;
  const both = ({ client, server }: BothSamples): object => ({ client: short(client), server: short(server) });
  const rows = samples.map(({ atMs, done, ...sample }) => ({ atMs, done, ...both(sample) }));
  return { ...rest, fresh: both(fresh), samples: rows, closed: both(closed) };
}

await main(process.argv.slice(2));
