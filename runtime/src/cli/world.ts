import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import process from "node:process";

/** What commands that talk with a server, or with a person, need of the process. */
export interface World {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly isOutputTerminal: boolean;
  readonly isErrorTerminal: boolean;
  /** Writes on stderr what is to be written over: no line is ended. */
  paint(text: string): void;
  /** Throws the system's error. */
  readFile(path: string): string;
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** Characters of a line of the terminal; Infinity where there is none. */
  readonly columns: number;
  /** Lines of the terminal; Infinity where there is none. */
  readonly rows: number;
  /** Runs `fn` again and again until what is returned is called. @param holdsProcess Default false. */
  every(ms: number, fn: () => void, holdsProcess?: boolean): () => void;
  /** Calls `fn` once the user interrupts, in place of ending the process, until what is returned is called. */
  onInterrupt(fn: () => void): () => void;
}

/** The process that this is. */
export const processWorld: World = {
  get stdin() {
    return process.stdin;
  },
  get isOutputTerminal() {
    return process.stdout.isTTY === true;
  },
  get isErrorTerminal() {
    return process.stderr.isTTY === true;
  },
  paint: (text) => void process.stderr.write(text),
  readFile: (path) => readFileSync(path, "utf8"),
  now: () => performance.now(),
  get columns() {
    return process.stdout.isTTY === true ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
  },
  get rows() {
    return process.stdout.isTTY === true ? process.stdout.rows || 24 : Number.POSITIVE_INFINITY;
  },
  every(ms, fn, holdsProcess = false) {
    const timer = setInterval(fn, ms);
    if (!holdsProcess) timer.unref();
    return () => clearInterval(timer);
  },
  onInterrupt(fn) {
    process.once("SIGINT", fn);
    return () => void process.off("SIGINT", fn);
  },
};
