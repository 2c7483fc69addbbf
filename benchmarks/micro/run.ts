/** `npm run bench:micro`: what the small parts of the runtime take, and by how much that differs from what was recorded. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { describeEnvironment } from "../macro/environment.js";
import { describeSource, writeRecord } from "../macro/run-record.js";
import { bundleMeasure, root } from "./bundle.js";
import { summarizeLaunches } from "./figures.js";
import type { Launch, LaunchSettings } from "./launch.js";
import { type MicroOptions, parseOptions, usage } from "./options.js";
import { readRecorded, recordedFile, writeRecorded } from "./recorded.js";
import { describeRecorded, figureTable, operationTable } from "./report.js";

const command = "npm run bench:micro";

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const own = await bundleMeasure(root, "own");
  if (options.list) {
    console.log(operationTable(launch(own, { only: options.only, rounds: 1, roundMs: 0, warmUpMs: 0 }, undefined)));
    return;
  }
  const { against } = options;
  const other = against === undefined ? undefined : await bundleMeasure(resolve(against), "other");
  const launches = runLaunches(options, own, other);
  const environment = describeEnvironment(undefined);
  const file = recordedFile(root);
  const recorded = readRecorded(file);
  const summary = summarizeLaunches(launches.own);
  const { measured } = launches.own[0] as Launch;
  const otherSummary = other === undefined ? undefined : summarizeLaunches(launches.other);
  console.log(`\n${figureTable({ measured, own: summary, other: otherSummary, recorded })}\n`);
  console.log(`The calibration took ${summary.calibrationNs.toFixed(0)} ns a unit; a ratio is time by that.`);
  console.log(describeRecorded(recorded, environment));
  if (options.record) writeRecorded(file, { ...environment, command: `${command} -- --record` }, summary);
  if (options.json !== undefined) {
    writeRecord(options.json, { command, ...describeSource(), ...environment, launches });
  }
}

function readOptions(): MicroOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

/** The two builds take turns, and in turn at being the first. */
function runLaunches(
  options: MicroOptions,
  own: string,
  other: string | undefined,
): { readonly own: readonly Launch[]; readonly other: readonly Launch[] } {
  const results = { own: [] as Launch[], other: [] as Launch[] };
  for (let i = 0; i < options.launches; i++) {
    console.log(`launch ${i + 1} of ${options.launches}`);
    const order = i % 2 === 0 ? (["own", "other"] as const) : (["other", "own"] as const);
    for (const build of order) {
      const bundle = build === "own" ? own : other;
      if (bundle !== undefined) results[build].push(launch(bundle, options, options.profileFolder));
    }
  }
  return results;
}

function launch(bundle: string, settings: LaunchSettings, profileFolder: string | undefined): Launch {
  const { only, rounds, roundMs, warmUpMs } = settings;
  const profile = profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
  const args = ["--expose-gc", ...profile, bundle, JSON.stringify({ only, rounds, roundMs, warmUpMs })];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Launch;
}

await main();
