/**
 * Options that belong together, such as `keepalive`: what is undefined has its default.
 * Throws TypeError for a name that does not exist: a misspelt limit would not be noticed before it is needed.
 */
export function withDefaults<T extends object>(
  group: string,
  given: { readonly [Name in keyof T]?: T[Name] | undefined } | undefined,
  defaults: T,
): T {
  const all = { ...defaults };
  if (given === undefined) return all;
  const problem = nameProblem(group, given, Object.keys(defaults));
  if (problem !== undefined) throw new TypeError(problem);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) all[name as keyof T] = value as T[keyof T];
  }
  return all;
}

/** A sentence about what is no object, or about the first name that does not exist. */
export function nameProblem(group: string, given: object, names: readonly string[]): string | undefined {
  if (typeof given !== "object" || given === null) return `${group} is ${String(given)}: expected an object`;
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  return unknown === undefined ? undefined : `${group}.${unknown} does not exist; there are: ${names.join(", ")}`;
}

/**
 * The whole of an `options` argument: throws TypeError when it is no object, or has a name that does not exist.
 * `names` has every one, which the compiler checks where it is written as a `Record` of the options' keys.
 */
export function checkNames<T extends object>(options: T, names: Readonly<Record<keyof T, true>>): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`options are ${String(options)}: expected an object`);
  const problem = nameProblem("options", options, Object.keys(names));
  if (problem !== undefined) throw new TypeError(problem);
}

/** Throws TypeError for what is neither true nor false. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${name} is ${String(value)}: expected true or false`);
}
