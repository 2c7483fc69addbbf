/** Client and server of one library, in new processes, for one row and one round. */
import { fileURLToPath } from "node:url";
import { type CorePair, PinnedProcess, type ProcessOptions } from "../../macro/pinned-process.js";
import type { Answer, ToClient, ToProcess } from "./messages.js";
import type { MemoryOptions } from "./options.js";
import { connectionsFor, type Row, type SubjectName, warmUpConnections } from "./plan.js";
import type { MemoryReading } from "./reading.js";
import type { RoundFigures } from "./results.js";

const script = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/**
 * The young generation has its full size from the start: else by how much it has grown meanwhile would be counted as the
 * connections'. The old one may become what the largest of the subjects needs.
 */
const nodeArguments = [
  "--expose-gc",
  "--min-semi-space-size=16",
  "--max-semi-space-size=16",
  "--max-old-space-size=8192",
];
const warmUpMs = 500;

export class Footprint {
  readonly #subject: SubjectName;
  readonly #options: MemoryOptions;
  readonly #server: PinnedProcess;
  readonly #client: PinnedProcess;

  private constructor(subject: SubjectName, options: MemoryOptions, server: PinnedProcess, client: PinnedProcess) {
    this.#subject = subject;
    this.#options = options;
    this.#server = server;
    this.#client = client;
  }

  static async measure(
    subject: SubjectName,
    row: Row,
    options: MemoryOptions,
    cores: CorePair | undefined,
    env: NodeJS.ProcessEnv,
  ): Promise<RoundFigures> {
    const common: Omit<ProcessOptions, "core" | "name"> = { profileFolder: undefined, nodeArguments, env };
    const name = `${row.id}-${subject}`;
    const server = new PinnedProcess(script("server-main"), [subject], {
      ...common,
      core: cores?.server,
      name: `${name}-server`,
    });
    const listening = await server.receive<Answer>();
    if (listening.type !== "listening") throw new Error(`${name}: the server said ${listening.type}`);
    const client = new PinnedProcess(script("client-main"), [subject, String(listening.port)], {
      ...common,
      core: cores?.client,
      name: `${name}-client`,
    });
    await client.receive<Answer>();
    try {
      return await new Footprint(subject, options, server, client).#measure(row);
    } finally {
      await Promise.all([client.stop(), server.stop()]);
    }
  }

  async #measure({ load }: Row): Promise<RoundFigures> {
    const { connections, streams } = this.#options;
    switch (load.kind) {
      case "connections":
        await this.#do({ type: "connect", count: warmUpConnections });
        return this.#grow(connections, { type: "connect", count: connections });
      case "streams": {
        const count = connectionsFor(streams);
        await this.#do({ type: "connect", count });
        await this.#do({ type: "stream", count });
        // All together they may be as many as a server of godwit runs by default (maxConcurrentCalls).
        return this.#grow(streams - count, { type: "stream", count: streams - count });
      }
      case "setUp":
        return this.#setUp(load.atOnce);
    }
  }

  /** What both processes have more of behind `step`, which opens `count` of something. */
  async #grow(count: number, step: ToClient): Promise<RoundFigures> {
    const before = await this.#memory();
    await this.#do(step);
    const after = await this.#memory();
    await this.#do({ type: "check" });
    return {
      clientRssBytes: (after.client.rssBytes - before.client.rssBytes) / count,
      clientHeapBytes: (after.client.heapBytes - before.client.heapBytes) / count,
      serverRssBytes: (after.server.rssBytes - before.server.rssBytes) / count,
      serverHeapBytes: (after.server.heapBytes - before.server.heapBytes) / count,
    };
  }

  async #setUp(atOnce: number): Promise<RoundFigures> {
    await this.#ask(this.#client, { type: "setUp", atOnce, durationMs: warmUpMs });
    const before = await this.#cpu();
    const answer = await this.#ask(this.#client, { type: "setUp", atOnce, durationMs: this.#options.setUpMs });
    if (answer.type !== "setUps") throw new Error(`${this.#subject}: the client said ${answer.type}`);
    const after = await this.#cpu();
    const { count, elapsedMs } = answer.setUps;
    return {
      perSecond: (count * 1000) / elapsedMs,
      clientCpuUs: (after.client - before.client) / count,
      serverCpuUs: (after.server - before.server) / count,
    };
  }

  async #memory(): Promise<{ client: MemoryReading; server: MemoryReading }> {
    const question: ToProcess = { type: "memory", settleMs: this.#options.settleMs };
    const [client, server] = await Promise.all([this.#ask(this.#client, question), this.#ask(this.#server, question)]);
    if (client.type !== "memory" || server.type !== "memory") throw new Error(`${this.#subject}: no reading`);
    return { client: client.reading, server: server.reading };
  }

  async #cpu(): Promise<{ client: number; server: number }> {
    const client = await this.#ask(this.#client, { type: "cpu" });
    const server = await this.#ask(this.#server, { type: "cpu" });
    if (client.type !== "cpu" || server.type !== "cpu") throw new Error(`${this.#subject}: no processor time`);
    return { client: client.us, server: server.us };
  }

  async #do(step: ToClient): Promise<void> {
    await this.#ask(this.#client, step);
  }

  async #ask(process: PinnedProcess, question: ToClient): Promise<Answer> {
    const answer = await process.ask<Answer>(question);
    if (answer.type === "failed") throw new Error(`${this.#subject}: ${answer.message}`);
    return answer;
  }
}
