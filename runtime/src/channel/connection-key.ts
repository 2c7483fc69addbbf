/**
 * A text that is equal for two channels whose connections cannot be told apart. Plain values count by what they say,
 * objects in `identities` by being the very same.
 */
export function connectionKey(values: object, identities: readonly (object | undefined)[]): string {
  return `${JSON.stringify(values, sayNumbers)} ${identities.map(identityOf).join()}`;
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
