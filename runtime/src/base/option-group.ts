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
  if (typeof given !== "object" || given === null)
    throw new TypeError(`${group} is ${String(given)}: expected an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new TypeError(`${group}.${name} does not exist; there are: ${Object.keys(defaults).join(", ")}`);
    }
    if (value !== undefined) all[name as keyof T] = value as T[keyof T];
  }
  return all;
}

/** Throws TypeError for what is neither true nor false. */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${name} is ${String(value)}: expected true or false`);
}
