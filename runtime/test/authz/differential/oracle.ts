/** grpc-go, asked in a process of its own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { OracleCall } from "./oracle-call.js";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const sources = `${root}runtime/test/authz/differential/oracle`;
const binary = `${root}.cache/authz-oracle/oracle`;

export interface OracleQuestion {
  /** JSON text. */
  readonly policy: string;
  readonly calls: readonly OracleCall[];
}

export interface OracleVerdict {
  readonly allowed: boolean;
  /** As the audit log has it: name of the policy, `_`, name of the rule. */
  readonly rule: string;
  /** Events of the audit log. */
  readonly events: number;
}

export type OracleAnswer =
  | { readonly error: string }
  | { readonly error?: undefined; readonly verdicts?: readonly OracleVerdict[] };

/** Throws a sentence when there is no Go, or it fails. */
export function buildOracle(): void {
  const args = ["build", "-mod=readonly", "-buildvcs=false", "-o", binary, "."];
  const { error, status, stderr } = spawnSync("go", args, { cwd: sources, encoding: "utf8" });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    throw new Error("grpc-go wants Go 1.26 or newer, and there is no `go`");
  }
  if (status !== 0) throw new Error(`go ${args.join(" ")} failed: ${error?.message ?? stderr}`);
}

export function askOracle(questions: readonly OracleQuestion[]): readonly OracleAnswer[] {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
  const { status, stdout, stderr } = spawnSync(binary, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the oracle failed: ${stderr}`);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as OracleAnswer);
}
