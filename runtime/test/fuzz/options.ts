import { type TargetName, targetNames } from "./targets/index.js";

export interface FuzzRunOptions {
  readonly target: TargetName;
  readonly seed: number;
  /** The run ends at whichever comes first. */
  readonly seconds: number;
  readonly inputs: number;
  /** One input to be played, in hexadecimal, instead of a run. */
  readonly input: string | undefined;
  /** Name of a file below docs/evidence, without its ending. */
  readonly evidence: string | undefined;
}

export const usage = `npm run fuzz -- --target ${targetNames.join("|")} [--seconds N] [--inputs N] [--seed S] [--evidence NAME] [--input HEX]`;

/** Returns one sentence when the arguments are not right. `seed` is used where none is given. */
export function parseOptions(args: readonly string[], seed: number): FuzzRunOptions | string {
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i] as string;
    const value = args[i + 1];
    if (!/^--(target|seconds|inputs|seed|evidence|input)$/.test(name)) return `unknown option ${name}`;
    if (value === undefined) return `${name} has no value`;
    values.set(name.slice(2), value);
  }
  const target = targetNames.find((name) => name === values.get("target"));
  if (target === undefined) return `--target is ${values.get("target")}, expected one of ${targetNames.join(", ")}`;
  for (const name of ["seconds", "inputs", "seed"]) {
    const value = values.get(name);
    if (value !== undefined && !/^[0-9]{1,12}$/.test(value)) return `--${name} is ${value}, expected a number`;
  }
  const input = values.get("input");
  if (input !== undefined && !/^([0-9a-f]{2})*$/.test(input)) return "--input is not hexadecimal";
  const evidence = values.get("evidence");
  if (evidence !== undefined && !/^[a-z0-9-]+$/.test(evidence)) return "--evidence is not a name in kebab-case";
  const isBounded = values.has("seconds") || values.has("inputs");
  return {
    target,
    seed: Number(values.get("seed") ?? seed),
    seconds: Number(values.get("seconds") ?? (isBounded ? Number.POSITIVE_INFINITY : 60)),
    inputs: Number(values.get("inputs") ?? Number.POSITIVE_INFINITY),
    input,
    evidence,
  };
}
