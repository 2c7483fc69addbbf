/** The client and the server of a pairing, each in its own process. */
import { fileURLToPath } from "node:url";
import type { Measurement } from "./closed-loop.js";
import type { CpuAnswer, FromClient, Listening, ToClient, ToServer } from "./messages.js";
import { clientOf, type PairingId, serverOf } from "./pairings.js";
import { type CorePair, PinnedProcess, type ProcessOptions } from "./pinned-process.js";
import type { Workload } from "./rows.js";

const script = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

export interface PairMeasurement extends Measurement {
  /** Processor time of each process while it was measured. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

/** Of both processes. */
export type NodeSetting = Pick<ProcessOptions, "nodeArguments" | "env">;

export class Pair {
  readonly pairing: PairingId;
  readonly #server: PinnedProcess;
  readonly #client: PinnedProcess;

  private constructor(pairing: PairingId, server: PinnedProcess, client: PinnedProcess) {
    this.pairing = pairing;
    this.#server = server;
    this.#client = client;
  }

  static async start(
    pairing: PairingId,
    cores: CorePair | undefined,
    profileFolder: string | undefined,
    clientArguments: readonly string[] = [],
    node: NodeSetting = {},
    serverArguments: readonly string[] = [],
  ): Promise<Pair> {
    const name = pairing.replace("/", "-to-");
    const server = new PinnedProcess(script("server-main"), [serverOf(pairing), ...serverArguments], {
      core: cores?.server,
      profileFolder,
      name: `${name}-server`,
      ...node,
    });
    const { port } = await server.receive<Listening>();
    const client = new PinnedProcess(script("client-main"), [clientOf(pairing), String(port), ...clientArguments], {
      core: cores?.client,
      profileFolder,
      name: `${name}-client`,
      ...node,
    });
    await client.receive<FromClient>();
    return new Pair(pairing, server, client);
  }

  async measure(workload: Workload, durationMs: number): Promise<PairMeasurement> {
    const before = await this.#cpuUs();
    const run: ToClient = { type: "run", workload, durationMs };
    const message = await this.#client.ask<FromClient>(run);
    if (message.type !== "measured") {
      throw new Error(`${this.pairing}: ${message.type === "failed" ? message.message : message.type}`);
    }
    const after = await this.#cpuUs();
    return {
      ...message.measurement,
      clientCpuUs: after.client - before.client,
      serverCpuUs: after.server - before.server,
    };
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
  }

  async #cpuUs(): Promise<{ client: number; server: number }> {
    const question: ToClient & ToServer = { type: "cpu" };
    const client = await this.#client.ask<CpuAnswer>(question);
    const server = await this.#server.ask<CpuAnswer>(question);
    return { client: client.us, server: server.us };
  }
}
