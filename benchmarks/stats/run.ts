/** What the places cost where calls are told of, when nobody listens: this build against itself without them. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeEnvironment } from "../macro/environment.js";
import { Pair, type PairMeasurement } from "../macro/pair.js";
import { findCores } from "../macro/pinned-process.js";
import { rows } from "../macro/rows.js";
import { median, medianInterval } from "../macro/statistics.js";
import { buildBoth } from "./without-hooks.js";

const usage = "npm run bench:stats -- [--pairs N] [--round-ms N] [--row ID] [--json FILE]";
/** The share of the throughput that has to be left, at the upper end of the interval. */
const leastRatio = 0.97;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { pairs: text, "round-ms": text, row: text, json: text } });
  const pairs = Number(values.pairs ?? 31);
  const roundMs = Number(values["round-ms"] ?? 1500);
  const row = values.row ?? "headline-100";
  const workload = rows.find(({ id }) => id === row)?.workload;
  if (!Number.isInteger(pairs) || pairs < 6 || !(roundMs > 0)) throw new Error(usage);
  if (workload === undefined) throw new Error(`no row is called ${row}`);
  const cores = findCores();
  const builds = buildBoth(path("../../../runtime/src"), path("./builds"));
  const start = (build: string): Promise<Pair> => Pair.start("godwit", cores, undefined, [], inPlaceOfPackage(build));
  const [whole, bare] = [await start(builds.whole), await start(builds.bare)];
  const rounds: { readonly whole: PairMeasurement; readonly bare: PairMeasurement }[] = [];
  try {
    for (const pair of [whole, bare]) await pair.measure(workload, 2 * roundMs);
    for (let i = 0; i < pairs; i++) {
      // Who comes second meets the machine as the first has left it.
      const first = i % 2 === 0 ? whole : bare;
      const [a, b] = [
        await first.measure(workload, roundMs),
        await (first === whole ? bare : whole).measure(workload, roundMs),
      ];
      rounds.push(first === whole ? { whole: a, bare: b } : { whole: b, bare: a });
    }
  } finally {
    await Promise.all([whole.stop(), bare.stop()]);
  }
  const ratios = rounds.map((each) => perSecond(each.whole) / perSecond(each.bare));
  const { low, high } = medianInterval(ratios);
  const ratio = median(ratios);
  console.log(`${row}, ${pairs} interleaved pairs of ${roundMs} ms`);
  console.log(`nobody listens / no hooks = ${ratio.toFixed(4)}, 95 % interval ${low.toFixed(4)} to ${high.toFixed(4)}`);
  console.log(`the interval ${high > leastRatio ? "reaches" : "DOES NOT reach"} above ${leastRatio}`);
  const environment = describeEnvironment(cores);
  if (values.json !== undefined) {
    const record = { environment, row, roundMs, ratio, low, high, rounds };
    writeFileSync(values.json, `${JSON.stringify(record, undefined, 2)}\n`);
  }
  if (high <= leastRatio) process.exitCode = 1;
}

function perSecond({ operations, elapsedMs }: PairMeasurement): number {
  return (operations * 1000) / elapsedMs;
}

function inPlaceOfPackage(build: string): {
  readonly nodeArguments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
} {
  const hook = new URL("./use-build.js", import.meta.url).href;
  return { nodeArguments: ["--import", hook], env: { ...process.env, GODWIT_BUILD: build } };
}

await main(process.argv.slice(2));
