import { parseArgs } from "node:util";
import { type Row, rows } from "./plan.js";

export interface MemoryOptions {
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly connections: number;
  readonly streams: number;
  /** Of each measurement of a rate. */
  readonly setUpMs: number;
  /** Between the last call and the reading. */
  readonly settleMs: number;
  /** File for all raw figures. */
  readonly json: string | undefined;
}

export const usage = `node benchmarks/build/footprint/memory/run.js [--only ROW] [--rounds N] [--connections N] [--streams N] [--quick] [--json FILE]
  --only ROW       rows whose id contains ROW; may be repeated: ${rows.map(({ id }) => id).join(", ")}
  --rounds N       rounds of each row for each library, in new processes (default 3, with --quick 1)
  --connections N  idle connections (default 10000, with --quick 1000)
  --streams N      idle streams (default 100000, with --quick 5000)
  --quick          few of both, in one round: a first look, no result
  --json FILE      writes every round and what it was measured on`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): MemoryOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      rounds: { type: "string" },
      connections: { type: "string" },
      streams: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const { only, quick, json } = values;
  const chosen = only === undefined ? rows : rows.filter(({ id }) => only.some((part) => id.includes(part)));
  if (chosen.length === 0) throw new Error(`--only ${only?.join(" --only ")} is no row`);
  return {
    rows: chosen,
    rounds: atLeast(1, "rounds", values.rounds, quick ? 1 : 3),
    connections: atLeast(1, "connections", values.connections, quick ? 1_000 : 10_000),
    // One is there before anything is measured.
    streams: atLeast(2, "streams", values.streams, quick ? 5_000 : 100_000),
    setUpMs: quick ? 1_000 : 3_000,
    settleMs: 3_000,
    json,
  };
}

function atLeast(least: number, name: string, text: string | undefined, preset: number): number {
  const value = text === undefined ? preset : Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} is ${text}, expected ${least} or more`);
  return value;
}
