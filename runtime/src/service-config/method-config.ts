import type { Parsed } from "../base/parsed.js";
import { parseDuration, show } from "./duration.js";

/** What a service config says about the calls of a method. Immutable: a call takes one and keeps it to its end. */
export interface MethodConfig {
  /** Milliseconds; the sooner of this and the call's own holds. */
  readonly timeoutMs: number | undefined;
  /** Holds where the call says nothing. */
  readonly waitForReady: boolean | undefined;
  /** Bytes of one message; the smaller of this and the call's own holds. */
  readonly maxRequestBytes: number | undefined;
  /** Bytes of one message; the smaller of this and the call's own holds. */
  readonly maxResponseBytes: number | undefined;
}

export const emptyMethodConfig: MethodConfig = Object.freeze({
  timeoutMs: undefined,
  waitForReady: undefined,
  maxRequestBytes: undefined,
  maxResponseBytes: undefined,
});

/** One `name` of a method config: `service/method`, `service/` for a whole service, "" for every method. */
export type MethodName = string;

export interface NamedMethodConfig {
  readonly names: readonly MethodName[];
  readonly config: MethodConfig;
}

const fields: ReadonlySet<string> = new Set([
  "name",
  "timeout",
  "waitForReady",
  "maxRequestMessageBytes",
  "maxResponseMessageBytes",
]);

/** Parses one entry of `methodConfig` (grpc/service_config/service_config.proto). @param path Where it stands, for errors. */
export function parseMethodConfig(json: unknown, path: string): Parsed<NamedMethodConfig> {
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object` };
  const unknown = Object.keys(json).find((key) => !fields.has(key));
  if (unknown !== undefined) return { error: unknownField(path, unknown, fields) };
  const names = parseNames(json["name"], `${path}.name`);
  if ("error" in names) return names;
  const timeout = optional(json["timeout"], `${path}.timeout`, parseDuration);
  if ("error" in timeout) return timeout;
  const waitForReady = optional(json["waitForReady"], `${path}.waitForReady`, parseBoolean);
  if ("error" in waitForReady) return waitForReady;
  const request = optional(json["maxRequestMessageBytes"], `${path}.maxRequestMessageBytes`, parseUint32);
  if ("error" in request) return request;
  const response = optional(json["maxResponseMessageBytes"], `${path}.maxResponseMessageBytes`, parseUint32);
  if ("error" in response) return response;
  const config = {
    timeoutMs: timeout.value,
    waitForReady: waitForReady.value,
    maxRequestBytes: request.value,
    maxResponseBytes: response.value,
  };
  return { value: { names: names.value, config: Object.freeze(config) } };
}

export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** An application writes its own config: a field that would have no effect is a mistake that it wants to hear of. */
export function unknownField(path: string, field: string, known: ReadonlySet<string>): string {
  return `${path}.${field} is not a field that has an effect: expected one of ${[...known].join(", ")}`;
}

function optional<T>(json: unknown, path: string, parse: (json: unknown) => Parsed<T>): Parsed<T | undefined> {
  if (json === undefined) return { value: undefined };
  const parsed = parse(json);
  return "error" in parsed ? { error: `${path} ${parsed.error}` } : parsed;
}

function parseBoolean(json: unknown): Parsed<boolean> {
  return typeof json === "boolean" ? { value: json } : { error: `is ${show(json)}: expected true or false` };
}

/** google.protobuf.UInt32Value: a number, or its digits as text. */
function parseUint32(json: unknown): Parsed<number> {
  const number = typeof json === "string" && /^\d{1,10}$/.test(json) ? Number(json) : json;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= 0xffff_ffff) {
    return { value: number };
  }
  return { error: `is ${show(json)}: expected a whole number of bytes from 0 to 4294967295` };
}

function parseNames(json: unknown, path: string): Parsed<readonly MethodName[]> {
  if (!Array.isArray(json)) return { error: `${path} is ${show(json)}: expected a list of {service, method}` };
  const names: MethodName[] = [];
  for (let i = 0; i < json.length; i++) {
    const name = parseName(json[i], `${path}[${i}]`);
    if ("error" in name) return name;
    names.push(name.value);
  }
  return { value: names };
}

const nameFields: ReadonlySet<string> = new Set(["service", "method"]);

function parseName(json: unknown, path: string): Parsed<MethodName> {
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected {service, method}` };
  const unknown = Object.keys(json).find((key) => !nameFields.has(key));
  if (unknown !== undefined) return { error: unknownField(path, unknown, nameFields) };
  const service = json["service"] ?? "";
  const method = json["method"] ?? "";
  if (typeof service !== "string") return { error: `${path}.service is ${show(service)}: expected text` };
  if (typeof method !== "string") return { error: `${path}.method is ${show(method)}: expected text` };
  if (service === "" && method !== "") return { error: `${path}.method is ${show(method)} without a service` };
  return { value: service === "" ? "" : `${service}/${method}` };
}
