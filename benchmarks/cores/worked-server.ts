/** A server with so many workers, and the connections of this process to it. */
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Channel, createChannel, createClient, insecure } from "godwit";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { PinnedProcess } from "../macro/pinned-process.js";
import type { Listening, Usage } from "./messages.js";

const script = fileURLToPath(new URL("./server-main.js", import.meta.url));

export interface Measured {
  readonly calls: number;
  readonly elapsedMs: number;
  /** Processor time of all workers, and of this process. */
  readonly workersCpuUs: number;
  readonly clientCpuUs: number;
}

export class WorkedServer {
  readonly workers: number;
  readonly #process: PinnedProcess;
  readonly #channels: Channel[] = [];
  readonly #clients: EchoServiceClient[] = [];

  private constructor(workers: number) {
    this.workers = workers;
    this.#process = new PinnedProcess(script, [String(workers)], {
      core: undefined,
      profileFolder: undefined,
      name: `server of ${workers}`,
    });
  }

  static async start(workers: number, connections: number): Promise<WorkedServer> {
    const server = new WorkedServer(workers);
    let address = "";
    for (let i = 0; i < workers; i++) ({ address } = await server.#process.receive<Listening>());
    for (let i = 0; i < connections; i++) {
      const channel = createChannel(address, { credentials: insecure(), shareConnections: false });
      server.#channels.push(channel);
      server.#clients.push(createClient(EchoService, channel));
      // One after the other: each goes to the next worker.
      await server.#usageBy(i);
    }
    return server;
  }

  /** How many connections each worker has. */
  async spread(): Promise<number[]> {
    const counts = new Map<number, number>();
    for (let i = 0; i < this.#clients.length; i++) {
      const { pid } = await this.#usageBy(i);
      counts.set(pid, (counts.get(pid) ?? 0) + 1);
    }
    return [...counts.values()];
  }

  /** Calls of so many steps, so many at a time on each connection. */
  async measure(steps: number, inFlight: number, roundMs: number): Promise<Measured> {
    const request = { id: String(steps), payload: new Uint8Array(64) };
    let calls = 0;
    const before = { workers: await this.#cpuUs(), client: process.cpuUsage(), at: performance.now() };
    const until = before.at + roundMs;
    const callOver = async (client: EchoServiceClient): Promise<void> => {
      while (performance.now() < until) {
        await client.unary(request, { timeoutMs: 10_000 });
        calls++;
      }
    };
    const callers = this.#clients.flatMap((client) => Array.from({ length: inFlight }, () => callOver(client)));
    await Promise.all(callers);
    const elapsedMs = performance.now() - before.at;
    const { user, system } = process.cpuUsage(before.client);
    return { calls, elapsedMs, clientCpuUs: user + system, workersCpuUs: (await this.#cpuUs()) - before.workers };
  }

  async stop(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
    await this.#process.stop();
  }

  async #cpuUs(): Promise<number> {
    const byPid = new Map<number, number>();
    for (let i = 0; i < this.#clients.length; i++) {
      const { pid, cpuUs } = await this.#usageBy(i);
      byPid.set(pid, cpuUs);
    }
    return [...byPid.values()].reduce((sum, cpuUs) => sum + cpuUs, 0);
  }

  async #usageBy(connection: number): Promise<Usage> {
    const client = this.#clients[connection] as EchoServiceClient;
    return JSON.parse((await client.unary({ id: "usage" })).id) as Usage;
  }
}
