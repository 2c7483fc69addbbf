/**
 * `npm run conformance:grpc`: connectconformance with our server and our client. Every permutation has to pass. With
 * `--control` the suite's own programs take our place, by connect-go and grpc-go: what they fail may be a fault of the harness.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildGoModule } from "../support/go-module.js";
import { type Codec, type Mode, modes, runSuite, type SuiteRun } from "./suite-run.js";

const packages = "connectrpc.com/conformance/cmd";
const commands = ["connectconformance", "referenceserver", "referenceclient", "grpcserver", "grpcclient"];
const suite = {
  folder: "interop-tests/connectconformance/suite",
  cache: "connectconformance",
  packages: commands.map((command) => `${packages}/${command}`),
  wants: "connectconformance is a program in Go 1.25 or newer",
};

/** Permutations that there are at the version of suite/go.mod. Fewer have run: something is amiss. */
const caseCounts: Readonly<Record<Codec, Readonly<Record<Mode, number>>>> = {
  proto: { server: 566, client: 634 },
  json: { server: 306, client: 406 },
};
/** grpc-go's programs have no TLS. */
const controlCounts: Readonly<Record<Mode, number>> = { server: 372, client: 403 };

function runOurs(folder: string): boolean {
  let passed = true;
  for (const codec of ["proto", "json"] as const) {
    for (const mode of modes) {
      const program = fileURLToPath(new URL(`programs/${mode}.js`, import.meta.url));
      const run: SuiteRun = { mode, codec, tls: true, command: [process.execPath, "--enable-source-maps", program] };
      const startedAt = performance.now();
      const result = runSuite(folder, run, caseCounts[codec][mode]);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(`our ${mode}, ${codec}: ${result.summary} (${seconds} s)`);
      if (result.passed) continue;
      passed = false;
      console.log(result.output);
    }
  }
  return passed;
}

function runControls(folder: string): void {
  for (const [name, prefix] of Object.entries({ "connect-go": "reference", "grpc-go": "grpc" })) {
    for (const mode of modes) {
      const run: SuiteRun = { mode, codec: "proto", tls: false, command: [join(folder, prefix + mode)] };
      const { summary, output } = runSuite(folder, run, controlCounts[mode]);
      console.log(`${name}'s ${mode}, proto without TLS (control): ${summary}`);
      for (const line of output.split("\n")) if (line.startsWith("FAILED: ")) console.log(`  ${line}`);
    }
  }
}

const { values: flags } = parseArgs({ options: { control: { type: "boolean", default: false } } });
try {
  const folder = buildGoModule(suite);
  if (flags.control) runControls(folder);
  else if (!runOurs(folder)) process.exitCode = 1;
} catch (error) {
  console.error(`conformance:grpc: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
