/**
 * `npm run conformance:grpc`: connectconformance with our server and our client. Every permutation has to pass. With
 * `--control` the suite's own programs take our place, by connect-go and grpc-go: what they fail may be a fault of the harness.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildGoModule } from "../support/go-module.js";
import { modes, runSuite, type SuitePart } from "./suite-run.js";

const packages = "connectrpc.com/conformance/cmd";
const commands = ["connectconformance", "referenceserver", "referenceclient", "grpcserver", "grpcclient"];
const suite = {
  folder: "interop-tests/connectconformance/suite",
  cache: "connectconformance",
  packages: commands.map((command) => `${packages}/${command}`),
  wants: "connectconformance is a program in Go 1.25 or newer",
};

const parts: readonly SuitePart[] = [
  {
    name: "binary",
    codecs: ["proto"],
    compressions: ["identity", "gzip"],
    tls: true,
    cases: { server: 566, client: 634 },
  },
  {
    name: "JSON",
    codecs: ["json"],
    compressions: ["identity", "gzip"],
    tls: true,
    cases: { server: 306, client: 406 },
  },
  {
    name: "deflate, binary and JSON",
    codecs: ["proto", "json"],
    compressions: ["deflate"],
    tls: true,
    cases: { server: 330, client: 414 },
  },
];

/** grpc-go's programs have no TLS. */
const controlPart: SuitePart = {
  name: "binary without TLS",
  codecs: ["proto"],
  compressions: ["identity", "gzip"],
  tls: false,
  cases: { server: 372, client: 403 },
};

function runOurs(folder: string): boolean {
  let passed = true;
  for (const part of parts) {
    for (const mode of modes) {
      const program = fileURLToPath(new URL(`programs/${mode}.js`, import.meta.url));
      const encoding = part.compressions.at(-1) ?? "identity";
      const command = [process.execPath, "--enable-source-maps", program, encoding];
      const startedAt = performance.now();
      const result = runSuite(folder, { part, mode, command });
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(`our ${mode}, ${part.name}: ${result.summary} (${seconds} s)`);
      if (!result.passed) passed = false;
      if (result.complaints !== "") console.log(result.complaints);
    }
  }
  return passed;
}

function runControls(folder: string): void {
  for (const [name, prefix] of Object.entries({ "connect-go": "reference", "grpc-go": "grpc" })) {
    for (const mode of modes) {
      const command = [join(folder, prefix + mode)];
      const { summary, failed } = runSuite(folder, { part: controlPart, mode, command });
      console.log(`${name}'s ${mode}, ${controlPart.name} (control): ${summary}`);
      for (const permutation of failed) console.log(`  ${permutation}`);
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
