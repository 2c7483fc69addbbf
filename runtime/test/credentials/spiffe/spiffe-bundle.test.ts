import assert from "node:assert/strict";
import { parseSpiffeBundleMap } from "../../../src/credentials/spiffe/spiffe-bundle.js";

const key = (certificate: string, fields: object = {}) => ({
  use: "x509-svid",
  kty: "EC",
  x5c: [Buffer.from(certificate).toString("base64")],
  ...fields,
});
const map = (domains: object) => JSON.stringify({ trust_domains: domains });

function roots(text: string): Record<string, string[]> {
  const parsed = parseSpiffeBundleMap(text);
  if ("error" in parsed) assert.fail(parsed.error);
  return Object.fromEntries(
    [...parsed.value].map(([name, list]) => [name, list.map((der) => Buffer.from(der).toString())]),
  );
}

describe("SPIFFE trust bundle map", () => {
  it("has the roots of each trust domain", () => {
    const text = map({
      "prod.example": { spiffe_sequence: 12, spiffe_refresh_hint: 300, keys: [key("one"), key("two", { kty: "RSA" })] },
      "partner.example": { keys: [key("three", { kid: "x", crv: "P-256" })] },
    });
    assert.deepEqual(roots(text), { "prod.example": ["one", "two"], "partner.example": ["three"] });
  });

  it("passes over keys for JWTs, and knows empty bundles and the empty map", () => {
    const jwt = { use: "jwt-svid", kty: "EC", kid: "k", x: "", y: "" };
    assert.deepEqual(roots(map({ a: { keys: [jwt, key("one")] }, b: { keys: [] }, c: {} })), {
      a: ["one"],
      b: [],
      c: [],
    });
    assert.deepEqual(roots(map({})), {});
  });

  it("takes every name for what it is", () => {
    const text = `{"trust_domains": {"__proto__": {"keys": [${JSON.stringify(key("one"))}]}}}`;
    const parsed = parseSpiffeBundleMap(text);
    assert.ok("value" in parsed);
    assert.deepEqual([...parsed.value.keys()], ["__proto__"]);
  });

  it("is bad as a whole when one entry is", () => {
    const at = 'trust_domains["a"].keys[0]';
    const one = (fields: object) => map({ a: { keys: [key("x", fields)] }, b: { keys: [key("y")] } });
    const bad: readonly [string, string][] = [
      ["", "it is not JSON"],
      ["-----BEGIN PRIVATE KEY-----", "it is not JSON"],
      ["null", "trust_domains is undefined: expected an object"],
      ["[]", "trust_domains is undefined: expected an object"],
      ['{"trust_domains": []}', "trust_domains is []: expected an object"],
      [map({ "A.example": {} }), domainError("A.example")],
      [map({ "": {} }), 'trust_domains[""] has no trust domain'],
      [map({ "spiffe://a": {} }), domainError("spiffe://a")],
      [map({ a: null }), 'trust_domains["a"] is null: expected an object'],
      [map({ a: { keys: {} } }), 'trust_domains["a"].keys is {}: expected a list'],
      [map({ a: { keys: [7] } }), `${at} is 7: expected an object`],
      [one({ use: undefined }), `${at}.use is undefined: expected "x509-svid"`],
      [one({ use: "sig" }), `${at}.use is "sig": expected "x509-svid"`],
      [one({ kty: "oct" }), `${at}.kty is "oct": expected "RSA" or "EC"`],
      [one({ x5c: undefined }), `${at}.x5c is undefined: expected a list of one certificate`],
      [one({ x5c: [] }), `${at}.x5c has 0 entries, expected one certificate`],
      [one({ x5c: ["YQ==", "YQ=="] }), `${at}.x5c has 2 entries, expected one certificate`],
      [one({ x5c: [7] }), `${at}.x5c[0] is not base64`],
      [one({ x5c: [""] }), `${at}.x5c[0] is not base64`],
      [one({ x5c: ["YQ="] }), `${at}.x5c[0] is not base64`],
      [one({ x5c: ["a-_b"] }), `${at}.x5c[0] is not base64`],
      [one({ x5c: ["YW\nI="] }), `${at}.x5c[0] is not base64`],
    ];
    for (const [text, error] of bad) assert.deepEqual(parseSpiffeBundleMap(text), { error }, text);
  });

  it("has limits", () => {
    const domains = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`d${i}`, {}]));
    assert.deepEqual(parseSpiffeBundleMap(map(domains)), { error: "trust_domains has 1001 entries, limit 1000" });
    const many = { keys: Array.from({ length: 6000 }, () => key("x")) };
    assert.deepEqual(parseSpiffeBundleMap(map({ a: many, b: many })), {
      error: 'trust_domains["b"].keys brings the map above its limit of 10000 keys',
    });
    assert.deepEqual(parseSpiffeBundleMap("[".repeat(100_000)), { error: "it is not JSON" });
  });
});

function domainError(name: string): string {
  const clause = "has a trust domain with characters other than a-z, 0-9, dot, dash and underscore";
  return `trust_domains[${JSON.stringify(name)}] ${clause}`;
}
