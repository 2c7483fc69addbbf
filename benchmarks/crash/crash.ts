/** Kills one of two servers after the other, under load, and gathers what all wrote down. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PinnedProcess } from "../macro/pinned-process.js";
import { seededRandom } from "../support/seeded-random.js";
import { readJournal } from "./journal.js";
import { timeoutMs } from "./load.js";
import type { FromClient, Listening, ToClient } from "./messages.js";
import type { CrashOptions } from "./options.js";
import type { CallRecord, CrashRecord, RunRecord } from "./record.js";

const script = (name: string): string => fileURLToPath(new URL(`./processes/${name}-main.js`, import.meta.url));

/** Between the moment when both serve and the next kill. */
const mostPauseMs = 200;
/** Below those that systems give to clients: nobody takes the port of a server that was killed. */
const ports = { first: 12_000, count: 18_000 };

interface ServerPlace {
  readonly port: number;
  readonly journal: string;
}

/** `onKill` is for whoever watches. */
export async function runCrash(options: CrashOptions, onKill: (kills: number) => void): Promise<CrashRecord> {
  const folder = mkdtempSync(join(tmpdir(), "godwit-crash-"));
  const crash = new Crash(folder, options);
  try {
    return await crash.run(onKill);
  } finally {
    crash.killAll();
    rmSync(folder, { recursive: true });
  }
}

class Crash {
  readonly #options: CrashOptions;
  readonly #folder: string;
  readonly #random: () => number;
  readonly #places: ServerPlace[] = [];
  readonly #servers: PinnedProcess[] = [];
  #client: PinnedProcess | undefined;

  constructor(folder: string, options: CrashOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  async run(onKill: (kills: number) => void): Promise<CrashRecord> {
    const { kills } = this.#options;
    for (const index of [0, 1]) {
      this.#places.push({ port: await this.#findPort(), journal: join(this.#folder, `server-${index}`) });
      await this.#startServer(index, 0);
    }
    const calls = join(this.#folder, "client");
    const client = await this.#startClient(calls);
    await askClient(client, { type: "await", instance: nameOf(0, 0) });
    await askClient(client, { type: "await", instance: nameOf(1, 0) });
    for (let kill = 1; kill <= kills; kill++) {
      await setTimeout(this.#random() * mostPauseMs);
      const index = kill % 2;
      await this.#killServer(index);
      onKill(kill);
      await this.#startServer(index, kill);
      // The other one is next: it must not be the only one that the client is connected to.
      await askClient(client, { type: "await", instance: nameOf(index, kill) });
    }
    await askClient(client, { type: "stop" });
    const runs = this.#places.flatMap(({ journal }) => readJournal<RunRecord>(journal));
    return { kills, timeoutMs, calls: readJournal<CallRecord>(calls), runs };
  }

  killAll(): void {
    this.#client?.kill();
    for (const server of this.#servers) server.kill();
  }

  async #startServer(index: number, generation: number): Promise<void> {
    const { port, journal } = this.#places[index] as ServerPlace;
    const server = startProcess("server", [String(port), nameOf(index, generation), journal]);
    this.#servers[index] = server;
    await server.receive<Listening>();
  }

  async #killServer(index: number): Promise<void> {
    const server = this.#servers[index] as PinnedProcess;
    server.kill();
    await server.stop();
  }

  async #startClient(journal: string): Promise<PinnedProcess> {
    const { seed, inFlight, plant } = this.#options;
    const target = `static:${this.#places.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
    const client = startProcess("client", [
      target,
      String(seed),
      String(inFlight),
      journal,
      ...(plant ? ["plant"] : []),
    ]);
    this.#client = client;
    await client.receive<FromClient>();
    return client;
  }

  async #findPort(): Promise<number> {
    for (;;) {
      const port = ports.first + Math.floor(Math.random() * ports.count);
      if (await isFree(port)) return port;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** A process that was restarted has another name. */
function nameOf(index: number, generation: number): string {
  return `${index}.${generation}`;
}

function startProcess(role: "client" | "server", args: readonly string[]): PinnedProcess {
  return new PinnedProcess(script(role), args, { core: undefined, profileFolder: undefined, name: role });
}

async function askClient(client: PinnedProcess, question: ToClient): Promise<void> {
  await client.ask<FromClient>(question);
}
