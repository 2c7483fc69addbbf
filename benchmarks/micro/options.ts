import { parseArgs } from "node:util";
import type { LaunchSettings } from "./launch.js";

export interface MicroOptions extends LaunchSettings {
  /** Only says what there is. */
  readonly list: boolean;
  readonly launches: number;
  /** Folder of another checkout, whose runtime is measured in turn with ours. */
  readonly against: string | undefined;
  /** Writes micro/recorded.json. */
  readonly record: boolean;
  readonly json: string | undefined;
  readonly profileFolder: string | undefined;
}

export const usage = `node benchmarks/build/micro/run.js [--list] [--short] [--only PART] [--launches N] [--against FOLDER] [--record] [--json FILE] [--profile FOLDER]
  --list            says what each figure is of, and measures nothing
  --short           two launches of three short rounds: less than half a minute
  --only PART       what has PART in its id; may be repeated
  --launches N      processes, one after the other (default 5, with --short 2)
  --against FOLDER  measures the runtime of another checkout too, and prints its time by ours
  --record          writes benchmarks/micro/recorded.json
  --json FILE       writes the figures
  --profile FOLDER  writes a CPU profile of each process`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): MicroOptions {
  const { values } = parseArgs({
    args,
    options: {
      list: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      launches: { type: "string" },
      against: { type: "string" },
      record: { type: "boolean", default: false },
      json: { type: "string" },
      profile: { type: "string" },
    },
  });
  const { list, short, only = [], against, record, json, profile } = values;
  const launches = Number(values.launches ?? (short ? 2 : 5));
  if (!Number.isInteger(launches) || launches < 1) {
    throw new TypeError(`--launches is ${values.launches}, expected 1 or more`);
  }
  if (record && short) throw new TypeError("--record takes a whole run, not --short");
  if (record && only.length > 0) throw new TypeError("--record takes every figure, not --only some");
  const rounds = short ? { rounds: 3, roundMs: 8, warmUpMs: 30 } : { rounds: 7, roundMs: 20, warmUpMs: 80 };
  return { ...rounds, list, only, launches, against, record, json, profileFolder: profile };
}
