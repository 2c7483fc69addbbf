import type { Parsed } from "../base/parsed.js";
import type { ConfigReader } from "./config-reader.js";
import { show } from "./json.js";

/** What a method config applies to, as a MethodDescriptor has it at hand: `:path`, a service's full name, "" for all. */
export type MethodName = string;

const nameFields = ["service", "method"];

/** The `name` of a method config. Empty text stands for an absent field (service_config.proto). */
export function readMethodNames(reader: ConfigReader): MethodName[] {
  const names = reader.objects("name", nameFields, " of {service, method}");
  // service_config.proto: a method config without names is skipped.
  if (names.length === 0) {
    reader.findWithoutEffect(
      `${reader.pathOf("name")} names nothing: expected a list of {service, method}, {} for all`,
    );
  }
  return names.map(readMethodName);
}

function readMethodName(reader: ConfigReader): MethodName {
  const service = reader.read("service", parseText) ?? "";
  const method = reader.read("method", parseText) ?? "";
  if (service === "" && method !== "") reader.find("method", `is ${show(method)} without a service`);
  return method === "" ? service : `/${service}/${method}`;
}

export function parseText(json: unknown): Parsed<string> {
  return typeof json === "string" ? { value: json } : { error: `is ${show(json)}: expected text` };
}
