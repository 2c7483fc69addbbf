/** `npm run fuzz -- --target frames --seconds 60`: plays inputs until one fails or the time is over. */
import process from "node:process";
import { writeEvidence } from "../support/evidence.js";
import { retainedHeapBytes } from "../support/retained-heap.js";
import { type CodeCoverage, CoverageProbe } from "./coverage-probe.js";
import { errorOf, reportFailure } from "./failure-report.js";
import { type Failure, FuzzLoop } from "./fuzz-loop.js";
import { type FuzzRunOptions, parseOptions, usage } from "./options.js";
import type { FuzzTarget } from "./target.js";
import { loadTarget } from "./targets/index.js";

/** 2^28 bits are enough to tell ten million inputs apart. */
const distinctLogBits = 28;
/** Inputs after which caches are full and code is compiled; memory in use must not grow by more than this from there. */
const warmUpInputs = 50_000;
const maxGrowthBytes = 48 * 1024 * 1024;
const secondsPerLine = 10;
/** Inputs that coverage guides. Behind them hardly any reaches new code, and counting takes most of the time. */
const guidedInputs = 400_000;

const print = (line: string) => process.stdout.write(`${line}\n`);

function play(target: FuzzTarget, input: string): number {
  const words: string[] = [];
  const error = errorOf(target, Buffer.from(input, "hex"), words);
  for (const line of words) print(line);
  print(error === undefined ? "nothing is wrong with the input" : String(error.stack));
  return error === undefined ? 0 : 1;
}

function describe(loop: FuzzLoop, seconds: number): string {
  const rate = Math.round(loop.inputs / seconds);
  return `${loop.inputs} inputs, ${loop.distinct.count} distinct, ${loop.maker.size} kept, ${rate} a second`;
}

async function fuzz(target: FuzzTarget, probe: CoverageProbe, options: FuzzRunOptions): Promise<number> {
  const { seed, seconds, inputs } = options;
  const loop = new FuzzLoop(target, { seed, guide: probe, distinctLogBits });
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let failure: Failure | undefined;
  let bytesAtFirst = 0;
  let isGuided = true;
  let coverage: Record<string, CodeCoverage> = {};
  for (let line = 1; failure === undefined && loop.inputs < inputs && elapsed() < seconds; ) {
    failure = loop.step(inputs - loop.inputs);
    // Promises that nobody waited for are heard of between two turns.
    await new Promise((resolve) => setImmediate(resolve));
    if (isGuided && loop.inputs >= guidedInputs) {
      isGuided = false;
      coverage = probe.coverage();
      probe.stop();
      loop.unguide();
    }
    if (bytesAtFirst === 0 && loop.inputs > warmUpInputs) bytesAtFirst = retainedHeapBytes();
    if (elapsed() < line * secondsPerLine) continue;
    line = 1 + Math.floor(elapsed() / secondsPerLine);
    print(describe(loop, elapsed()));
  }
  failure ??= loop.finish();
  const took = elapsed();
  print(describe(loop, took));
  const growth = bytesAtFirst === 0 ? 0 : retainedHeapBytes() - bytesAtFirst;
  if (failure !== undefined) {
    print(`FAILED with seed ${seed} behind ${loop.inputs} inputs`);
    for (const text of reportFailure(target, failure, repeatCommand(options))) print(text);
    return 1;
  }
  if (growth > maxGrowthBytes) {
    print(`FAILED with seed ${seed}: memory in use grew by ${growth} bytes, limit ${maxGrowthBytes}`);
    return 1;
  }
  if (isGuided) coverage = probe.coverage();
  for (const [path, { code, functions }] of Object.entries(coverage)) {
    print(`${path}: ${(code * 100).toFixed(1)} % of the code and ${functions} functions ran`);
  }
  if (options.evidence !== undefined) {
    const { inputs: played, distinct, maker, maxRetainedBytes } = loop;
    const what = `fuzzing of ${options.target}`;
    writeEvidence(
      options.evidence,
      { what, command: runCommand(options) },
      {
        inputs: played,
        guidedInputs: Math.min(played, guidedInputs),
        distinctInputsAtLeast: distinct.count,
        corpus: maker.size,
        failures: 0,
        seconds: Math.round(took),
        retainedBytesOfOneInput: { measured: maxRetainedBytes, limit: target.maxRetainedBytes },
        growthOfMemoryInBytes: { measured: growth, limit: maxGrowthBytes },
        coverage,
      },
    );
  }
  return 0;
}

function repeatCommand({ target }: FuzzRunOptions): string {
  return `npm run fuzz -- --target ${target} --input`;
}

function runCommand({ target, seconds, inputs, seed }: FuzzRunOptions): string {
  const bounds = [
    Number.isFinite(seconds) ? ` --seconds ${seconds}` : "",
    Number.isFinite(inputs) ? ` --inputs ${inputs}` : "",
  ];
  return `npm run fuzz -- --target ${target}${bounds.join("")} --seed ${seed}`;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), Math.floor(Date.now() / 1000) % 1_000_000);
  if (typeof options === "string") {
    print(`fuzz: ${options}\n${usage}`);
    return 2;
  }
  const probe = new CoverageProbe();
  if (options.input === undefined) probe.start();
  const target = await loadTarget(options.target);
  probe.watch(target.watched);
  if (options.input !== undefined) return play(target, options.input);
  print(`target ${options.target}, seed ${options.seed}`);
  return fuzz(target, probe, options);
}

for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (reason: unknown) => {
    print(`FAILED: ${event}: ${reason instanceof Error ? reason.stack : String(reason)}`);
    process.exit(1);
  });
}
process.exitCode = await main();
