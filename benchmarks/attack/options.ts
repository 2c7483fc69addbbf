import { parseArgs } from "node:util";
import type { SubjectName } from "../macro/subjects/subject.js";
import { type Bench, benches, findBenches } from "./benches.js";

export interface AttackOptions {
  readonly benches: readonly Bench[];
  readonly seconds: number;
  readonly subjects: readonly SubjectName[];
  /** Whose client measures the goodput, of both. */
  readonly client: SubjectName;
  /** File for all figures. */
  readonly json: string | undefined;
  /** Whether the figures of the tables go to evidenceFile. */
  readonly evidence: boolean;
  /** Folder for CPU profiles of what is attacked. */
  readonly profileFolder: string | undefined;
}

const attacked: readonly SubjectName[] = ["godwit", "grpc-js"];

export const evidenceFile = "docs/evidence/attack.json";

const names = [...new Set(benches.map(({ name }) => name))];

export const usage = `npm run attack -- NAME… [--seconds N] [--subjects ours,grpc-js] [--client NAME] [--json FILE] [--evidence] [--profile FOLDER]
  NAME              all, or one of ${names.join(", ")}; NAME/VARIANT for one of its kinds
  --seconds N       length of an attack (default 5); some take as long as they need
  --subjects LIST   what is attacked: ours, grpc-js (default both)
  --client NAME     whose client measures the goodput of both: ours (default), grpc-js
  --json FILE       writes all figures
  --evidence        writes those of the tables to ${evidenceFile}
  --profile FOLDER  writes a CPU profile of each process that is attacked`;

/** Throws with one sentence for arguments that mean nothing. */
export function parseOptions(args: string[]): AttackOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "5" },
      subjects: { type: "string", default: "ours,grpc-js" },
      client: { type: "string", default: "ours" },
      json: { type: "string" },
      evidence: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 600)) throw new Error(`--seconds is ${values.seconds}, expected 1 to 600`);
  if (positionals.length === 0) throw new Error("no attack was named");
  return {
    benches: positionals.flatMap((name) => {
      const found = findBenches(name);
      if (found.length === 0) throw new Error(`no attack is called ${name}`);
      return found;
    }),
    seconds,
    subjects: values.subjects.split(",").map(parseSubject),
    client: parseSubject(values.client),
    json: values.json,
    evidence: values.evidence,
    profileFolder: values.profile,
  };
}

function parseSubject(text: string): SubjectName {
  const name = text === "ours" ? "godwit" : text;
  const subject = attacked.find((known) => known === name);
  if (subject === undefined) throw new Error(`there is no ${text} to attack or to measure with: ours or grpc-js`);
  return subject;
}
