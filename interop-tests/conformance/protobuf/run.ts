/**
 * `npm run conformance:protobuf`: the conformance suite of protobuf with our codecs for binary messages. No failure is
 * expected and none is forgiven; the number of tests is asserted, so that none is lost either.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cache } from "./folders.js";
import { generate } from "./generate.js";
import { runnerCommand } from "./newer-glibc.js";

/** Of the suite's version 33.2.0: binary and JSON, then text. */
const expectedSuccesses = [5567, 883];

const outcomes =
  /CONFORMANCE SUITE \w+: (\d+) successes, (\d+) skipped, (\d+) expected failures, (\d+) unexpected failures/g;

function main(): number {
  const testee = fileURLToPath(new URL("testee.js", import.meta.url));
  const [loader = "", ...rest] = runnerCommand();
  const options = ["--maximum_edition", "MAX", "--enforce_recommended", "--output_dir", cache];
  const { stdout, stderr, status } = spawnSync(loader, [...rest, ...options, process.execPath, testee, generate()], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const counts = [...(stdout + stderr).matchAll(outcomes)].map((match) => match.slice(1).map(Number));
  const passed =
    status === 0 &&
    counts.length === expectedSuccesses.length &&
    counts.every(
      ([successes, skipped, forgiven, failed], i) =>
        successes === expectedSuccesses[i] && skipped === 0 && forgiven === 0 && failed === 0,
    );
  for (const [i, [successes, skipped, , failed]] of counts.entries()) {
    const suite = i === 0 ? "binary and JSON" : "text";
    console.log(`${suite}: ${successes} of ${expectedSuccesses[i]} pass, ${failed} fail, ${skipped} skipped`);
  }
  if (!passed) console.log(`${stdout}${stderr}\nthe conformance suite fails, runner's exit code ${status}`);
  return passed ? 0 : 1;
}

process.exitCode = main();
