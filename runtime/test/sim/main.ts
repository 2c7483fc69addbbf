/** `npm run sim -- --seeds 1000 --from 1`: lives through seeds and says which of them broke a law. */
import process from "node:process";
import { findPlant } from "../plants/find-plant.js";
import { plants } from "../plants/plants.js";
import { writeEvidence } from "../support/evidence.js";
import { parseOptions, type SimOptions, usage } from "./options.js";
import { type SimResult, simulate } from "./simulate.js";
import { TraceHash } from "./world/trace-hash.js";

/** Seeds that are described; the others are counted. */
const maxDescribed = 20;
const secondsPerLine = 20;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** What all seeds of a run come to. */
class Tally {
  seeds = 0;
  failed: number[] = [];
  events = 0;
  calls = 0;
  connections = 0;
  virtualMs = 0;
  readonly traces = new Set<string>();
  readonly #all = new TraceHash();
  readonly #startedAt = performance.now();

  add(result: SimResult): void {
    this.seeds++;
    this.events += result.events;
    this.calls += result.calls;
    this.connections += result.links;
    this.virtualMs += result.virtualMs;
    this.traces.add(result.traceHash);
    this.#all.addText(result.traceHash);
    if (result.violations.length > 0) this.failed.push(result.seed);
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** Of all seeds in their order: the same on every Node. */
  get traceOfAll(): string {
    return this.#all.toString();
  }

  get line(): string {
    const rate = (this.seeds / this.seconds).toFixed(0);
    return `${this.seeds} seeds, ${this.failed.length} failed, ${this.traces.size} distinct traces, ${this.calls} calls, ${this.events} events, ${rate} seeds a second`;
  }
}

function describe({ seed, violations }: SimResult): void {
  print(`seed ${seed} FAILED:`);
  for (const { law, atMs, message } of violations.slice(0, 3)) print(`  ${law} at ${atMs.toFixed(3)} ms: ${message}`);
  if (violations.length > 3) print(`  and ${violations.length - 3} more`);
  print(`  to read along: npm run sim -- --seeds 1 --from ${seed} --verbose`);
}

async function runSeeds({ seeds, from, first, verbose }: SimOptions): Promise<Tally> {
  const tally = new Tally();
  // Errors are made by the thousand, and nobody reads where.
  if (!verbose) Error.stackTraceLimit = 2;
  for (let seed = from, lines = 1; seed < from + seeds; seed++) {
    const result = await simulate(seed, verbose ? print : undefined);
    tally.add(result);
    if (result.violations.length > 0 && tally.failed.length <= maxDescribed) describe(result);
    if (first && tally.failed.length > 0) break;
    if (tally.seconds < lines * secondsPerLine) continue;
    lines = 1 + Math.floor(tally.seconds / secondsPerLine);
    print(tally.line);
  }
  return tally;
}

/** The same with a fault in the product: well is what finds it. */
async function searchPlanted(number: number, { seeds, from }: SimOptions): Promise<number> {
  const plant = plants.find((each) => each.number === number && each.foundBy === "sim");
  if (plant === undefined) {
    print(`sim: there is no plant ${number} for the simulator`);
    return 2;
  }
  const { isFound, output } = await findPlant(plant, { seeds, from, fuzzSeconds: 0 });
  print(`${output}plant ${number}, ${plant.name}: ${isFound ? "found" : "NOT FOUND"}`);
  return isFound ? 0 : 1;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (typeof options === "string") {
    print(`sim: ${options}\n${usage}`);
    return 2;
  }
  if (options.plant !== undefined) return searchPlanted(options.plant, options);
  const tally = await runSeeds(options);
  print(tally.line);
  print(`trace of all: ${tally.traceOfAll}`);
  if (options.evidence !== undefined) {
    const command = `npm run sim -- --seeds ${options.seeds} --from ${options.from}`;
    writeEvidence(
      options.evidence,
      { what: "simulation of clients and servers in virtual time", command },
      {
        seeds: { from: options.from, count: tally.seeds },
        failedSeeds: tally.failed,
        distinctTraces: tally.traces.size,
        traceOfAll: tally.traceOfAll,
        calls: tally.calls,
        connections: tally.connections,
        events: tally.events,
        virtualHours: Number((tally.virtualMs / 3_600_000).toFixed(1)),
        seconds: Math.round(tally.seconds),
      },
    );
  }
  return tally.failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();
