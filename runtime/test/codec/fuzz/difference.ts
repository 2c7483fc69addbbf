/**
 * Where two decoded messages differ; undefined when they do not. Stricter than deepStrictEqual: the order of keys counts
 * as well, and so does whether a property that is undefined is there.
 */
export function difference(actual: unknown, expected: unknown, path = "message"): string | undefined {
  if (typeof expected !== "object" || expected === null || typeof actual !== "object" || actual === null) {
    return Object.is(actual, expected) ? undefined : `${path} is ${describe(actual)}, expected ${describe(expected)}`;
  }
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) {
    return `${path} has another prototype than expected`;
  }
  if (expected instanceof Uint8Array) return differentBytes(actual as Uint8Array, expected, path);
  return differentObjects(actual as Fields, expected as Fields, path);
}

type Fields = Readonly<Record<string, unknown>>;

function differentBytes(actual: Uint8Array, expected: Uint8Array, path: string): string | undefined {
  if (Buffer.compare(actual, expected) === 0) return undefined;
  return `${path} is ${hex(actual)}, expected ${hex(expected)}`;
}

function differentObjects(actual: Fields, expected: Fields, path: string): string | undefined {
  const keys = Object.getOwnPropertyNames(expected);
  const actualKeys = Object.getOwnPropertyNames(actual);
  if (keys.length !== actualKeys.length || keys.some((key, i) => actualKeys[i] !== key)) {
    return `${path} has the keys ${actualKeys.join()}, expected ${keys.join()}`;
  }
  for (const key of keys) {
    const found = difference(actual[key], expected[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describe(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function hex(bytes: Uint8Array): string {
  return `<${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}>`;
}
