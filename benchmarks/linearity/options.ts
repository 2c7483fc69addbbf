import { parseArgs } from "node:util";
import { type PairingId, parsePairing } from "../macro/pairings.js";

export interface LinearityOptions {
  readonly pairing: PairingId;
  readonly rounds: number;
  readonly roundMs: number;
  /** On one connection, before the last rounds of `calls`. */
  readonly calls: number;
  readonly only: readonly string[] | undefined;
  readonly json: string | undefined;
  readonly profileFolder: string | undefined;
}

export const usage = `node benchmarks/build/linearity/run.js [--only GROUP] [--pairing P] [--rounds N] [--calls N] [--json FILE] [--profile FOLDER]
  --only GROUP      streams, connections, spread or calls; may be repeated
  --pairing P       godwit (default), grpc-js, godwit/grpc-js (CLIENT/SERVER), …
  --rounds N        rounds of each case (default 15)
  --calls N         how many calls the old connection has made before it is compared (default 1000000)
  --json FILE       writes every round
  --profile FOLDER  writes a CPU profile of each process`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): LinearityOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      pairing: { type: "string", default: "godwit" },
      rounds: { type: "string", default: "15" },
      calls: { type: "string", default: "1000000" },
      json: { type: "string" },
      profile: { type: "string" },
    },
  });
  return {
    pairing: parsePairing(values.pairing),
    rounds: atLeastOne("rounds", values.rounds),
    roundMs: 500,
    calls: atLeastOne("calls", values.calls),
    only: values.only,
    json: values.json,
    profileFolder: values.profile,
  };
}

function atLeastOne(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is ${text}, expected 1 or more`);
  return value;
}
