/**
 * A text that is equal for two channels whose connections cannot be told apart. Plain values count by what they say,
 * objects in `identities` by being the very same.
 */
export function connectionKey(values: object, identities: readonly (object | undefined)[]): string {
  return `${JSON.stringify(values, sayNumbers)} ${identities.map(idOf).join()}`;
}

/** JSON has no Infinity. */
function sayNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

const ids = new WeakMap<object, number>();
let nextId = 1;

function idOf(object: object | undefined): number {
  if (object === undefined) return 0;
  const known = ids.get(object);
  if (known !== undefined) return known;
  ids.set(object, nextId);
  return nextId++;
}
