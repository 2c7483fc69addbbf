/** The frame of a peer's program that is written in TypeScript: flags in, a port or outcomes out (matrix/peer.ts). */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseFlags, wholeNumber } from "../official/flags.js";

/** PEM of what a side shows and of whom it trusts. */
export interface PeerSecurity {
  readonly certificate: Buffer | undefined;
  readonly key: Buffer | undefined;
  /** Of a client: undefined without TLS. Of a server: undefined unless clients need a certificate. */
  readonly authority: Buffer | undefined;
}

export interface ServerSettings {
  /** Undefined without TLS. */
  readonly tls: PeerSecurity | undefined;
  readonly port: number;
  readonly maxConcurrentStreams: number | undefined;
}

export interface ClientSettings {
  readonly address: string;
  readonly tls: PeerSecurity | undefined;
  readonly serverName: string;
  readonly soakIterations: number;
}

export type PeerCases = Readonly<Record<string, () => Promise<void>>>;

export interface PeerProgram {
  /** Resolves with the port. */
  serve(settings: ServerSettings): Promise<number>;
  cases(settings: ClientSettings): PeerCases;
}

/** Does what the command line says. */
export async function runProgram(program: PeerProgram): Promise<void> {
  const [side, ...args] = process.argv.slice(2);
  if (side === "server") {
    const port = await program.serve(serverSettings(args));
    process.stdout.write(`listening ${port}\n`);
    process.stdin.resume().on("end", () => process.exit());
  } else if (side === "client") {
    process.exit(await runCases(program, args));
  } else {
    throw new Error("expected: server or client");
  }
}

function serverSettings(args: readonly string[]): ServerSettings {
  const flags = parseFlags(args, {
    port: "0",
    use_tls: "false",
    tls_cert_file: "",
    tls_key_file: "",
    client_ca_file: "",
    max_concurrent_streams_limit: "0",
  });
  const limit = wholeNumber("max_concurrent_streams_limit", flags.max_concurrent_streams_limit);
  return {
    port: wholeNumber("port", flags.port),
    maxConcurrentStreams: limit === 0 ? undefined : limit,
    tls: security(flags.use_tls, flags.tls_cert_file, flags.tls_key_file, flags.client_ca_file),
  };
}

async function runCases(program: PeerProgram, args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    server_host: "127.0.0.1",
    server_port: "0",
    server_host_override: "",
    test_case: "",
    use_tls: "false",
    use_test_ca: "false",
    ca_file: "",
    cert_file: "",
    key_file: "",
    soak_iterations: "10",
    soak_per_iteration_max_acceptable_latency_ms: "1000",
    soak_overall_timeout_seconds: "10",
  });
  const cases = program.cases({
    address: `${flags.server_host}:${flags.server_port}`,
    tls: security(flags.use_tls, flags.cert_file, flags.key_file, flags.ca_file),
    serverName: flags.server_host_override,
    soakIterations: wholeNumber("soak_iterations", flags.soak_iterations),
  });
  let failed = 0;
  for (const name of flags.test_case.split(",")) {
    const run = cases[name];
    if (run === undefined) {
      process.stdout.write(`cannot ${name}: there is no such case\n`);
      continue;
    }
    process.stdout.write(`begin ${name}\n`);
    try {
      await run();
      process.stdout.write(`ok ${name}\n`);
    } catch (error) {
      failed++;
      const reason = error instanceof Error ? error.message : String(error);
      process.stdout.write(`failed ${name}: ${reason.replaceAll(/\s+/g, " ")}\n`);
    }
  }
  return failed === 0 ? 0 : 1;
}

function security(isOn: string, certificate: string, key: string, authority: string): PeerSecurity | undefined {
  if (isOn !== "true") return undefined;
  const read = (file: string): Buffer | undefined => (file === "" ? undefined : readFileSync(file));
  return { certificate: read(certificate), key: read(key), authority: read(authority) };
}
