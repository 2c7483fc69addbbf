/** Runs a soak: client and server in a process each, load, and measurements at rest in between. */
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PinnedProcess } from "../macro/pinned-process.js";
import {
  type Answer,
  type FromClient,
  type FromServer,
  reconnectWays,
  type ToClient,
  type ToServer,
} from "./messages.js";
import type { SoakOptions } from "./options.js";
import type { ProcessSample } from "./processes/process-sample.js";
import { type Counts, type Phase, phases, type Role, roles, type Sample, type SoakRecord } from "./record.js";
import type { TallyRecord } from "./tally.js";

const script = (name: string): string => fileURLToPath(new URL(`./processes/${name}-main.js`, import.meta.url));

/** Compiles what there is to compile, and fills what is kept for the life of a process; never more than the soak itself. */
const mostWarmUp: Counts = { unary: 20_000, streams: 1000, reconnects: 100 };
/** Measurements in each phase, with no less work before each than `leastPortion`. */
const samplesPerPhase: Counts = { unary: 20, streams: 5, reconnects: 5 };
const leastPortion: Counts = { unary: 5000, streams: 250, reconnects: 25 };
/** A process that has given everything back ends within this, or is held by something. */
const endLimitMs = 10_000;

const nothing: Counts = { unary: 0, streams: 0, reconnects: 0 };

/** `onSample` is for whoever watches. */
export async function runSoak(options: SoakOptions, onSample: (sample: Sample) => void): Promise<SoakRecord> {
  const soak = await Soak.start(options.plant);
  try {
    return await soak.run(options, onSample);
  } finally {
    soak.kill();
  }
}

class Soak {
  readonly #client: PinnedProcess;
  readonly #server: PinnedProcess;
  readonly #startedAt = performance.now();
  #reconnects = 0;

  private constructor(client: PinnedProcess, server: PinnedProcess) {
    this.#client = client;
    this.#server = server;
  }

  static async start(plant: boolean): Promise<Soak> {
    const server = startProcess("server", plant ? ["plant"] : []);
    const listening = await server.receive<FromServer>();
    if (listening.type !== "listening") throw new Error(`the server said ${listening.type}, expected listening`);
    const client = startProcess("client", [String(listening.port)]);
    await client.receive<FromClient>();
    return new Soak(client, server);
  }

  async run({ unary, streams, reconnects }: SoakOptions, onSample: (sample: Sample) => void): Promise<SoakRecord> {
    const counts: Counts = { unary, streams, reconnects };
    const fresh = await this.#sampleBoth({ type: "sample", census: false });
    const warmUp = leastOf(counts, mostWarmUp);
    for (const phase of phases) await this.#work(phase, warmUp[phase]);
    const samples: Sample[] = [];
    const sample = async (done: Counts, census: boolean): Promise<void> => {
      const both = await this.#sampleBoth({ type: "sample", census });
      const taken = { atMs: Math.round(performance.now() - this.#startedAt), done, ...both };
      samples.push(taken);
      onSample(taken);
    };
    // Counting makes garbage and code of its own: what comes after it is compared with what comes after it.
    await sample(nothing, true);
    let done = nothing;
    for (const phase of phases) {
      for (const count of portions(phase, counts[phase])) {
        await this.#work(phase, count);
        done = { ...done, [phase]: done[phase] + count };
        await sample(done, false);
      }
    }
    await sample(done, true);
    const tallies = { client: await this.#tally("client"), server: await this.#tally("server") };
    const closed = await this.#sampleBoth({ type: "close" });
    return { warmUp, counts, fresh, samples, closed, tallies, hanging: await this.#end() };
  }

  kill(): void {
    for (const role of roles) this.#process(role).kill();
  }

  async #work(phase: Phase, count: number): Promise<void> {
    if (phase !== "reconnects") await this.#ask("client", { type: phase, count });
    else for (let i = 0; i < count; i++) await this.#reconnect(this.#reconnects++);
  }

  async #reconnect(index: number): Promise<void> {
    const way = reconnectWays[index % reconnectWays.length] as (typeof reconnectWays)[number];
    await this.#ask("client", { type: "hold" });
    if (way === "reset by the server") await this.#ask("server", { type: "reset" });
    if (way === "server restarts") await this.#ask("server", { type: "restart" });
    await this.#ask("client", { type: "reconnect", way });
  }

  /** The client first: what it closes the server sees. */
  async #sampleBoth(question: ToClient & ToServer): Promise<Record<Role, ProcessSample>> {
    const client = await this.#sample("client", question);
    return { client, server: await this.#sample("server", question) };
  }

  async #sample(role: Role, question: ToClient & ToServer): Promise<ProcessSample> {
    const answer = await this.#ask(role, question);
    if (answer.type !== "sample") throw new Error(`the ${role} said ${answer.type}, expected a sample`);
    return answer.sample;
  }

  async #tally(role: Role): Promise<TallyRecord> {
    const answer = await this.#ask(role, { type: "tally" });
    if (answer.type !== "tally") throw new Error(`the ${role} said ${answer.type}, expected a tally`);
    return answer.tally;
  }

  async #ask(role: Role, question: ToClient | ToServer): Promise<Answer> {
    const answer = await this.#process(role).ask<Answer>(question);
    if (answer.type === "failed") throw new Error(`the ${role} failed: ${answer.message}`);
    return answer;
  }

  /** Lets both go, and waits for them. */
  async #end(): Promise<Role[]> {
    const hanging: Role[] = [];
    for (const role of roles) {
      const timeUp = new AbortController();
      const ended = this.#process(role)
        .stop()
        .then(() => true);
      const late = setTimeout(endLimitMs, false, { signal: timeUp.signal, ref: true }).catch(() => false);
      if (!(await Promise.race([ended, late]))) hanging.push(role);
      timeUp.abort();
    }
    return hanging;
  }

  #process(role: Role): PinnedProcess {
    return role === "client" ? this.#client : this.#server;
  }
}

function startProcess(role: Role, args: readonly string[]): PinnedProcess {
  return new PinnedProcess(script(role), args, { core: undefined, profileFolder: undefined, name: role });
}

function leastOf(a: Counts, b: Counts): Counts {
  return {
    unary: Math.min(a.unary, b.unary),
    streams: Math.min(a.streams, b.streams),
    reconnects: Math.min(a.reconnects, b.reconnects),
  };
}

/** What is done between two measurements; the last part may be smaller. */
function portions(phase: Phase, total: number): number[] {
  const size = Math.max(leastPortion[phase], Math.ceil(total / samplesPerPhase[phase]));
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
}
