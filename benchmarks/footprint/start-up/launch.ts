import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Told } from "./programs/tell.js";

/** A program that has told what it had to tell, and runs on. */
export interface Launched {
  readonly told: Told;
  stop(): Promise<void>;
}

/** Far more than any start takes. */
const patienceMs = 30_000;

/** Starts a program and waits for its line. Not pinned: a start uses more threads than one, as it does where programs run. */
export async function launch(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Launched> {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  const line = await firstLine(child, script);
  return { told: JSON.parse(line) as Told, stop: () => end(child) };
}

async function firstLine(child: ChildProcess, script: string): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  try {
    for await (const line of lines) return line;
    throw new Error(`${script} ended without a word`);
  } finally {
    clearTimeout(timer);
    lines.close();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
