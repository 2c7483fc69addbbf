/** gRPC's key-value list that goes with a request, a response's headers and its trailers (PROTOCOL-HTTP2, Custom-Metadata). */

/** Text for ordinary keys, bytes for keys that end in `-bin`. */
export type MetadataValue = string | Uint8Array;

/** Anything that a Metadata can be made of. An array stands for several values under one key. */
export type MetadataInit = Readonly<Record<string, MetadataValue | readonly MetadataValue[] | undefined>>;

const keyPattern = /^[0-9a-z_.-]+$/;
/** Printable ASCII with no space at either end (PROTOCOL-HTTP2 ASCII-Value, RFC 9113 §8.2.1). */
const valuePattern = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$|^$/;

/** Keys that belong to HTTP/2 or to the runtime; no application may send them. `grpc-` is reserved as a whole. */
const reservedKeys: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

/** Keys whose values no log should show, and HPACK does not index. */
const secretKeys: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization", "set-cookie"]);

/** OpenCensus's headers: of gRPC's namespace, and yet whoever traces sends them (gRFC A72). */
const openCensusKeys: ReadonlySet<string> = new Set(["grpc-tags-bin", "grpc-trace-bin"]);

/** Whether a field of this (lower-case) name is the runtime's own and never shown to, or taken from, an application. */
export function isReservedKey(key: string): boolean {
  if (key.startsWith("grpc-")) return !openCensusKeys.has(key);
  return key.startsWith(":") || reservedKeys.has(key);
}

/** Of every Metadata that holds nothing; never written to. */
const noEntries: MetadataValue[] = [];

/** Keys are case-insensitive and kept in lower case; the order of values is kept. */
export class Metadata {
  /** Bundlers rename classes that mention themselves; logs show this name. */
  static readonly name: string = "Metadata";

  /** Key at even, value at odd index. */
  #entries: MetadataValue[];
  /** Keys, besides those that always are, whose values are secrets. Never changed: copies share it. */
  #secrets: ReadonlySet<string> | undefined;

  /** Throws TypeError when a key or value cannot be sent. */
  constructor(init?: Metadata | MetadataInit) {
    this.#entries = noEntries;
    if (init === undefined) return;
    if (init instanceof Metadata) {
      if (init.#entries.length > 0) this.#entries = init.#entries.slice();
      this.#secrets = init.#secrets;
      return;
    }
    for (const key of Object.keys(init)) {
      const value = init[key];
      if (value === undefined) continue;
      if (Array.isArray(value)) for (const item of value as readonly MetadataValue[]) this.append(key, item);
      else this.append(key, value as MetadataValue);
    }
  }

  /**
   * Wraps entries that have been validated, key at even and value at odd index. Takes the array over.
   * @internal For wire/ only.
   */
  static ofValidated(entries: MetadataValue[]): Metadata {
    const metadata = new Metadata();
    metadata.#entries = entries;
    return metadata;
  }

  /** Number of key-value pairs. */
  get size(): number {
    return this.#entries.length / 2;
  }

  /** First value under a key. */
  get(key: string): MetadataValue | undefined {
    const name = key.toLowerCase();
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === name) return entries[i + 1];
    return undefined;
  }

  /** All values under a key, in order. */
  getAll(key: string): MetadataValue[] {
    const name = key.toLowerCase();
    const values: MetadataValue[] = [];
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === name) values.push(entries[i + 1] as MetadataValue);
    return values;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Replaces all values under a key. Throws TypeError when key or value cannot be sent. */
  set(key: string, value: MetadataValue): this {
    const name = validate(key, value);
    this.#remove(name);
    this.#push(name, value);
    return this;
  }

  /** Adds a value under a key. Throws TypeError when key or value cannot be sent. */
  append(key: string, value: MetadataValue): this {
    this.#push(validate(key, value), value);
    return this;
  }

  /** Removes all values under a key; tells whether there were any. */
  delete(key: string): boolean {
    return this.#remove(key.toLowerCase());
  }

