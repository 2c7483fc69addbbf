import { parseArgs } from "node:util";

export interface CrashOptions {
  readonly kills: number;
  /** Of the load, and of when processes are killed. */
  readonly seed: number;
  /** Calls that run at a time. */
  readonly inFlight: number;
  /** File for all figures. */
  readonly json: string | undefined;
  /** The client tries every call again. */
  readonly plant: boolean;
}

export const evidenceFile = "docs/evidence/crash.json";

export const usage = `npm run crash -- [--kills N] [--seed S] [--in-flight N] [--json FILE] [--evidence] [--plant]
  --kills N      times that a server is killed (default 50)
  --seed S       of the load and of the moments of the kills (default 1)
  --in-flight N  calls that run at a time (default 64)
  --json FILE    writes all figures
  --evidence     the same, to ${evidenceFile}
  --plant        makes the client try every call again, to see that it is found`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): CrashOptions {
  const { values } = parseArgs({
    args,
    options: {
      kills: { type: "string", default: "50" },
      seed: { type: "string", default: "1" },
      "in-flight": { type: "string", default: "64" },
      json: { type: "string" },
      evidence: { type: "boolean", default: false },
      plant: { type: "boolean", default: false },
    },
  });
  return {
    kills: parseNumber("kills", values.kills, 1),
    seed: parseNumber("seed", values.seed, 0),
    inFlight: parseNumber("in-flight", values["in-flight"], 1),
    json: values.evidence ? evidenceFile : values.json,
    plant: values.plant,
  };
}

function parseNumber(name: string, text: string, least: number): number {
  const number = Number(text.replaceAll(/[_,]/g, ""));
  if (!Number.isInteger(number) || number < least) throw new Error(`--${name} is ${text}, expected ${least} or more`);
  return number;
}
