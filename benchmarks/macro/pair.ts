/** The client and the server of a pairing, each in its own process. */
import { fileURLToPath } from "node:url";
import { goPeer } from "../peers/grpc-go/build-peer.js";
import type { Measurement } from "./closed-loop.js";
import type {
  CpuAnswer,
  FromClient,
  Listening,
  MemoryAnswer,
  ToClient,
  UsageAnswer,
  UsageQuestion,
} from "./messages.js";
import { clientOf, type PairingId, serverOf } from "./pairings.js";
import { type CorePair, type Executable, PinnedProcess, type ProcessOptions } from "./pinned-process.js";
import type { Workload } from "./rows.js";
import type { SubjectName } from "./subjects/subject.js";

export interface PairMeasurement extends Measurement {
  /** Processor time of each process while it was measured. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

/** What each process allocated for so many operations, and has in memory. */
export interface PairMemory {
  readonly operations: number;
  readonly client: Omit<MemoryAnswer, "type">;
  readonly server: Omit<MemoryAnswer, "type">;
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
    const serverProgram = programOf(serverOf(pairing), "server");
    const server = new PinnedProcess(serverProgram.file, [serverProgram.argument, ...serverArguments], {
      core: cores?.server,
      profileFolder,
      name: `${name}-server`,
      ...node,
    });
    const { port } = await server.receive<Listening>();
    const clientProgram = programOf(clientOf(pairing), "client");
    const client = new PinnedProcess(clientProgram.file, [clientProgram.argument, String(port), ...clientArguments], {
      core: cores?.client,
      profileFolder,
      name: `${name}-client`,
      ...node,
    });
    await client.receive<FromClient>();
    return new Pair(pairing, server, client);
  }

  async measure(workload: Workload, durationMs: number): Promise<PairMeasurement> {
    const before = await this.#ask<CpuAnswer>({ type: "cpu" });
    const measurement = await this.#run(workload, durationMs);
    const after = await this.#ask<CpuAnswer>({ type: "cpu" });
    return {
      ...measurement,
      clientCpuUs: after.client.us - before.client.us,
      serverCpuUs: after.server.us - before.server.us,
    };
  }

  /** The same, for memory instead of time: the processes are slower meanwhile. */
  async measureMemory(workload: Workload, durationMs: number): Promise<PairMemory> {
    await this.#ask({ type: "watchMemory" });
    const { operations } = await this.#run(workload, durationMs);
    const { client, server } = await this.#ask<MemoryAnswer>({ type: "memory" });
    return { operations, client: withoutType(client), server: withoutType(server) };
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
  }

  async #run(workload: Workload, durationMs: number): Promise<Measurement> {
    const run: ToClient = { type: "run", workload, durationMs };
    const message = await this.#client.ask<FromClient>(run);
    if (message.type === "measured") return message.measurement;
    throw new Error(`${this.pairing}: ${message.type === "failed" ? message.message : message.type}`);
  }

  async #ask<Answer extends UsageAnswer>(question: UsageQuestion): Promise<{ client: Answer; server: Answer }> {
    const client = await this.#client.ask<Answer>(question);
    const server = await this.#server.ask<Answer>(question);
    return { client, server };
  }
}

/** One side of a subject: what is run, and its first argument. */
function programOf(subject: SubjectName, side: "client" | "server"): { file: string | Executable; argument: string } {
  if (subject === "grpc-go") return { file: { executable: goPeer }, argument: side };
  return { file: fileURLToPath(new URL(`./${side}-main.js`, import.meta.url)), argument: subject };
}

function withoutType({ allocatedBytes, externalBytes, rssBytes }: MemoryAnswer): PairMemory["client"] {
  return { allocatedBytes, externalBytes, rssBytes };
}
