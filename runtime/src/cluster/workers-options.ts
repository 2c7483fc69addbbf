import { availableParallelism } from "node:os";
import process from "node:process";
import type { Logger } from "../index.js";

/** What a worker serves with. A `Server` is one. */
export interface Closable {
  /** Takes nothing new, lets what runs go on for `graceMs` at most, and resolves when all is closed. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

export interface WorkersOptions {
  /**
   * Runs in each worker: opens what it serves, and resolves when it can be called. What it gives is closed when the worker has to
   * go, and then its process ends. What is imported in here is not loaded in the primary, and is loaded anew by a restart.
   */
  start(): Promise<Closable>;
  /** Processes that serve. Default: as many as this process may use cores (`os.availableParallelism()`). */
  readonly workers?: number | undefined;
  /**
   * Time that running calls have when their worker has to go, in milliseconds. Default 10,000; 0 ends them at once, Infinity waits for
   * ever. A worker that has not ended 5 s later is killed.
   */
  readonly graceMs?: number | undefined;
  /** Time that `start` has, in milliseconds; then its process is killed. Default 60,000; Infinity waits for ever. */
  readonly startTimeoutMs?: number | undefined;
  /** Of the primary. Default: warnings and errors are lines of stderr. */
  readonly logger?: Logger | undefined;
}

export interface WorkersSettings {
  readonly start: () => Promise<Closable>;
  readonly workers: number;
  readonly graceMs: number;
  readonly startTimeoutMs: number;
  readonly logger: Logger;
}

const names = ["start", "workers", "graceMs", "startTimeoutMs", "logger"];

/** Throws TypeError when an option does not exist or has no sense. */
export function checkWorkersOptions(options: WorkersOptions): WorkersSettings {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} does not exist; there are: ${names.join(", ")}`);
  }
  const { workers = availableParallelism(), graceMs = 10_000, startTimeoutMs = 60_000, logger = toStderr } = options;
  if (typeof options.start !== "function")
    throw new TypeError("start is no function: expected one that opens a server");
  if (!Number.isInteger(workers) || workers < 1) {
    throw new TypeError(`workers is ${String(workers)}: expected a whole number of 1 or more`);
  }
  for (const [name, value] of Object.entries({ graceMs, startTimeoutMs })) {
    if (typeof value === "number" && value >= 0) continue;
    throw new TypeError(`${name} is ${String(value)}: expected a number of 0 or more, in milliseconds`);
  }
  const start = async (): Promise<Closable> => {
    const opened: Partial<Closable> | undefined = await options.start();
    if (typeof opened?.close === "function") return opened as Closable;
    throw new TypeError("start gave nothing that can be closed: expected a server");
  };
  return { start, workers, graceMs, startTimeoutMs, logger };
}

const writeLine = (_fields: object, message: string): void => {
  process.stderr.write(`${message}\n`);
};
const toStderr: Logger = { debug() {}, info() {}, warn: writeLine, error: writeLine };
