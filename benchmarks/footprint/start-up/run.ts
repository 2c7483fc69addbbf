/** Measures how long programs take to start, and how large they are as one file. See benchmarks/README.md. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeEnvironment } from "../../macro/environment.js";
import { median } from "../../macro/statistics.js";
import { createAuthority } from "../../support/certificates.js";
import { measureBundle, writeBundle } from "./bundle.js";
import { launch } from "./launch.js";
import { parseOptions, type StartUpOptions, usage } from "./options.js";
import { empty, needsServer, type Row, type Subject } from "./plan.js";
import { describe, renderBundles, renderStarts } from "./report.js";
import { footprintOf, type Launch, summarizeRow } from "./results.js";

/** Programs of which the size is told. */
const bundled = [
  ...["godwit-client", "godwit-tls-client", "godwit-server", "godwit-tls-server"],
  ...["grpc-js-client", "grpc-js-server", "protobuf-es"],
];

function scriptOf({ program }: Subject): string {
  return fileURLToPath(new URL(`programs/${program}.js`, import.meta.url));
}

function environmentOf(tls: boolean): NodeJS.ProcessEnv {
  if (!tls) return process.env;
  const authority = createAuthority();
  const { chain, key } = authority.issue({ ipAddresses: ["127.0.0.1"], dnsNames: ["localhost"] });
  return { ...process.env, BENCH_ROOTS: authority.certificate, BENCH_CERTIFICATE: chain, BENCH_KEY: key };
}

/** Each subject once a round, another one first each time: what disturbs the machine for a while disturbs all. */
async function measureRow(row: Row, rounds: number, launches: Launch[]): Promise<void> {
  const env = environmentOf(row.tls);
  const server = needsServer(row) ? await launch(serverScript(row), [], env) : undefined;
  const args = server === undefined ? [] : [String(server.told.port)];
  const scripts = row.subjects.map((subject) => (row.bundled ? writeBundle(subject.program) : scriptOf(subject)));
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < scripts.length; turn++) {
        const index = (turn + round) % scripts.length;
        const { told, stop } = await launch(scripts[index] as string, args, env);
        await stop();
        launches.push({ row: row.id, subject: row.subjects[index]?.name ?? "", round, told });
      }
    }
  } finally {
    await server?.stop();
  }
}

/** All clients of a row have the same server. */
function serverScript({ tls }: Row): string {
  return scriptOf({ name: "godwit", program: tls ? "godwit-tls-server" : "godwit-server" });
}

async function measureNode(rounds: number): Promise<number> {
  const used: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { told, stop } = await launch(scriptOf(empty), [], process.env);
    await stop();
    used.push(told.cpuMs);
  }
  return median(used);
}

async function main(args: string[]): Promise<void> {
  let options: StartUpOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const { rounds, rows, json } = options;
  const environment = describeEnvironment(undefined);
  const count = rounds * (1 + rows.reduce((sum, { subjects }) => sum + subjects.length, 0));
  console.log(`${describe(environment, rounds, count)}\n`);
  const launches: Launch[] = [];
  const nodeCpuMs = await measureNode(rounds);
  for (const row of rows) {
    await measureRow(row, rounds, launches);
    console.log(`${row.id}: done`);
  }
  const bundles = bundled.map(measureBundle);
  const summaries = rows.flatMap((row) => summarizeRow(row, launches, nodeCpuMs));
  console.log(`\n${renderStarts(summaries)}`);
  console.log(`\n${renderBundles(bundles)}`);
  if (json === undefined) return;
  const footprint = footprintOf(summaries, bundles);
  writeFileSync(
    json,
    `${JSON.stringify({ environment, nodeCpuMs, rounds: launches, bundles, footprint }, undefined, 2)}\n`,
  );
}

await main(process.argv.slice(2));
