import type { Parsed } from "../../base/parsed.js";
import { isObject, type JsonObject, show } from "../../service-config/json.js";
import { trustDomainProblem } from "./spiffe-id.js";

/** Trust domain → the certificates, in DER, that chains of its workloads end at. */
export type SpiffeBundleMap = ReadonlyMap<string, readonly Uint8Array[]>;

/** A federation of more than that is a mistake. */
const maxTrustDomains = 1000;

/** Of all trust domains together. */
const maxBundleKeys = 10_000;

const keyTypes: readonly unknown[] = ["RSA", "EC"];

/**
 * A SPIFFE trust bundle map (gRFC A87): `{"trust_domains": {"prod.example": {"keys": [{"use": "x509-svid", …}]}}}`. One entry
 * that is not valid makes the whole map bad. Keys for JWTs are passed over. Whether what stands in `x5c` is a certificate is
 * not known here.
 */
export function parseSpiffeBundleMap(text: string): Parsed<SpiffeBundleMap> {
  const json = parseJson(text);
  if ("error" in json) return json;
  const domains = isObject(json.value) ? json.value["trust_domains"] : undefined;
  if (!isObject(domains)) return { error: `trust_domains is ${show(domains)}: expected an object` };
  const entries = Object.entries(domains);
  if (entries.length > maxTrustDomains) {
    return { error: `trust_domains has ${entries.length} entries, limit ${maxTrustDomains}` };
  }
  const map = new Map<string, readonly Uint8Array[]>();
  let keys = 0;
  for (const [name, bundle] of entries) {
    const path = `trust_domains[${show(name)}]`;
    const problem = trustDomainProblem(name);
    if (problem !== undefined) return { error: `${path} ${problem}` };
    const roots = parseBundle(bundle, path, maxBundleKeys - keys);
    if ("error" in roots) return roots;
    keys += roots.value.length;
    map.set(name, roots.value);
  }
  return { value: map };
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // What JSON.parse says quotes the text, which may be a key in the wrong place.
    return { error: "it is not JSON" };
  }
}

/** A bundle without keys is one under which nobody is believed. */
function parseBundle(json: unknown, path: string, maxKeys: number): Parsed<readonly Uint8Array[]> {
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object` };
  const keys = json["keys"] ?? [];
  if (!Array.isArray(keys)) return { error: `${path}.keys is ${show(keys)}: expected a list` };
  if (keys.length > maxKeys) return { error: `${path}.keys brings the map above its limit of ${maxBundleKeys} keys` };
  const roots: Uint8Array[] = [];
  for (const [index, key] of keys.entries()) {
    const root = parseKey(key, `${path}.keys[${index}]`);
    if ("error" in root) return root;
    if (root.value !== undefined) roots.push(root.value);
  }
  return { value: roots };
}

/** Undefined for a key that is not for certificates. */
function parseKey(json: unknown, path: string): Parsed<Uint8Array | undefined> {
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object` };
  if (json["use"] === "jwt-svid") return { value: undefined };
  if (json["use"] !== "x509-svid") return { error: `${path}.use is ${show(json["use"])}: expected "x509-svid"` };
  if (!keyTypes.includes(json["kty"])) return { error: `${path}.kty is ${show(json["kty"])}: expected "RSA" or "EC"` };
  return parseChain(json, `${path}.x5c`);
}

/** X509-SVID §6.1: exactly one certificate. RFC 7517 §4.7: base64, and not base64url. */
function parseChain(json: JsonObject, path: string): Parsed<Uint8Array> {
  const chain = json["x5c"];
  if (!Array.isArray(chain)) return { error: `${path} is ${show(chain)}: expected a list of one certificate` };
  if (chain.length !== 1) return { error: `${path} has ${chain.length} entries, expected one certificate` };
  const text: unknown = chain[0];
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) {
    return { error: `${path}[0] is not base64` };
  }
  return { value: Uint8Array.from(Buffer.from(text, "base64")) };
}
