import { parseArgs } from "node:util";
import { type Row, rows } from "./rows.js";

export interface BenchOptions {
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly roundMs: number;
  /** Before the first round of each row. */
  readonly warmUpMs: number;
  /** Before everything, once for each pair of processes. */
  readonly firstWarmUpMs: number;
  /** File for all raw figures. */
  readonly json: string | undefined;
  /** Folder for CPU profiles. */
  readonly profileFolder: string | undefined;
}

export const usage = `node benchmarks/build/macro/run.js [--only ROW] [--rounds N] [--quick] [--json FILE] [--profile FOLDER]
  --only ROW        rows whose id contains ROW; may be repeated: ${rows.map(({ id }) => id).join(", ")}
  --rounds N        rounds of each row for each library (default 5, with --quick 3)
  --quick           short rounds: a first look, no result
  --json FILE       writes every round and what it was measured on
  --profile FOLDER  writes a CPU profile of each process`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      profile: { type: "string" },
    },
  });
  const { only, quick, json, profile } = values;
  const chosen = only === undefined ? rows : rows.filter(({ id }) => only.some((part) => id.includes(part)));
  if (chosen.length === 0) throw new Error(`no row is called ${only?.join(" or ")}`);
  const rounds = Number(values.rounds ?? (quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds}, expected 1 or more`);
  const times = quick
    ? { roundMs: 400, warmUpMs: 200, firstWarmUpMs: 1000 }
    : { roundMs: 1500, warmUpMs: 500, firstWarmUpMs: 2000 };
  return { rows: chosen, rounds, ...times, json, profileFolder: profile };
}
