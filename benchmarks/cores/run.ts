/** What more workers bring (godwit/cluster), with the client on the same machine. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { describeEnvironment } from "../macro/environment.js";
import { renderTable } from "../macro/table.js";
import { boundOf, rateOf, type Scaling, summarizeScaling } from "./summary.js";
import { stepsPerUs } from "./work.js";
import { type Measured, WorkedServer } from "./worked-server.js";

const usage = "npm run bench:cores -- [--workers 1,2,4] [--rounds N] [--round-ms N] [--json FILE]";
/** What a handler computes, in microseconds of a core. With none the client is the half of it. */
const works = [0, 100, 1000] as const;
const connectionsPerWorker = 4;
const inFlight = 4;

interface Options {
  readonly workers: readonly number[];
  readonly rounds: number;
  readonly roundMs: number;
  readonly json: string | undefined;
}

function parseOptions(args: string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { workers: text, rounds: text, "round-ms": text, json: text } });
  const workers = values.workers?.split(",").map(Number) ?? powersUpTo(availableParallelism());
  const [rounds, roundMs] = [Number(values.rounds ?? 7), Number(values["round-ms"] ?? 1500)];
  const isWrong = workers[0] !== 1 || workers.some((count) => !Number.isInteger(count) || count < 1);
  if (isWrong || !Number.isInteger(rounds) || rounds < 1 || !(roundMs > 0)) throw new Error(usage);
  return { workers, rounds, roundMs, json: values.json };
}

/** 1, 2, 4 … and the number itself. */
function powersUpTo(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

/** Every server in each round, so that all meet the machine in the same state. */
async function measureWork(servers: readonly WorkedServer[], steps: number, options: Options): Promise<Measured[][]> {
  const results: Measured[][] = servers.map(() => []);
  for (const server of servers) await server.measure(steps, inFlight, options.roundMs);
  for (let round = 0; round < options.rounds; round++) {
    for (let i = 0; i < servers.length; i++) {
      const at = (i + round) % servers.length;
      results[at]?.push(await (servers[at] as WorkedServer).measure(steps, inFlight, options.roundMs));
    }
  }
  return results;
}

function rowOf(workUs: number, scaling: Scaling, cores: number): string[] {
  const { workers, perSecond, ratio, freeRatio, workersUs, clientUs, workersCores, clientCores, allowed } = scaling;
  return [
    `${workUs} µs`,
    String(workers),
    Math.round(perSecond).toLocaleString("en"),
    `${ratio.toFixed(2)} x`,
    `${freeRatio.toFixed(2)} x`,
    workersUs.toFixed(1),
    clientUs.toFixed(1),
    workersCores.toFixed(2),
    clientCores.toFixed(2),
    `${Math.round((100 * perSecond) / allowed)} %`,
    boundOf(scaling, cores),
  ];
}

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args);
  const cores = availableParallelism();
  const perUs = stepsPerUs();
  const seconds = (works.length * options.workers.length * (options.rounds + 1) * options.roundMs) / 1000;
  console.log(
    `${options.workers.join(", ")} workers on ${cores} cores, the client beside them; takes ${Math.ceil(seconds)} s`,
  );
  const connections = connectionsPerWorker * Math.max(...options.workers);
  const servers: WorkedServer[] = [];
  const rounds: object[] = [];
  const table: string[][] = [];
  try {
    for (const workers of options.workers) {
      const server = await WorkedServer.start(workers, connections);
      servers.push(server);
      console.log(`connections of each of ${workers}: ${(await server.spread()).join(", ")}`);
    }
    for (const workUs of works) {
      const results = await measureWork(servers, Math.round(workUs * perUs), options);
      for (const [i, { workers }] of servers.entries()) {
        const measured = results[i] as Measured[];
        table.push(rowOf(workUs, summarizeScaling(workers, measured, results[0] as Measured[], cores), cores));
        for (const [round, each] of measured.entries()) {
          rounds.push({ row: `cores-${workUs}`, pairing: "godwit", workers, round, perSecond: rateOf(each), ...each });
        }
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  const head = [
    "a call's work",
    "workers",
    "calls/s",
    "to one",
    "by CPU",
    "µs/call workers",
    "client",
    "cores workers",
    "client",
  ];
  console.log(renderTable([...head, "of what cores allow", "bound"], table));
  if (options.json === undefined) return;
  const run = { environment: describeEnvironment(undefined), rounds };
  writeFileSync(options.json, `${JSON.stringify(run, undefined, 1)}\n`);
}

await main(process.argv.slice(2));
