/** Child processes on a core of their own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { ToClient, ToServer } from "./messages.js";

/** Cores of which client and server get one each; undefined when processes cannot be pinned, or there is only one core. */
export interface CorePair {
  readonly server: number;
  readonly client: number;
}

/** Asks taskset for the cores that this process may use, and takes the first two. */
export function findCores(): CorePair | undefined {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const [server, client] = expandList(stdout.slice(stdout.lastIndexOf(":") + 1));
  return server === undefined || client === undefined ? undefined : { server, client };
}

/** `0-2,5` as numbers. */
function expandList(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

export interface ProcessOptions {
  readonly core: number | undefined;
  /** Folder for a CPU profile, written when the process ends. */
  readonly profileFolder: string | undefined;
  /** Of the profile. */
  readonly name: string;
}

export class PinnedProcess {
  readonly #child: ChildProcess;

  constructor(script: string, args: readonly string[], { core, profileFolder, name }: ProcessOptions) {
    const profiling =
      profileFolder === undefined
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
    const command = [process.execPath, ...profiling, script, ...args];
    const [file, ...rest] = core === undefined ? command : ["taskset", "-c", String(core), ...command];
    this.#child = spawn(file as string, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  /** The next message. Rejects when the process cannot be started, or ends before it. */
  receive<T>(): Promise<T> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
      };
      const onMessage = (message: unknown): void => {
        settle();
        resolve(message as T);
      };
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      const onExit = (code: number | null): void => {
        onError(new Error(`${child.spawnargs.join(" ")} ended with ${code}`));
      };
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
    });
  }

  /** Sends a message and waits for its answer: there is one for each. */
  ask<T>(message: ToClient | ToServer): Promise<T> {
    const answer = this.receive<T>();
    this.#child.send(message);
    return answer;
  }

  /** The process ends by itself when it is alone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}
