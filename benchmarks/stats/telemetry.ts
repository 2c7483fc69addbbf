/** What OpenTelemetry costs a call: godwit and grpc-js, each without and with it. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeEnvironment } from "../macro/environment.js";
import { Pair, type PairMeasurement } from "../macro/pair.js";
import { findCores } from "../macro/pinned-process.js";
import { rows } from "../macro/rows.js";
import { median } from "../macro/statistics.js";
import type { SubjectName } from "../macro/subjects/subject.js";
import { renderTable } from "../macro/table.js";

const usage = "npm run bench:telemetry -- [--rounds N] [--round-ms N] [--row ID] [--json FILE]";

interface Setting {
  readonly title: string;
  readonly subject: SubjectName;
  readonly isTold: boolean;
}

const settings: readonly Setting[] = [
  { title: "godwit", subject: "godwit", isTold: false },
  { title: "godwit, godwit/opentelemetry", subject: "godwit", isTold: true },
  { title: "grpc-js", subject: "grpc-js", isTold: false },
  { title: "grpc-js, instrumentation-grpc", subject: "grpc-js", isTold: true },
];

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { rounds: text, "round-ms": text, row: text, json: text } });
  const rounds = Number(values.rounds ?? 7);
  const roundMs = Number(values["round-ms"] ?? 1500);
  const row = values.row ?? "headline-100";
  const workload = rows.find(({ id }) => id === row)?.workload;
  if (!Number.isInteger(rounds) || rounds < 1 || !(roundMs > 0)) throw new Error(usage);
  if (workload === undefined) throw new Error(`no row is called ${row}`);
  const cores = findCores();
  const nodeArguments = ["--import", new URL("./use-telemetry.js", import.meta.url).href];
  const pairs: Pair[] = [];
  const measured: PairMeasurement[][] = settings.map(() => []);
  try {
    for (const { subject, isTold } of settings) {
      const told = isTold ? (["telemetry"] as const) : [];
      pairs.push(await Pair.start(subject, cores, undefined, told, isTold ? { nodeArguments } : {}, told));
    }
    for (const pair of pairs) await pair.measure(workload, 2 * roundMs);
    for (let round = 0; round < rounds; round++) {
      for (const [index, pair] of pairs.entries()) measured[index]?.push(await pair.measure(workload, roundMs));
    }
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()));
  }
  const rates = measured.map((all) => median(all.map(({ operations, elapsedMs }) => (operations * 1000) / elapsedMs)));
  const costs = measured.map((all) =>
    median(all.map((each) => (each.clientCpuUs + each.serverCpuUs) / each.operations)),
  );
  const grpcJs = rates.at(-1) ?? Number.NaN;
  console.log(
    `${row}, ${rounds} interleaved rounds of ${roundMs} ms, medians; every call traced, exporters throw away`,
  );
  const lines = settings.map(({ title, isTold }, index) => {
    const [rate = 0, cost = 0] = [rates[index], costs[index]];
    const bare = costs[index - 1] ?? 0;
    const added = isTold ? `${(cost - bare).toFixed(1)} µs` : "";
    return [
      title,
      Math.round(rate).toLocaleString("en"),
      `${cost.toFixed(1)} µs`,
      added,
      `${(rate / grpcJs).toFixed(1)}x`,
    ];
  });
  const head = ["", "calls/s", "processor time of a call, both sides", "added", "of instrumented grpc-js"];
  console.log(renderTable(head, lines));
  const environment = describeEnvironment(cores);
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ environment, row, roundMs, settings, measured }, undefined, 2)}\n`);
  }
}

await main(process.argv.slice(2));
