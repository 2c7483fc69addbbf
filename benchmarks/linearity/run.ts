/** Does a call cost the same, however many there are? See benchmarks/README.md. */
import { describeEnvironment } from "../macro/environment.js";
import { Pair, type PairMeasurement } from "../macro/pair.js";
import { type CorePair, findCores } from "../macro/pinned-process.js";
import { writeRecord } from "../macro/run-record.js";
import { type AgeingRound, measureAgeing } from "./ageing.js";
import { ageing, type Group, groups } from "./cases.js";
import type { Compared } from "./compare.js";
import { type LinearityOptions, parseOptions, usage } from "./options.js";
import { renderAgeing, renderGroup } from "./report.js";

/** Long enough for what is compiled as it is used. */
const firstWarmUpMs = 3000;

async function main(args: string[]): Promise<void> {
  let options: LinearityOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const { pairing, rounds, roundMs, only, json, calls } = options;
  const cores = findCores();
  const environment = describeEnvironment(cores);
  const isWanted = (id: string): boolean => only === undefined || only.includes(id);
  const record: Record<string, unknown> = { environment, pairing };
  console.log(`${pairing}: headline calls, ${rounds} interleaved rounds of ${roundMs} ms`);
  console.log("Ratios are medians of the rounds' own, with their 95 % interval.\n");
  const chosen = groups.filter(({ id }) => isWanted(id));
  if (chosen.length > 0) await measureGroups(chosen, options, cores, record);
  if (isWanted("calls")) {
    const aged = await age(options, cores);
    record["calls"] = aged;
    console.log(`${renderAgeing(aged, calls)}\n`);
  }
  if (json !== undefined) writeRecord(json, record);
}

async function measureGroups(
  chosen: readonly Group[],
  options: LinearityOptions,
  cores: CorePair | undefined,
  record: Record<string, unknown>,
): Promise<void> {
  const pair = await Pair.start(options.pairing, cores, options.profileFolder);
  try {
    for (const group of chosen) {
      for (const { workload } of group.cases) await pair.measure(workload, firstWarmUpMs / group.cases.length);
      const measured = await measureGroup(pair, group, options);
      record[group.id] = measured;
      console.log(`${renderGroup(group, measured)}\n`);
    }
  } finally {
    await pair.stop();
  }
}

/** The rounds of each case. A round has every case once. */
async function measureGroup(pair: Pair, { cases }: Group, options: LinearityOptions): Promise<Compared[][]> {
  const compared: Compared[][] = cases.map(() => []);
  for (let round = 0; round < options.rounds; round++) {
    let base: PairMeasurement | undefined;
    for (const [index, { workload }] of cases.entries()) {
      const measurement = await pair.measure(workload, options.roundMs);
      base ??= measurement;
      compared[index]?.push({ measurement, base });
    }
  }
  return compared;
}

async function age(options: LinearityOptions, cores: CorePair | undefined): Promise<AgeingRound[]> {
  const { pairing, profileFolder, rounds, roundMs, calls } = options;
  const pairs: Pair[] = [];
  try {
    for (const _ of ["old", "young"]) {
      const pair = await Pair.start(pairing, cores, profileFolder);
      pairs.push(pair);
      await pair.measure(ageing, firstWarmUpMs);
    }
    const [old, young] = pairs as [Pair, Pair];
    return await measureAgeing(old, young, { workload: ageing, roundMs, calls, lastRounds: rounds });
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
  }
}

await main(process.argv.slice(2));
