import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface EchoClusterOptions {
  readonly workers?: number;
  readonly graceMs?: number;
  readonly startTimeoutMs?: number;
  /** Default: a free port of 127.0.0.1. */
  readonly address?: string;
  /** Files; without them it is plaintext. */
  readonly certificate?: string;
  readonly key?: string;
  readonly maxConnectionAgeMs?: number;
  readonly maxConcurrentStreams?: number;
  /** While there is such a file, no worker starts. */
  readonly breakFile?: string;
  /** Its workers come to no end with their start. */
  readonly isSilent?: boolean;
}

/** What the primary logs, and what workers say of themselves. */
export interface EchoClusterLine {
  readonly message: string;
  readonly fields: { readonly pid?: number };
  /** Of a worker that listens. */
  readonly address?: string;
}

const program = fileURLToPath(new URL("../cluster/processes/echo-main.js", import.meta.url));
/** A primary that has not ended so long after SIGTERM is killed. */
const endLimitMs = 15_000;

/** A primary and its workers, in processes of their own. Disposing of it ends them all. */
export class EchoCluster implements AsyncDisposable {
  readonly lines: EchoClusterLine[] = [];
  /** What it wrote to stderr. */
  errors = "";
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  /** Called when there is one more line, or no more. */
  readonly #onLine = new Set<() => void>();
  #hasEnded = false;

  /** Does not wait for its workers. */
  constructor(options: EchoClusterOptions = {}) {
    const env = { ...process.env, ECHO_CLUSTER: JSON.stringify(options) };
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "pipe"], env });
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.errors += text;
    });
    createInterface(child.stdout).on("line", (line) => {
      this.lines.push(JSON.parse(line) as EchoClusterLine);
      for (const look of this.#onLine) look();
    });
    // Behind the end of all workers, since they write to the same pipe.
    this.#exited = once(child, "close").then(([code]) => {
      this.#hasEnded = true;
      for (const look of this.#onLine) look();
      return code as number | null;
    });
  }

  /** With all its workers. */
  static async start(options: EchoClusterOptions & { readonly workers: number }): Promise<EchoCluster> {
    const started = new EchoCluster(options);
    while (started.serving().length < options.workers) await started.next(/serves$/, started.lines.length);
    return started;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get address(): string {
    const address = this.lines.find((line) => line.address !== undefined)?.address;
    if (address === undefined) throw new Error("nobody listens yet");
    return address;
  }

  /** Processes that serve and have not ended, as the primary has it. */
  serving(): readonly number[] {
    const pids = new Set<number>();
    for (const { message, fields } of this.lines) {
      if (fields.pid === undefined || message === "listening") continue;
      if (message.endsWith("serves")) pids.add(fields.pid);
      else pids.delete(fields.pid);
    }
    return [...pids];
  }

  /** The first line from `from` on that matches, which may be still to come. */
  next(pattern: RegExp, from = 0): Promise<EchoClusterLine> {
    return new Promise((resolve, reject) => {
      let at = from;
      const look = (): void => {
        for (; at < this.lines.length; at++) {
          const line = this.lines[at] as EchoClusterLine;
          if (!pattern.test(line.message)) continue;
          this.#onLine.delete(look);
          resolve(line);
          return;
        }
        if (!this.#hasEnded) return;
        this.#onLine.delete(look);
        reject(new Error(`it has ended without ${String(pattern)}: ${JSON.stringify(this.lines)} ${this.errors}`));
      };
      this.#onLine.add(look);
      look();
    });
  }

  /** Restarts all workers; resolves when that is done. */
  async restart(): Promise<void> {
    const from = this.lines.length;
    this.signal("SIGHUP");
    await this.next(/^the restart is done$/, from);
  }

  /** To the primary. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the primary's exit code when all have ended. */
  ended(): Promise<number | null> {
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const limit = setTimeout(() => {
      for (const pid of [...this.serving(), this.pid]) kill(pid);
    }, endLimitMs);
    if (!this.#hasEnded) this.signal("SIGTERM");
    await this.#exited;
    clearTimeout(limit);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
