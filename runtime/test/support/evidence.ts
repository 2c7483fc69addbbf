import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** From runtime/build/test/support/. */
const root = new URL("../../../../", import.meta.url);

export interface EvidenceOf {
  /** What was run, in a few words. */
  readonly what: string;
  /** How to run it again. */
  readonly command: string;
}

/** Writes docs/evidence/NAME.json: what was run, of which commit, and what came of it. `name` is in kebab-case. */
export function writeEvidence(name: string, { what, command }: EvidenceOf, results: object): void {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: fileURLToPath(root), encoding: "utf8" }).trim();
  const evidence = {
    what,
    command,
    commit: git("rev-parse", "HEAD"),
    isTreeClean: git("status", "--porcelain") === "",
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    ...results,
  };
  mkdirSync(new URL("docs/evidence/", root), { recursive: true });
  writeFileSync(new URL(`docs/evidence/${name}.json`, root), `${JSON.stringify(evidence, null, 2)}\n`);
}
