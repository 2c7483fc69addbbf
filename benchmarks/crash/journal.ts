import { openSync, readFileSync, writeSync } from "node:fs";

/**
 * Lines of JSON that survive their writer. A line is one write(2) to a file opened for appending: the kernel has it when `add`
 * returns, and keeps it when the process is killed. fsync is for machines that lose power.
 */
export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  add(entry: object): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    const written = writeSync(this.#file, line);
    if (written !== line.length) throw new Error(`the journal took ${written} of ${line.length} bytes`);
  }
}

export function readJournal<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}
