import { parseArgs } from "node:util";
import { type Row, rows } from "./plan.js";

export interface StartUpOptions {
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** File for all raw figures. */
  readonly json: string | undefined;
}

export const usage = `node benchmarks/build/footprint/start-up/run.js [--only ROW] [--rounds N] [--quick] [--json FILE]
  --only ROW   a row's id, or a part of some; may be repeated: ${rows.map(({ id }) => id).join(", ")}
  --rounds N   launches of each program (default 15, with --quick 5)
  --quick      few launches: a first look, no result
  --json FILE  writes every launch, the sizes of the bundles, and what it was measured on`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): StartUpOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const { only, quick, json } = values;
  const rounds = Number(values.rounds ?? (quick ? 5 : 15));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds}, expected 1 or more`);
  return { rows: chooseRows(only), rounds, json };
}

/** A name that is an id means that row alone: client is a part of tls-client, too. */
function chooseRows(only: readonly string[] | undefined): readonly Row[] {
  if (only === undefined) return rows;
  const chosen = rows.filter(({ id }) =>
    only.some((part) => (rows.some((row) => row.id === part) ? id === part : id.includes(part))),
  );
  if (chosen.length === 0) throw new Error(`no row is called ${only.join(" or ")}`);
  return chosen;
}
