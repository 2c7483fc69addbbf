import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { FailedCall, Load } from "./fleet.js";

/**
 * Calls made over and over by a client of another implementation, a process that ends with its input. It says how many have
 * ended in hundreds, and `FAIL id: reason` of each that failed.
 */
export class LoadProcess implements Load {
  ended = 0;
  onEnded = (): void => {};
  readonly failed: FailedCall[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<unknown>;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#exited = once(this.#child, "close");
    let text = "";
    this.#child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#onLine(line);
    });
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }

  #onLine(line: string): void {
    const failure = /^FAIL (\S+): (.*)$/.exec(line);
    if (failure !== null) this.failed.push({ id: failure[1] ?? "", reason: failure[2] ?? "" });
    const answered = /^answered (\d+)$/.exec(line);
    if (answered === null) return;
    this.ended = Math.max(this.ended, Number(answered[1]));
    this.onEnded();
  }
}
