import type { Parsed } from "../base/parsed.js";
import { parseDuration, show } from "../service-config/duration.js";
import { unknownField } from "../service-config/method-config.js";
import type { ChosenPolicy, JsonObject, PolicySource } from "./load-balancing-policy.js";

/**
 * Reads the fields of a policy's config, in the JSON form of its proto. What is wrong is kept, the first of it: `result`
 * tells. A field that is not known is an error, since it would have no effect.
 */
export class ConfigFields {
  readonly #json: JsonObject;
  readonly #path: string;
  #error: string | undefined;

  /** @param known The names of all fields. */
  constructor(json: JsonObject, path: string, known: readonly string[]) {
    this.#json = json;
    this.#path = path;
    const unknown = Object.keys(json).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    this.#error =
      known.length === 0
        ? `${path}.${unknown} is not a field that has an effect: expected {}`
        : unknownField(path, unknown, new Set(known));
  }

  boolean(name: string, absent: boolean): boolean {
    const json = this.#json[name] ?? absent;
    if (typeof json === "boolean") return json;
    return this.#fail(name, json, "expected true or false", absent);
  }

  /** A whole number from `min` to `max`, or its digits as text. */
  wholeNumber(name: string, absent: number, min: number, max: number): number {
    const json = this.#json[name] ?? absent;
    const number = typeof json === "string" && /^\d{1,15}$/.test(json) ? Number(json) : json;
    if (Number.isInteger(number) && (number as number) >= min && (number as number) <= max) return number as number;
    return this.#fail(name, json, `expected a whole number from ${min} to ${max}`, absent);
  }

  /** A number from `min` to `max`. */
  number(name: string, absent: number, min: number, max: number): number {
    const json = this.#json[name] ?? absent;
    if (typeof json === "number" && json >= min && json <= max) return json;
    return this.#fail(name, json, `expected a number from ${min} to ${max}`, absent);
  }

  /** Milliseconds of a duration such as "1.5s". */
  durationMs(name: string, absentMs: number): number {
    const json = this.#json[name];
    if (json === undefined) return absentMs;
    const parsed = parseDuration(json);
    if ("value" in parsed) return parsed.value;
    this.#error ??= `${this.#path}.${name} ${parsed.error}`;
    return absentMs;
  }

  text(name: string, absent: string): string {
    const json = this.#json[name] ?? absent;
    if (typeof json === "string") return json;
    return this.#fail(name, json, "expected text", absent);
  }

  /** A list of policies of which the first that is known holds (gRFC A24). Required. */
  policy(name: string, policies: PolicySource): ChosenPolicy | undefined {
    const chosen = policies.choose(this.#json[name], `${this.#path}.${name}`);
    if ("value" in chosen) return chosen.value;
    this.#error ??= chosen.error;
    return undefined;
  }

  /** An object of its own; undefined where it is absent. */
  object(name: string): JsonObject | undefined {
    const json = this.#json[name];
    if (json === undefined) return undefined;
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as JsonObject;
    return this.#fail(name, json, "expected an object", undefined);
  }

  /** The config that was made of the fields, or what was wrong with them. */
  result<Config>(config: Config): Parsed<Config> {
    return this.#error === undefined ? { value: config } : { error: this.#error };
  }

  #fail<T>(name: string, json: unknown, expected: string, absent: T): T {
    this.#error ??= `${this.#path}.${name} is ${show(json)}: ${expected}`;
    return absent;
  }
}
