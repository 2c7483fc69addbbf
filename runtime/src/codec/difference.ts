/**
 * Where the first of two messages differs from the second, as a path and what is found there: in a value, in its type, in
 * the presence of a property, or in the order of properties. Undefined when nothing does.
 */
export function difference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return described(a, b, path);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${nameOf(path)} has another prototype`;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return differenceOfBytes(a, b, path);
  const keys = Object.keys(a);
  const expected = Object.keys(b);
  for (let i = 0; i < Math.max(keys.length, expected.length); i++) {
    if (keys[i] !== expected[i]) return described(keys[i], expected[i], `${nameOf(path)}, property number ${i},`);
  }
  for (const key of keys) {
    const found = difference(propertyOf(a, key), propertyOf(b, key), `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Not `object[key]`: a map may have the key `__proto__`. */
function propertyOf(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

function differenceOfBytes(a: Uint8Array, b: Uint8Array, path: string): string | undefined {
  return Buffer.compare(a, b) === 0 ? undefined : described(hex(a), hex(b), path);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 64)).toString("hex");
}

function described(a: unknown, b: unknown, path: string): string {
  return `${nameOf(path)} is ${text(a)}, protobuf-es has ${text(b)}`;
}

function nameOf(path: string): string {
  return path === "" ? "the message" : path.replace(/^\./, "");
}

function text(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
