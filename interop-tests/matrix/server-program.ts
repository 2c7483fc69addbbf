import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Program } from "./peer.js";

export interface ServerProgram extends AsyncDisposable {
  readonly port: number;
}

const startMs = 60_000;
const endMs = 5_000;

/** Starts a server and waits until it listens. Disposing of it ends its input, and after a while the process. */
export async function startServerProgram(program: Program, flags: readonly string[]): Promise<ServerProgram> {
  const child = spawn(program.command, [...program.args, "--port=0", ...flags], {
    env: { ...process.env, ...program.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = once(child, "close").catch(() => undefined);
  child.stdin.on("error", () => undefined);
  const port = await listening(child).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), endMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** The port, once the child has told it. */
function listening(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = "";
    let errors = "";
    const fail = (reason: string): void => reject(new Error(`the server did not start: ${reason} ${errors.trim()}`));
    const timer = setTimeout(fail, startMs, `it did not listen within ${startMs / 1000} s.`);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output = `${output}${text}`.slice(-10_000);
      const port = /^listening (\d+)$/m.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = `${errors}${text}`.slice(-2_000);
    });
    child.once("error", (error) => fail(error.message));
    child.once("close", (code) => {
      clearTimeout(timer);
      fail(`it ended with ${code}.`);
    });
  });
}
