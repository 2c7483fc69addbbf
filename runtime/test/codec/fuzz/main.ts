/**
 * `npm run fuzz:codec -- --inputs N [--seed S] [--evidence FILE]`: our codecs against protobuf-es on N different mutated
 * messages, and on the messages that they are made of.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz-loop.js";

const { values: flags } = parseArgs({
  options: {
    inputs: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    evidence: { type: "string" },
  },
});
const inputs = Number(flags.inputs);
const seed = Number(flags.seed);
if (!(inputs > 0) || !Number.isInteger(seed)) throw new TypeError("--inputs and --seed take a number");

console.log(`seed ${seed}`);
const started = performance.now();
let told = 0;
const onProgress = (count: number): void => {
  if (count - told < 100_000) return;
  told = count;
  console.log(`${count} of ${inputs}`);
};
const { tally, distinct } = fuzz(seed, inputs, { onProgress });
const result = {
  command: `npm run fuzz:codec -- --inputs ${inputs} --seed ${seed}`,
  commit: execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim(),
  node: process.version,
  seconds: Math.round((performance.now() - started) / 1000),
  distinctMutated: distinct,
  ...tally,
};
console.log(JSON.stringify(result, undefined, 2));
if (flags.evidence !== undefined) writeFileSync(flags.evidence, `${JSON.stringify(result, undefined, 2)}\n`);
