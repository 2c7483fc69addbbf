/** Child processes on a core of their own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Cores of which client and server get one each; undefined when processes cannot be pinned, or there is only one core. */
export interface CorePair {
  readonly server: number;
  readonly client: number;
}

/** Takes the first two of the cores that this process may use. */
export function findCores(): CorePair | undefined {
  const [server, client] = usableCores();
  return server === undefined || client === undefined ? undefined : { server, client };
}

/** What taskset says; none where there is no taskset. */
export function usableCores(): readonly number[] {
  const { status, stdout } = spawnSync("taskset", ["-cp", String(process.pid)], { encoding: "utf8" });
  return status === 0 ? expandList(stdout.slice(stdout.lastIndexOf(":") + 1)) : [];
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
  /** Of the profile, and of the process where it is spoken of. */
  readonly name: string;
  /** Files, sockets among them, that the process may have open. Default: as many as this one. */
  readonly fileLimit?: number | undefined;
  /** In front of the script. */
  readonly nodeArguments?: readonly string[] | undefined;
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** A program that is not Node's: options for Node have no meaning to it. */
export interface Executable {
  readonly executable: string;
}

export class PinnedProcess {
  readonly #child: ChildProcess;
  readonly #name: string;

  /** `program` is a script for Node, or what else is to be run; that speaks by the descriptor in NODE_CHANNEL_FD, too. */
  constructor(program: string | Executable, args: readonly string[], options: ProcessOptions) {
    const { core, profileFolder, name, fileLimit, nodeArguments = [], env = process.env } = options;
    this.#name = name;
    const profiling =
      profileFolder === undefined
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${name}.cpuprofile`];
    const limiting = fileLimit === undefined ? [] : ["sh", "-c", `ulimit -n ${fileLimit} && exec "$@"`, "sh"];
    const pinning = core === undefined ? [] : ["taskset", "-c", String(core)];
    const command =
      typeof program === "string" ? [process.execPath, ...profiling, ...nodeArguments, program] : [program.executable];
    const [file, ...rest] = [...limiting, ...pinning, ...command, ...args];
    this.#child = spawn(file as string, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"], env });
  }

  /** The next message. Rejects when the process cannot be started, or ends before it. */
  receive<T>(): Promise<T> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        reject(new Error(`the process ${this.#name} has ended with ${child.exitCode ?? child.signalCode}`));
        return;
      }
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
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        onError(new Error(`the process ${this.#name} ended with ${code ?? signal}`));
      };
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
    });
  }

  /** Sends a message that has no answer. */
  tell(message: object): void {
    this.#child.send(message, () => {});
  }

  /** Sends a message and waits for its answer: there is one for each. */
  ask<T>(message: object): Promise<T> {
    const answer = this.receive<T>();
    // Where the process is gone, that is what the answer says.
    this.#child.send(message, () => {});
    return answer;
  }

  /** Ends a process that answers no more. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** The process ends by itself when it is alone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}
