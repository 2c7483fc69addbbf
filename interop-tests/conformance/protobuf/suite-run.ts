import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cache } from "./folders.js";
import { runnerCommand } from "./newer-glibc.js";

/** Of the suite's version 33.2.0. Asserted, so that no test is lost. */
const suites: readonly (readonly [name: string, tests: number])[] = [
  ["binary and JSON", 5567],
  ["text", 883],
];

const outcomes =
  /CONFORMANCE SUITE \w+: (\d+) successes, (\d+) skipped, (\d+) expected failures, (\d+) unexpected failures/g;

export interface SuiteRun {
  /** Every test there is succeeded. */
  readonly passed: boolean;
  readonly failures: number;
  /** A line for each suite. */
  readonly summary: string;
  /** What the runner printed. */
  readonly output: string;
}

/** Runs the suite on the generated code in a folder. No failure is forgiven. */
export function runSuite(gen: string): SuiteRun {
  const testee = fileURLToPath(new URL("testee.js", import.meta.url));
  const [program = "", ...rest] = runnerCommand();
  const options = ["--maximum_edition", "MAX", "--enforce_recommended", "--output_dir", cache];
  const { stdout, stderr, status } = spawnSync(program, [...rest, ...options, process.execPath, testee, gen], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const output = stdout + stderr;
  const counts = [...output.matchAll(outcomes)].map((match) => match.slice(1).map(Number));
  const summary = suites.map(([name, tests], i) => {
    const [successes, skipped, , failed] = counts[i] ?? [];
    return `${name}: ${successes} of ${tests} pass, ${failed} fail, ${skipped} skipped`;
  });
  return {
    passed: status === 0 && suites.every(([, tests], i) => String(counts[i]) === String([tests, 0, 0, 0])),
    failures: counts.reduce((sum, [, , , failed = 0]) => sum + failed, 0),
    summary: summary.join("\n"),
    output,
  };
}
