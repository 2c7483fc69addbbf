import { spawn } from "node:child_process";
import process from "node:process";

export interface ChildResult {
  exitCode: number | null;
  output: string;
  errors: string;
}

/** A child that still runs after this is killed, and its exitCode is null. */
const childLimitMs = 15_000;

/** Runs a module's source in a Node process of its own. `shellPrefix` comes before it in a shell: `ulimit -n 40;`. */
export function runChild(source: string, shellPrefix = ""): Promise<ChildResult> {
  const args = ["--input-type=module", "-e", source];
  const child =
    shellPrefix === ""
      ? spawn(process.execPath, args)
      : spawn("/bin/sh", ["-c", `${shellPrefix} exec "$0" "$@"`, process.execPath, ...args]);
  const result: ChildResult = { exitCode: null, output: "", errors: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    result.output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    result.errors += text;
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), childLimitMs);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(limit);
      resolve({ ...result, exitCode });
    });
  });
}
