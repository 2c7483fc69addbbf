import type { Parsed } from "../../base/parsed.js";
import { cut, isObject, show } from "../../service-config/json.js";
import type { EndpointAttributes } from "../endpoint.js";

/** Characters. It is hashed once for each of an endpoint's places on a ring. */
const maxHashKeyLength = 1024;

const fields: ReadonlySet<string> = new Set(["weight", "zone", "id", "serverIdentity", "hashKey", "metadata"]);

/** Parses the JSON form of an endpoint's attributes, strictly. */
export function parseAttributes(json: unknown, path: string): Parsed<EndpointAttributes | undefined> {
  if (json === undefined) return { value: undefined };
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object` };
  const unknown = unknownField(json, fields, path);
  if (unknown !== undefined) return { error: unknown };
  const { weight, metadata } = json;
  if (weight !== undefined && !(typeof weight === "number" && weight > 0)) {
    return { error: `${path}.weight is ${show(weight)}: expected a number above 0` };
  }
  if (metadata !== undefined && !isObject(metadata)) {
    return { error: `${path}.metadata is ${show(metadata)}: expected an object` };
  }
  for (const field of ["zone", "id", "serverIdentity", "hashKey"]) {
    const text = json[field];
    if (text !== undefined && typeof text !== "string") {
      return { error: `${path}.${field} is ${show(text)}: expected a string` };
    }
  }
  const hashKeyLength = String(json["hashKey"] ?? "").length;
  if (hashKeyLength > maxHashKeyLength) {
    return { error: `${path}.hashKey is ${hashKeyLength} characters long, limit ${maxHashKeyLength}` };
  }
  return { value: json };
}

/** The sentence for the first field that is not among those known; undefined when there is none. */
export function unknownField(json: object, known: ReadonlySet<string>, path = ""): string | undefined {
  const key = Object.keys(json).find((candidate) => !known.has(candidate));
  if (key === undefined) return undefined;
  return `${path === "" ? "" : `${path}.`}${cut(key)} is not known: expected ${[...known].join(", ")}`;
}
