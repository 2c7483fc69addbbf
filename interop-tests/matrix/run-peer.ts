/** One peer: each of its sides against ours, over each transport. */
import { type CaseName, furtherCases } from "../official/all-cases.js";
import { defaultSoak } from "../official/case.js";
import { runCase } from "../official/run-case.js";
import { clientCredentials, serverCredentials } from "../official/security.js";
import { startTestServer } from "../official/test-server.js";
import type { Cell, Direction, Outcome } from "./cell.js";
import { runClientProgram } from "./client-program.js";
import type { InstalledPeer, Peer } from "./peer.js";
import { startServerProgram } from "./server-program.js";
import { type CertificateFiles, clientFlags, serverFlags, serverName, type Transport } from "./transport.js";

export interface RunOptions {
  readonly cases: readonly CaseName[];
  readonly files: CertificateFiles;
  readonly soakIterations: number;
  onCell(cell: Cell): void;
}

const scaling = "max_concurrent_streams_connection_scaling";
const host = "127.0.0.1";
/** Machines that do other things besides are slow now and then. */
const soak = { perIterationMaxAcceptableLatencyMs: 5_000, overallTimeoutSeconds: 60 };

/** Runs every case that the sides can do, and reports the others with the reason. */
export class PeerRun {
  readonly #peer: Peer;
  readonly #installed: InstalledPeer;
  readonly #options: RunOptions;
  /** When the last case ended. */
  #last = performance.now();

  constructor(peer: Peer, installed: InstalledPeer, options: RunOptions) {
    this.#peer = peer;
    this.#installed = installed;
    this.#options = options;
  }

  /** Our client, a server of the peer's. */
  async callTheirs(transport: Transport): Promise<void> {
    const cases = this.#possible(transport, "ours");
    if (cases.length === 0) return;
    const flags = serverFlags(transport, this.#options.files);
    await using server = await startServerProgram(this.#installed.server, flags);
    for (const name of cases.filter((each) => each !== scaling)) await this.#call(name, transport, server.port);
    if (!cases.includes(scaling)) return;
    const limit = "--max_concurrent_streams_limit=3";
    await using limited = await startServerProgram(this.#installed.server, [...flags, limit]);
    await this.#call(scaling, transport, limited.port);
  }

  /** Our server, a client of the peer's. */
  async serveTheirs(transport: Transport): Promise<void> {
    const { files, soakIterations } = this.#options;
    const cases = this.#possible(transport, "theirs");
    if (cases.length === 0) return;
    const credentials = serverCredentials(securityOf(transport, files));
    const run = async (names: readonly CaseName[], maxConcurrentStreams?: number): Promise<void> => {
      if (names.length === 0) return;
      await using server = await startTestServer({ host, port: 0, credentials, maxConcurrentStreams });
      const flags = [
        `--server_host=${host}`,
        `--server_port=${server.port}`,
        `--soak_iterations=${soakIterations}`,
        `--soak_per_iteration_max_acceptable_latency_ms=${soak.perIterationMaxAcceptableLatencyMs}`,
        `--soak_overall_timeout_seconds=${soak.overallTimeoutSeconds}`,
        ...clientFlags(transport, files),
      ];
      await runClientProgram(this.#installed.client, flags, names, (name, outcome) => {
        this.#report(name, transport, "theirs", outcome);
      });
    };
    await run(cases.filter((each) => each !== scaling));
    await run(
      cases.filter((each) => each === scaling),
      3,
    );
  }

  async #call(name: CaseName, transport: Transport, port: number): Promise<void> {
    const { files, soakIterations } = this.#options;
    const settings = {
      target: `${host}:${port}`,
      credentials: clientCredentials(securityOf(transport, files)),
      authority: transport === "h2c" ? undefined : serverName,
      soak: { ...defaultSoak, ...soak, iterations: soakIterations },
    };
    const outcome = await runCase(name, settings).then(
      (): Outcome => ({ kind: "ok" }),
      (error: unknown): Outcome => ({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
    );
    this.#report(name, transport, "ours", outcome);
  }

  /** Ideas that are no case yet are tried over h2c alone: they take long, and are about what is above TLS. */
  #possible(transport: Transport, direction: Direction): CaseName[] {
    const cannot = direction === "ours" ? this.#peer.serverCannot : this.#peer.clientCannot;
    return this.#options.cases.filter((name) => {
      if (transport !== "h2c" && Object.hasOwn(furtherCases, name)) return false;
      const reason = cannot(name, transport);
      if (reason === undefined) return true;
      this.#report(name, transport, direction, { kind: "cannot", reason });
      return false;
    });
  }

  #report(name: CaseName, transport: Transport, direction: Direction, outcome: Outcome): void {
    const now = performance.now();
    const ms = now - this.#last;
    this.#last = now;
    this.#options.onCell({ ms, peer: this.#peer.name, transport, direction, name, outcome });
  }
}

function securityOf(transport: Transport, files: CertificateFiles) {
  const isMutual = transport === "mtls";
  return {
    use_tls: String(transport !== "h2c"),
    use_test_ca: String(transport !== "h2c"),
    ca_file: files.authority,
    cert_file: isMutual ? files.clientCertificate : "",
    key_file: isMutual ? files.clientKey : "",
    tls_cert_file: files.serverCertificate,
    tls_key_file: files.serverKey,
    client_ca_file: isMutual ? files.authority : "",
  };
}
