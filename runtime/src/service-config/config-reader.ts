import type { Parsed } from "../base/parsed.js";
import { isObject, type JsonObject, show } from "./json.js";

/**
 * What to make of a part without an effect, such as a field that nobody knows. `reject`: an application's own config, where
 * it is a mistake that it wants to hear of. `ignore`: a resolver's, which is written for newer clients too (gRFC A21).
 */
export type WithoutEffect = "reject" | "ignore";

/** One parse: the first thing that is found wrong makes the whole config bad, so it is all that is kept. */
interface Findings {
  readonly withoutEffect: WithoutEffect;
  error: string | undefined;
}

/**
 * Reads the fields of one object of a service config and remembers what is wrong with them, with the path. JSON null
 * stands for a field that is absent, as everywhere in protobuf's JSON.
 */
export class ConfigReader {
  readonly path: string;
  readonly #json: JsonObject;
  readonly #findings: Findings;

  private constructor(json: unknown, path: string, fields: readonly string[], findings: Findings) {
    this.path = path;
    this.#json = isObject(json) ? json : {};
    this.#findings = findings;
    if (!isObject(json)) this.#find(`${path} is ${show(json)}: expected an object`);
    const unknown = Object.keys(this.#json).find((key) => !fields.includes(key));
    if (unknown === undefined) return;
    const expected = fields.length === 0 ? "no field" : `one of ${fields.join(", ")}`;
    this.findWithoutEffect(`${path}.${unknown} is not a field that is known: expected ${expected}`);
  }

  /** @param path What stands for the whole in errors. @param fields All that the schema has. */
  static open(json: unknown, path: string, fields: readonly string[], withoutEffect: WithoutEffect): ConfigReader {
    return new ConfigReader(json, path, fields, { withoutEffect, error: undefined });
  }

  /** The field as it is; undefined where it is absent. */
  field(name: string): unknown {
    return this.#json[name] ?? undefined;
  }

  pathOf(name: string): string {
    return `${this.path}.${name}`;
  }

  /** A field that may be absent. Undefined, too, once it is found wrong. */
  read<T>(name: string, parse: (json: unknown) => Parsed<T>): T | undefined {
    return this.field(name) === undefined ? undefined : this.require(name, parse);
  }

  /** A field that must be there. Undefined once it is found wrong. */
  require<T>(name: string, parse: (json: unknown) => Parsed<T>): T | undefined {
    const parsed = parse(this.field(name));
    if ("value" in parsed) return parsed.value;
    this.find(name, parsed.error);
    return undefined;
  }

  /** An object within this one, to be read in its turn. */
  object(name: string, fields: readonly string[]): ConfigReader | undefined {
    const json = this.field(name);
    return json === undefined ? undefined : new ConfigReader(json, this.pathOf(name), fields, this.#findings);
  }

  /** A list of objects; empty where it is absent. @param what They are, in the error for what is no list. */
  objects(name: string, fields: readonly string[], what = ""): ConfigReader[] {
    const json = this.field(name) ?? [];
    if (!Array.isArray(json)) {
      this.find(name, `is ${show(json)}: expected a list${what}`);
      return [];
    }
    return json.map((item, i) => new ConfigReader(item, `${this.pathOf(name)}[${i}]`, fields, this.#findings));
  }

  /** @param clause Says what is wrong with the field, behind its path. */
  find(name: string, clause: string): void {
    this.#find(`${this.pathOf(name)} ${clause}`);
  }

  /** A part that is well-formed, and for nothing. */
  findWithoutEffect(error: string): void {
    if (this.#findings.withoutEffect === "reject") this.#find(error);
  }

  /** What was read, unless something was wrong anywhere. */
  finish<T>(value: T): Parsed<T> {
    const { error } = this.#findings;
    return error === undefined ? { value } : { error };
  }

  #find(error: string): void {
    this.#findings.error ??= error;
  }
}
