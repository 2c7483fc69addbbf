/**
 * `npm run bench:codec`: what it takes to encode and decode a message, by library. See benchmarks/README.md.
 * `--launches N` (default 5), `--quick`, `--json FILE`. The exit code is 1 when a target is missed.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeEnvironment } from "../macro/environment.js";
import { type CodeSize, codeSize } from "./code-size.js";
import { type Competitor, prepareCompetitors, versions } from "./competitors.js";
import { shortfalls } from "./gates.js";
import type { Measurement } from "./measure.js";
import { directions, Results } from "./results.js";
import { sampleNames } from "./sample-messages.js";
import { libraries } from "./subject.js";
import { sizeTable, timeTable } from "./table.js";

const { values: flags } = parseArgs({
  options: {
    launches: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const launches = Number(flags.launches ?? (flags.quick ? 1 : 5));
if (!Number.isInteger(launches) || launches < 1) throw new TypeError("--launches takes a number of 1 or more");
const roundMs = flags.quick ? 15 : 40;

const competitors = await prepareCompetitors();
const results = new Results();
for (let launch = 1; launch <= launches; launch++) {
  console.log(`launch ${launch} of ${launches}`);
  for (const sample of sampleNames) {
    for (const library of libraries) {
      if (library === "protobuf-ts" && sample === "edition") continue;
      results.add(library, sample, measure(competitors[library], library, sample));
    }
  }
}
const sizes = new Map<(typeof libraries)[number], CodeSize>();
for (const library of libraries) {
  const { generated } = competitors[library];
  if (generated.length > 0) sizes.set(library, await codeSize(generated));
}
const missed = shortfalls(results);
console.log(`\n${timeTable(results)}\n\n${sizeTable(sizes)}\n`);
for (const sentence of missed) console.log(`missed: ${sentence}`);
if (missed.length === 0) console.log("every target is met");
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report(), undefined, 2)}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;

function measure({ bundle }: Competitor, library: string, sample: string): Measurement {
  const script = fileURLToPath(new URL("measure.js", import.meta.url));
  const args = [script, bundle, library, sample, String(roundMs)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Measurement;
}

function report(): object {
  const environment = describeEnvironment(undefined);
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  const figures = libraries.map((library) => ({
    library,
    nanoseconds: Object.fromEntries(
      directions.map((direction) => [
        direction,
        Object.fromEntries(sampleNames.map((sample) => [sample, results.ns(library, sample, direction) ?? null])),
      ]),
    ),
    timesProtobufEs: Object.fromEntries(
      directions.map((direction) => [direction, results.geometricMean(library, direction)]),
    ),
    generatedBytes: sizes.get(library) ?? null,
  }));
  const command = `npm run bench:codec -- --launches ${launches}${flags.quick ? " --quick" : ""}`;
  return {
    command,
    commit,
    ...environment,
    versions: { ...environment.versions, ...versions },
    launches,
    figures,
    missed,
  };
}