  /** Appends everything in `other`. */
  merge(other: Metadata): this {
    const entries = other.#entries;
    const { length } = entries;
    for (let i = 0; i < length; i += 2) this.#push(entries[i] as string, entries[i + 1] as MetadataValue);
    if (other.#secrets !== undefined) this.#secrets = new Set([...(this.#secrets ?? []), ...other.#secrets]);
    return this;
  }

  /**
   * Puts what call credentials gave in the place of what stands under the same keys. It all counts as secret.
   * @internal For channel/ only.
   */
  replaceWithSecrets(given: Metadata): this {
    const keys = new Set<string>();
    for (const [key] of given) keys.add(key);
    for (const key of keys) this.#remove(key);
    this.merge(given);
    this.#secrets = new Set([...(this.#secrets ?? []), ...keys]);
    return this;
  }

  /**
   * Keys whose values are secrets although their names do not say so; undefined for none.
   * @internal For wire/ only.
   */
  get secrets(): ReadonlySet<string> | undefined {
    return this.#secrets;
  }

  /**
   * Key at even, value at odd index.
   * @internal For wire/ only, which reads them for each call.
   */
  get entries(): readonly MetadataValue[] {
    return this.#entries;
  }

  *[Symbol.iterator](): IterableIterator<[key: string, value: MetadataValue]> {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) yield [entries[i] as string, entries[i + 1] as MetadataValue];
  }

  /** Calls `visit` for each pair, in order, without making an iterator. */
  forEach(visit: (key: string, value: MetadataValue) => void): void {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) visit(entries[i] as string, entries[i + 1] as MetadataValue);
  }

  /** What console.log shows, without secrets. */
  [Symbol.for("nodejs.util.inspect.custom")](): Record<string, string> {
    const shown = Object.create(null) as Record<string, string>;
    for (const [key, values] of Object.entries(this.toJSON())) shown[key] = values.join(", ");
    return shown;
  }

  /** For logs: bytes are in base64, and `[redacted]` stands for values of keys that carry credentials. */
  toJSON(): Record<string, string[]> {
    const json: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
    this.forEach((key, value) => {
      const text = this.#isSecret(key) ? "[redacted]" : textOf(value);
      const values = json[key];
      if (values === undefined) json[key] = [text];
      else values.push(text);
    });
    return json;
  }

  #isSecret(key: string): boolean {
    return secretKeys.has(key) || this.#secrets?.has(key) === true;
  }

  /** The first pair makes an array of just its size: most have no other, and one that grows takes room for sixteen more. */
  #push(name: string, value: MetadataValue): void {
    if (this.#entries.length === 0) this.#entries = [name, value];
    else this.#entries.push(name, value);
  }

  #remove(name: string): boolean {
    const entries = this.#entries;
    let kept = 0;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] === name) continue;
      entries[kept++] = entries[i] as MetadataValue;
      entries[kept++] = entries[i + 1] as MetadataValue;
    }
    if (kept === entries.length) return false;
    entries.length = kept;
    return true;
  }
}

function textOf(value: MetadataValue): string {
  return typeof value === "string" ? value : Buffer.from(value).toString("base64");
}

/**
 * Keys that were found valid, with the name that is sent: the calls of a process send the same few again and again, and a
 * look-up is cheaper than the checks. Bounded: it is a cache, whatever keys an application makes.
 */
const validNames = new Map<string, string>();
const validNamesLimit = 256;
const longestKeptKey = 64;

function nameOf(key: string): string {
  const known = validNames.get(key);
  if (known !== undefined) return known;
  const name = key.toLowerCase();
  if (!keyPattern.test(name)) {
    throw new TypeError(`metadata key ${JSON.stringify(key)} is not valid: expected letters, digits, "-", "_" and "."`);
  }
  if (isReservedKey(name)) {
    throw new TypeError(
      `metadata key "${name}" is reserved: it is set by the runtime and cannot be sent by an application`,
    );
  }
  if (validNames.size < validNamesLimit && key.length <= longestKeptKey) validNames.set(key, name);
  return name;
}

function validate(key: string, value: MetadataValue): string {
  const name = nameOf(key);
  if (name.endsWith("-bin")) {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(
        `metadata value of "${name}" is a ${typeof value}: a key that ends in "-bin" takes a Uint8Array`,
      );
    }
  } else if (typeof value !== "string") {
    throw new TypeError(`metadata value of "${name}" is not a string: only a key that ends in "-bin" takes bytes`);
  } else if (!valuePattern.test(value)) {
    throw new TypeError(
      `metadata value of "${name}" is not valid: expected printable ASCII with no space at either end; use a "-bin" key for anything else`,
    );
  }
  return name;
}
