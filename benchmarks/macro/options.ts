import { parseArgs } from "node:util";
import { canDo } from "./availability.js";
import { type PairingId, parsePairing } from "./pairings.js";
import { type Row, rows } from "./rows.js";
import { subjectNames } from "./subjects/subject.js";

export interface BenchOptions {
  /** With the pairings that take part. */
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly roundMs: number;
  /** Of the untimed round in which allocation is watched. */
  readonly memoryMs: number;
  /** Before the first round of each row. */
  readonly warmUpMs: number;
  /** Before everything, once for each pairing. */
  readonly firstWarmUpMs: number;
  /** File for all raw figures. */
  readonly json: string | undefined;
  /** Folder for CPU profiles. */
  readonly profileFolder: string | undefined;
}

export const usage = `node benchmarks/build/macro/run.js [--only ROW] [--pairings P,…] [--rounds N] [--quick] [--json FILE] [--profile FOLDER]
  --only ROW        rows whose id contains ROW; may be repeated: ${rows.map(({ id }) => id).join(", ")}
  --pairings P,…    those take part in each of the rows that they can do, the first is compared to all others:
                    SUBJECT or CLIENT/SERVER, of ${subjectNames.join(", ")}
  --rounds N        rounds of each row for each pairing (default 5, with --quick 3)
  --quick           short rounds: a first look, no result
  --json FILE       writes every round and what it was measured on
  --profile FOLDER  writes a CPU profile of each process`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      pairings: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      profile: { type: "string" },
    },
  });
  const { only, quick, json, profile } = values;
  const rounds = Number(values.rounds ?? (quick ? 3 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds}, expected 1 or more`);
  const times = quick
    ? { roundMs: 400, warmUpMs: 200, firstWarmUpMs: 1000, memoryMs: 200 }
    : { roundMs: 1000, warmUpMs: 500, firstWarmUpMs: 2000, memoryMs: 500 };
  const named = values.pairings?.split(",").map(parsePairing);
  return { rows: withPairings(chooseRows(only), named), rounds, ...times, json, profileFolder: profile };
}

function chooseRows(only: readonly string[] | undefined): readonly Row[] {
  if (only === undefined) return rows.filter(({ onlyOnRequest }) => onlyOnRequest !== true);
  // A name that is an id means that row alone: headline-1 is a part of headline-10, too.
  const usual = chooseRows(undefined);
  const chosen = rows.filter((row) =>
    only.some((part) =>
      rows.some(({ id }) => id === part) ? row.id === part : row.id.includes(part) && usual.includes(row),
    ),
  );
  if (chosen.length === 0) throw new Error(`no row is called ${only.join(" or ")}`);
  return chosen;
}

function withPairings(chosen: readonly Row[], named: readonly PairingId[] | undefined): readonly Row[] {
  if (named === undefined) return chosen;
  const possible = chosen.map((row) => ({ ...row, pairings: named.filter((pairing) => canDo(pairing, row.workload)) }));
  return possible.filter(({ pairings }) => pairings.length > 0);
}
