/** `npm run plants`: puts each planted fault into a copy of the product and has its tool find it. */
import process from "node:process";
import { findPlant } from "./find-plant.js";
import type { Plant } from "./plant.js";
import { plants } from "./plants.js";

const limits = { seeds: 5_000, from: 1, fuzzSeconds: 60 };

const print = (line: string) => process.stdout.write(`${line}\n`);

/** All, or those whose numbers are given. */
function chosen(args: readonly string[]): readonly Plant[] {
  return args.length === 0 ? plants : plants.filter(({ number }) => args.includes(String(number)));
}

async function main(): Promise<number> {
  let missed = 0;
  for (const plant of chosen(process.argv.slice(2))) {
    const startedAt = performance.now();
    const { isFound, output } = await findPlant(plant, limits);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const how = isFound ? firstFinding(output) : "NOT FOUND";
    print(`plant ${plant.number}, ${plant.name} (${plant.foundBy}): ${how}, ${seconds} s`);
    if (isFound) continue;
    missed++;
    print(`  ${plant.breaks}\n${output.split("\n").slice(-8).join("\n")}`);
  }
  print(missed === 0 ? "every plant was found" : `${missed} plants were not found`);
  return missed === 0 ? 0 : 1;
}

/** The line with the failure and the one behind it, in one. */
function firstFinding(output: string): string {
  const lines = output.split("\n");
  const at = lines.findIndex((line) => line.includes("FAILED"));
  return `${lines[at]?.trim()} ${lines[at + 1]?.trim() ?? ""}`.slice(0, 160);
}

process.exitCode = await main();
