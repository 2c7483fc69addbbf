// `npm run evidence [-- --list] [-- --only NAME…]`: the long runs, one after the other, which write docs/evidence/. By hand, on a
// machine that does nothing else, from a commit without changes: each record names its commit. All of it takes a night.
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const seeds = 50_000;
const fuzzed = ["frames", "hpack", "deframer", "grpc-values", "protobuf"];
const sim = (from) => ({
  name: `sim-${from}-${from + seeds - 1}`,
  command: [
    "runtime/build/test/sim/main.js",
    "--seeds",
    seeds,
    "--from",
    from,
    "--evidence",
    `sim-${from}-${from + seeds - 1}`,
  ],
});
const fuzz = (target) => ({
  name: `fuzz-${target}`,
  command: [
    ...["runtime/build/test/fuzz/main.js", "--target", target, "--inputs", 10_000_000],
    ...["--seed", 20261126, "--evidence", `fuzz-${target}`],
  ],
});

const runs = [
  sim(1),
  sim(seeds + 1),
  ...fuzzed.map(fuzz),
  {
    name: "fuzz-codec",
    command: ["runtime/build/test/codec/fuzz/main.js", "--inputs", 1_000_000, "--seed", 20261127, "--evidence"],
  },
  { name: "bench", command: ["benchmarks/build/macro/run.js", "--json", "docs/evidence/bench.json"] },
  {
    name: "memory",
    command: ["benchmarks/build/footprint/memory/run.js", "--rounds", 1, "--json", "docs/evidence/memory.json"],
  },
  { name: "soak", command: ["benchmarks/build/soak/run.js", "--evidence"] },
  { name: "crash", command: ["benchmarks/build/crash/run.js", "--kills", 50, "--seed", 2, "--evidence"] },
  { name: "attack", command: ["benchmarks/build/attack/run.js", "all", "--seconds", 4, "--evidence"] },
  {
    name: "wire",
    command: [
      "interop-tests/build/wire/run.js",
      "--evidence",
      process.execPath,
      "interop-tests/build/matrix/run.js",
      "--all",
    ],
  },
];

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, list: { type: "boolean", default: false } },
});
const chosen = runs.filter(({ name }) => values.only?.includes(name) ?? true);
if (values.list || chosen.length === 0) {
  for (const { name, command } of runs) console.log(`${name}: node ${command.join(" ")}`);
  process.exit(values.list ? 0 : 1);
}
execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
const failed = [];
for (const { name, command } of chosen) {
  const began = performance.now();
  console.log(`\n== ${name}: node ${command.join(" ")}`);
  const { status } = spawnSync(process.execPath, command.map(String), { stdio: "inherit" });
  console.log(`-- ${name}: ${status === 0 ? "ok" : "FAILED"}, ${Math.round((performance.now() - began) / 1000)} s`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) console.log(`\nFAILED: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
