/** The client of grpc-go as a process of its own. */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import type { FailedCall, Load } from "../support/fleet.js";

/** Reads a server stream, and says how many messages and bytes came. Rejects when the stream fails. */
export async function readGoStream(client: string, port: number, count: number, size: number): Promise<string> {
  const args = ["stream", `127.0.0.1:${port}`, String(count), String(size)];
  const { stdout } = await promisify(execFile)(client, args);
  return stdout.trim();
}

/** Calls made over and over; the client says how many have ended in hundreds. */
export class GoLoad implements Load {
  ended = 0;
  onEnded = (): void => {};
  readonly failed: FailedCall[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<unknown>;

  constructor(client: string, addresses: string, policy: string, callers: number) {
    this.#child = spawn(client, ["load", addresses, policy, String(callers)], { stdio: ["pipe", "pipe", "inherit"] });
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
