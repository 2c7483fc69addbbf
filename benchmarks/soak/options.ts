import { parseArgs } from "node:util";

export interface SoakOptions {
  readonly unary: number;
  readonly streams: number;
  readonly reconnects: number;
  /** File for all figures. */
  readonly json: string | undefined;
  /** The server keeps something of every unary call. */
  readonly plant: boolean;
}

export const evidenceFile = "docs/evidence/soak.json";

export const usage = `npm run soak -- [--unary N] [--streams N] [--reconnects N] [--json FILE] [--evidence] [--plant]
  --unary N       unary calls (default 2,000,000)
  --streams N     streams of the three kinds in turn (default 50,000)
  --reconnects N  connections that are lost and made anew (default 5,000)
  --json FILE     writes all figures
  --evidence      the same, to ${evidenceFile}
  --plant         makes the server leak, to see that it is found`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): SoakOptions {
  const { values } = parseArgs({
    args,
    options: {
      unary: { type: "string", default: "2000000" },
      streams: { type: "string", default: "50000" },
      reconnects: { type: "string", default: "5000" },
      json: { type: "string" },
      evidence: { type: "boolean", default: false },
      plant: { type: "boolean", default: false },
    },
  });
  return {
    unary: parseCount("unary", values.unary),
    streams: parseCount("streams", values.streams),
    reconnects: parseCount("reconnects", values.reconnects),
    json: values.evidence ? evidenceFile : values.json,
    plant: values.plant,
  };
}

function parseCount(name: string, text: string): number {
  const count = Number(text.replaceAll(/[_,]/g, ""));
  if (!Number.isInteger(count) || count < 0) throw new Error(`--${name} is ${text}, expected 0 or more`);
  return count;
}
