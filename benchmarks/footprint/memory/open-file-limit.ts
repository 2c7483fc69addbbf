import { spawnSync } from "node:child_process";

/** How many files a process that this one starts may have open; Infinity where nobody can say. */
export function openFileLimit(): number {
  const { status, stdout } = spawnSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" });
  const limit = Number.parseInt(stdout, 10);
  return status === 0 && !Number.isNaN(limit) ? limit : Number.POSITIVE_INFINITY;
}
