/** Starts processes for a bench, on cores of their own as far as there are any, and asks them. */
import { fileURLToPath } from "node:url";
import { PinnedProcess, usableCores } from "../macro/pinned-process.js";
import type { ToTarget, Vitals } from "./messages.js";

export interface Cores {
  /** Of the process that is attacked; nothing else runs there. */
  readonly attacked: number | undefined;
  readonly healthy: number | undefined;
  /** With two cores the attackers share one with the healthy client. */
  readonly attackers: number | undefined;
}

export function assignCores(): Cores {
  const [attacked, healthy, attackers = healthy] = usableCores();
  return healthy === undefined
    ? { attacked: undefined, healthy: undefined, attackers: undefined }
    : { attacked, healthy, attackers };
}

/** Longer than anything takes that works. */
const patienceMs = 30_000;
const settleLimitMs = 10_000;
const settleStepMs = 100;
/** Processor time above that before the attack, as a share of one core, that still counts as idle. */
const idleMargin = 0.05;

export interface StartOptions {
  readonly core: number | undefined;
  readonly name: string;
  readonly profileFolder?: string | undefined;
  readonly fileLimit?: number | undefined;
}

export class Rig {
  readonly #processes: PinnedProcess[] = [];

  /** Starts `processes/NAME.js` and waits for its first message. */
  async start<T>(name: string, args: readonly string[], options: StartOptions): Promise<[PinnedProcess, T]> {
    const script = fileURLToPath(new URL(`./processes/${name}.js`, import.meta.url));
    const child = new PinnedProcess(script, args, { ...options, profileFolder: options.profileFolder });
    this.#processes.push(child);
    return [child, await child.receive<T>()];
  }

  /** Ends all processes; those that do not answer by force. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#processes.map((child) => {
        const killer = setTimeout(() => child.kill(), 5000);
        return child.stop().finally(() => clearTimeout(killer));
      }),
    );
  }
}

/** The process that is attacked. */
export class Attacked {
  readonly #process: PinnedProcess;
  #idleShare = 0;

  constructor(process: PinnedProcess) {
    this.#process = process;
  }

  vitals(question: Omit<ToTarget, "type"> = { collect: false, reset: false }): Promise<Vitals> {
    const ask: ToTarget = { type: "vitals", ...question };
    return withPatience(this.#process.ask<Vitals>(ask));
  }

  /** Nothing else may be going on. */
  async learnIdle(): Promise<void> {
    this.#idleShare = await this.#share(3 * settleStepMs);
  }

  /** Milliseconds until it is idle again; undefined when it is not within reason. */
  async settle(): Promise<number | undefined> {
    const startedAt = performance.now();
    while (performance.now() - startedAt < settleLimitMs) {
      const at = performance.now();
      if ((await this.#share(settleStepMs)) <= this.#idleShare + idleMargin) return at - startedAt;
    }
    return undefined;
  }

  /** Of one core. */
  async #share(ms: number): Promise<number> {
    const before = await this.vitals();
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = await this.vitals();
    return cpuShare(before, after, performance.now() - startedAt);
  }
}

/** Of one core. */
export function cpuShare(before: Vitals, after: Vitals, elapsedMs: number): number {
  return (after.cpuUs - before.cpuUs) / 1000 / elapsedMs;
}

export async function withPatience<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the process did not answer within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
