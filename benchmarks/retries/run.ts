/** What default retry policies cost a call that needs none: headline calls with them against `retry: false`. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeEnvironment } from "../macro/environment.js";
import { Pair } from "../macro/pair.js";
import { findCores } from "../macro/pinned-process.js";
import { rows } from "../macro/rows.js";
import { median, medianInterval } from "../macro/statistics.js";

const usage = "npm run bench:retries -- [--pairs N] [--round-ms N] [--row ID] [--json FILE]";
/** The share of the throughput that has to be left, at the upper end of the interval. */
const leastRatio = 0.97;

interface Options {
  readonly pairs: number;
  readonly roundMs: number;
  readonly row: string;
  readonly json: string | undefined;
}

interface Round {
  readonly perSecond: number;
  /** Of the client, for one call. */
  readonly cpuUs: number;
}

function parseOptions(args: string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { pairs: text, "round-ms": text, row: text, json: text } });
  const pairs = Number(values.pairs ?? 31);
  const roundMs = Number(values["round-ms"] ?? 1500);
  if (!Number.isInteger(pairs) || pairs < 6 || !(roundMs > 0)) throw new Error(usage);
  return { pairs, roundMs, row: values.row ?? "headline-100", json: values.json };
}

async function main(args: string[]): Promise<void> {
  const { pairs, roundMs, row, json } = parseOptions(args);
  const workload = rows.find(({ id }) => id === row)?.workload;
  if (workload === undefined) throw new Error(`no row is called ${row}`);
  const cores = findCores();
  const retrying = await Pair.start("godwit", cores, undefined);
  const once = await Pair.start("godwit", cores, undefined, ["no-retries"]);
  const measure = async (pair: Pair): Promise<Round> => {
    const { operations, elapsedMs, clientCpuUs } = await pair.measure(workload, roundMs);
    return { perSecond: (operations * 1000) / elapsedMs, cpuUs: clientCpuUs / operations };
  };
  const rounds: { readonly retrying: Round; readonly once: Round }[] = [];
  try {
    for (const pair of [retrying, once]) await pair.measure(workload, 2 * roundMs);
    for (let i = 0; i < pairs; i++) {
      // Who comes second meets the machine as the first has left it.
      const first = i % 2 === 0 ? retrying : once;
      const [a, b] = [await measure(first), await measure(first === retrying ? once : retrying)];
      rounds.push(first === retrying ? { retrying: a, once: b } : { retrying: b, once: a });
    }
  } finally {
    await Promise.all([retrying.stop(), once.stop()]);
  }
  const ratios = rounds.map((each) => each.retrying.perSecond / each.once.perSecond);
  const cpuRatios = rounds.map((each) => each.retrying.cpuUs / each.once.cpuUs);
  const cpu = medianInterval(cpuRatios);
  const { low, high } = medianInterval(ratios);
  const ratio = median(ratios);
  console.log(`${row}, ${pairs} interleaved pairs of ${roundMs} ms`);
  console.log(
    `default policies / retry: false = ${ratio.toFixed(4)}, 95 % interval ${low.toFixed(4)} to ${high.toFixed(4)}`,
  );
  console.log(
    `the client's processor time for a call: ${median(cpuRatios).toFixed(4)}, ${cpu.low.toFixed(4)} to ${cpu.high.toFixed(4)}`,
  );
  console.log(`the interval of the throughput ${high > leastRatio ? "reaches" : "DOES NOT reach"} above ${leastRatio}`);
  const environment = describeEnvironment(cores);
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ environment, row, roundMs, ratio, low, high, rounds }, undefined, 2)}\n`);
  if (high <= leastRatio) process.exitCode = 1;
}

await main(process.argv.slice(2));
