/**
 * `node interop-tests/build/official/client.js --server_port=10000 --test_case=large_unary`: runs a case, or some with commas
 * between, against a server of any language. Prints `begin` and `ok`, `failed` or `cannot` with the name of each.
 */
import process from "node:process";
import { additionalMetadata } from "./additional-metadata.js";
import { isCaseName } from "./all-cases.js";
import { parseFlags, wholeNumber } from "./flags.js";
import { type ClientSettings, runCase } from "./run-case.js";
import { clientCredentials } from "./security.js";

const flags = parseFlags(process.argv.slice(2), {
  server_host: "localhost",
  server_port: "10000",
  server_host_override: "",
  test_case: "large_unary",
  use_tls: "false",
  use_test_ca: "false",
  // As grpc-go has it: the authority that is trusted with use_test_ca.
  ca_file: "",
  // What the client shows of itself.
  cert_file: "",
  key_file: "",
  service_config_json: "",
  additional_metadata: "",
  soak_iterations: "10",
  soak_max_failures: "0",
  soak_per_iteration_max_acceptable_latency_ms: "1000",
  soak_overall_timeout_seconds: "10",
  soak_min_time_ms_between_rpcs: "0",
  soak_request_size: "271828",
  soak_response_size: "314159",
  soak_num_threads: "1",
});

const soakFlag = (name: keyof typeof flags): number => wholeNumber(name, flags[name]);
const { server_host: host, server_port, service_config_json: config } = flags;
const port = wholeNumber("server_port", server_port);
const settings: ClientSettings = {
  // Without a port it is a target of any scheme.
  target: port === 0 ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`,
  credentials: clientCredentials(flags),
  authority: flags.server_host_override === "" ? undefined : flags.server_host_override,
  serviceConfig: config === "" ? undefined : JSON.parse(config),
  interceptors: additionalMetadata(flags.additional_metadata),
  soak: {
    iterations: soakFlag("soak_iterations"),
    maxFailures: soakFlag("soak_max_failures"),
    perIterationMaxAcceptableLatencyMs: soakFlag("soak_per_iteration_max_acceptable_latency_ms"),
    overallTimeoutSeconds: soakFlag("soak_overall_timeout_seconds"),
    minTimeMsBetweenRpcs: soakFlag("soak_min_time_ms_between_rpcs"),
    requestSize: soakFlag("soak_request_size"),
    responseSize: soakFlag("soak_response_size"),
    numThreads: soakFlag("soak_num_threads"),
  },
  say: (line) => process.stderr.write(`${line}\n`),
};

for (const name of flags.test_case.split(",")) {
  if (!isCaseName(name)) {
    process.stdout.write(`cannot ${name}: there is no such case\n`);
    process.exitCode = 1;
    continue;
  }
  process.stdout.write(`begin ${name}\n`);
  try {
    await runCase(name, settings);
    process.stdout.write(`ok ${name}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stdout.write(`failed ${name}: ${reason.replaceAll(/\s+/g, " ")}\n`);
    process.exitCode = 1;
  }
}
