import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A server program in a process of its own. It prints its port as its first line. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(program: string): Promise<ServerProcess> {
    const child = spawn(process.execPath, ["--enable-source-maps", program], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface(child.stdout);
    const [line] = await Promise.race([once(lines, "line"), once(child, "exit")]);
    const port = Number(line);
    if (typeof line !== "string" || !(port > 0)) throw new Error(`${program} did not start: ${String(line)}`);
    return new ServerProcess(child, port);
  }

  /** Whether it has not ended by itself. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.#child, "exit");
    this.#child.kill();
    await exited;
  }
}
