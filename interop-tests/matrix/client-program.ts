import { spawn } from "node:child_process";
import type { CaseName } from "../official/all-cases.js";
import type { Outcome } from "./cell.js";
import type { Program } from "./peer.js";

const silenceMs = 150_000;

/**
 * Runs cases with a client program, in one process as long as it lives: one that ends within a case has failed it, and the
 * others are run by another.
 */
export async function runClientProgram(
  program: Program,
  flags: readonly string[],
  cases: readonly CaseName[],
  onOutcome: (name: CaseName, outcome: Outcome) => void,
): Promise<void> {
  let left = cases;
  while (left.length > 0) {
    const run = await runOnce(program, [...flags, `--test_case=${left.join(",")}`], (name, outcome) => {
      if (!left.includes(name)) return;
      left = left.filter((each) => each !== name);
      onOutcome(name, outcome);
    });
    const [name] = left;
    if (name === undefined) return;
    const failed = run.begun !== undefined && left.includes(run.begun) ? run.begun : name;
    left = left.filter((each) => each !== failed);
    onOutcome(failed, { kind: "failed", reason: run.end });
  }
}

interface Run {
  /** The case that was begun last. */
  readonly begun: CaseName | undefined;
  /** How the process ended. */
  readonly end: string;
}

function runOnce(
  program: Program,
  flags: readonly string[],
  onOutcome: (name: CaseName, outcome: Outcome) => void,
): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(program.command, [...program.args, ...flags], {
      env: { ...process.env, ...program.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let begun: CaseName | undefined;
    let errors = "";
    let rest = "";
    const kill = (): void => {
      errors += `silent for ${silenceMs / 1000} s`;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(kill, silenceMs);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      clearTimeout(timer);
      timer = setTimeout(kill, silenceMs);
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [, word, name, reason = ""] = /^(begin|ok|failed|cannot) (\w+)(?:: (.*))?$/.exec(line) ?? [];
        if (word === "begin") begun = name as CaseName;
        else if (word === "ok") onOutcome(name as CaseName, { kind: "ok" });
        else if (word !== undefined) onOutcome(name as CaseName, { kind: word as "failed" | "cannot", reason });
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = `${errors}${text}`.slice(-3_000);
    });
    child.once("error", (error) => {
      errors += error.message;
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ begun, end: `the process ended with ${code}: ${errors.trim().slice(-1_000)}` });
    });
  });
}
