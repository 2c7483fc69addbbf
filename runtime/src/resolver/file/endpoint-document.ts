import type { Parsed } from "../../base/parsed.js";
import type { Address, Millis } from "../../base/platform.js";
import { isObject, show } from "../../service-config/json.js";
import type { ServiceConfigInit } from "../../service-config/service-config-init.js";
import { parseAddress } from "../address-text.js";
import { addressName, type Endpoint } from "../endpoint.js";
import { parseAttributes, unknownField } from "./endpoint-attributes.js";

/** What a `file:` target's JSON says. */
export interface EndpointDocument {
  readonly endpoints: readonly EndpointEntry[];
  readonly serviceConfig: ServiceConfigInit | undefined;
}

export interface EndpointEntry {
  readonly endpoint: Endpoint;
  /** Takes no new calls: it is about to go. */
  readonly isDraining: boolean;
  /** On the wall clock: from then on it is not there any more. Undefined: it stays. */
  readonly expiresAt: Millis | undefined;
}

const documentFields: ReadonlySet<string> = new Set(["endpoints", "serviceConfig"]);
const entryFields: ReadonlySet<string> = new Set(["addresses", "attributes", "draining", "expires"]);

/** Parses strictly: a field that would have no effect is an error that names its path. @param defaultPort For hosts without one. */
export function parseEndpointDocument(text: string, defaultPort: number): Parsed<EndpointDocument> {
  const parsed = parseJson(text);
  if ("error" in parsed) return parsed;
  const json = parsed.value;
  if (!isObject(json)) return { error: `the document is ${show(json)}: expected an object` };
  const unknown = unknownField(json, documentFields);
  if (unknown !== undefined) return { error: unknown };
  const { endpoints: list, serviceConfig } = json;
  if (!Array.isArray(list)) return { error: `endpoints is ${show(list)}: expected a list` };
  if (serviceConfig !== undefined && !isObject(serviceConfig)) {
    return { error: `serviceConfig is ${show(serviceConfig)}: expected an object` };
  }
  const endpoints: EndpointEntry[] = [];
  for (let i = 0; i < list.length; i++) {
    const entry = parseEntry(list[i], `endpoints[${i}]`, defaultPort);
    if ("error" in entry) return entry;
    endpoints.push(entry.value);
  }
  return { value: { endpoints, serviceConfig } };
}

/** What `parseEndpointDocument` reads. */
export function encodeEndpointDocument(document: EndpointDocument): string {
  const endpoints = document.endpoints.map(({ endpoint, isDraining, expiresAt }) => ({
    addresses: endpoint.addresses.map(addressName),
    attributes: endpoint.attributes,
    draining: isDraining || undefined,
    expires: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
  }));
  return `${JSON.stringify({ endpoints, serviceConfig: document.serviceConfig }, undefined, 2)}\n`;
}

function parseEntry(json: unknown, path: string, defaultPort: number): Parsed<EndpointEntry> {
  // The short form: an endpoint of which nothing but its one address is known.
  if (typeof json === "string") return parseEntry({ addresses: [json] }, path, defaultPort);
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object or an address` };
  const unknown = unknownField(json, entryFields, path);
  if (unknown !== undefined) return { error: unknown };
  const addresses = parseAddresses(json["addresses"], `${path}.addresses`, defaultPort);
  if ("error" in addresses) return addresses;
  const attributes = parseAttributes(json["attributes"], `${path}.attributes`);
  if ("error" in attributes) return attributes;
  const { draining = false, expires } = json;
  if (typeof draining !== "boolean") return { error: `${path}.draining is ${show(draining)}: expected true or false` };
  const expiresAt = typeof expires === "string" ? Date.parse(expires) : undefined;
  if (expires !== undefined && !(expiresAt !== undefined && Number.isFinite(expiresAt))) {
    return { error: `${path}.expires is ${show(expires)}: expected a time such as "2026-01-31T23:59:59Z"` };
  }
  const endpoint: Endpoint =
    attributes.value === undefined
      ? { addresses: addresses.value }
      : { addresses: addresses.value, attributes: attributes.value };
  return { value: { endpoint, isDraining: draining, expiresAt } };
}

function parseAddresses(json: unknown, path: string, defaultPort: number): Parsed<Endpoint["addresses"]> {
  const expected = 'expected a list of addresses such as "10.0.0.1:443"';
  if (!Array.isArray(json)) return { error: `${path} is ${show(json)}: ${expected}` };
  const list: Address[] = [];
  for (let i = 0; i < json.length; i++) {
    const text: unknown = json[i];
    if (typeof text !== "string") return { error: `${path}[${i}] is ${show(text)}: expected a string` };
    const address = parseAddress(text, defaultPort);
    if ("error" in address) return { error: `${path}[${i}] is ${show(text)}: ${address.error}` };
    list.push(address.value);
  }
  const [first, ...rest] = list;
  return first === undefined ? { error: `${path} is empty: ${expected}` } : { value: [first, ...rest] };
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
