export interface SimOptions {
  readonly seeds: number;
  readonly from: number;
  /** Number of a planted fault that is put into the product first. */
  readonly plant: number | undefined;
  /** The first seed that fails is the last. */
  readonly first: boolean;
  /** Tells everything that happens. */
  readonly verbose: boolean;
  /** Name of a file below docs/evidence, without its ending. */
  readonly evidence: string | undefined;
}

export const usage = "npm run sim -- [--seeds N] [--from S] [--plant K] [--first] [--verbose] [--evidence NAME]";

/** Returns one sentence when the arguments are not right. */
export function parseOptions(args: readonly string[]): SimOptions | string {
  const values = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const name = args[i] as string;
    if (!/^--(seeds|from|plant|first|verbose|evidence)$/.test(name)) return `unknown option ${name}`;
    if (name === "--verbose" || name === "--first") values.set(name.slice(2), "");
    else {
      const value = args[++i];
      if (value === undefined) return `${name} has no value`;
      if (name !== "--evidence" && !/^[0-9]{1,9}$/.test(value)) return `${name} is ${value}, expected a number`;
      values.set(name.slice(2), value);
    }
  }
  const evidence = values.get("evidence");
  if (evidence !== undefined && !/^[a-z0-9-]+$/.test(evidence)) return "--evidence is not a name in kebab-case";
  const plant = values.get("plant");
  return {
    seeds: Number(values.get("seeds") ?? 1_000),
    from: Number(values.get("from") ?? 1),
    plant: plant === undefined ? undefined : Number(plant),
    first: values.has("first"),
    verbose: values.has("verbose"),
    evidence,
  };
}
