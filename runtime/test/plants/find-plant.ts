import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import type { Plant } from "./plant.js";
import { PlantedBuild } from "./planted-build.js";

/** How long a tool may look: seeds of the simulator, seconds of fuzzing. */
export interface SearchLimits {
  readonly seeds: number;
  readonly from: number;
  readonly fuzzSeconds: number;
}

export interface Search {
  readonly isFound: boolean;
  /** What the tool printed. */
  readonly output: string;
}

/** A tool that has found something prints this word and exits with 1; one that is broken does not. */
const foundWord = "FAILED";

/** Runs the plant's tool on a product that has the fault. */
export async function findPlant(plant: Plant, limits: SearchLimits): Promise<Search> {
  using planted = new PlantedBuild(plant);
  const { status, output } = await run([...process.execArgv, ...commandOf(plant, planted.folder, limits)]);
  return { isFound: status === 1 && output.includes(foundWord), output };
}

function commandOf({ foundBy }: Plant, folder: string, { seeds, from, fuzzSeconds }: SearchLimits): string[] {
  if (foundBy === "sim") {
    const tool = join(folder, "test/sim/main.js");
    return [tool, "--seeds", String(seeds), "--from", String(from), "--first"];
  }
  const target = foundBy.slice("fuzz:".length);
  return [join(folder, "test/fuzz/main.js"), "--target", target, "--seconds", String(fuzzSeconds), "--seed", "1"];
}

function run(args: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}
