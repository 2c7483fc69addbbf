/** The file that a run leaves: of which source, and what came of it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export function writeRecord(file: string, record: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, undefined, 2)}\n`);
}

/** What was measured; before anything of the run is written. */
export function describeSource(): object {
  return { commit: git("rev-parse", "HEAD"), uncommittedChanges: git("status", "--porcelain") !== "" };
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
