/**
 * A text that is equal for two channels whose connections cannot be told apart. Plain values count by what they say,
 * objects in `identities` by being the very same.
 */
export function connectionKey(values: object, identities: readonly (object | undefined)[]): string {
  return `${JSON.stringify(values, sayNumbers)} ${identities.map(identityOf).join()}`;
}

/** The fields that are not as in `defaults`: keys are kept with each connection, and most options are as they come. */
export function whatDiffers<T extends object>(values: T, defaults: T): Partial<T> {
  if (values === defaults) return {};
  const names = Object.keys(values) as (keyof T)[];
  return Object.fromEntries(
    names.filter((name) => values[name] !== defaults[name]).map((name) => [name, values[name]]),
  ) as Partial<T>;
}

/** JSON has no Infinity. */
function sayNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

const ids = new WeakMap<object, number>();
let nextId = 1;

/** A number that stands for this very object; 0 for none. */
export function identityOf(object: object | undefined): number {
  if (object === undefined) return 0;
  const known = ids.get(object);
  if (known !== undefined) return known;
  ids.set(object, nextId);
  return nextId++;
}
