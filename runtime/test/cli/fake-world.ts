import type { CommandOutput } from "../../src/cli/command.js";
import type { World } from "../../src/cli/world.js";

/** A process that is none: files and input as given, time as set, and everything that is written kept. */
export class FakeWorld implements World, CommandOutput {
  readonly files = new Map<string, string>();
  input: readonly (string | Uint8Array)[] = [];
  isOutputTerminal = false;
  isErrorTerminal = false;
  columns = Number.POSITIVE_INFINITY;
  rows = Number.POSITIVE_INFINITY;
  time = 0;
  /** What went to standard output, and to standard error. */
  readonly printed: string[] = [];
  readonly complained: string[] = [];
  readonly painted: string[] = [];
  /** What runs again and again. */
  readonly repeated = new Set<() => void>();
  interrupt: (() => void) | undefined;

  get stdin(): AsyncIterable<string | Uint8Array> {
    const { input } = this;
    return (async function* () {
      yield* input;
    })();
  }

  print(text: string): void {
    this.printed.push(text);
  }

  complain(text: string): void {
    this.complained.push(text);
  }

  paint(text: string): void {
    this.painted.push(text);
  }

  readFile(path: string): string {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return text;
  }

  now(): number {
    return this.time;
  }

  every(_ms: number, fn: () => void): () => void {
    this.repeated.add(fn);
    return () => void this.repeated.delete(fn);
  }

  onInterrupt(fn: () => void): () => void {
    this.interrupt = fn;
    return () => {
      this.interrupt = undefined;
    };
  }
}
