import assert from "node:assert/strict";
import { spiffeTrust } from "../../../src/credentials/spiffe/spiffe-verification.js";

const prod = [Uint8Array.of(1)];
const partner = [Uint8Array.of(2), Uint8Array.of(3)];
const bundles = new Map([
  ["prod.example", prod],
  ["partner.example", partner],
  ["gone.example", []],
]);
const trust = (uris: readonly string[], isAuthority = false) => spiffeTrust({ uris, isAuthority }, bundles);

describe("SPIFFE verification (gRFC A87)", () => {
  it("chooses the roots by the trust domain", () => {
    assert.deepEqual(trust(["spiffe://prod.example/shop"]), {
      value: { id: { trustDomain: "prod.example", path: "/shop" }, roots: prod },
    });
    assert.deepEqual(trust(["spiffe://partner.example/a/b"]), {
      value: { id: { trustDomain: "partner.example", path: "/a/b" }, roots: partner },
    });
  });

  it("refuses all who are not one SPIFFE workload of a domain that is known", () => {
    const bad: readonly [readonly string[], string][] = [
      [[], "the certificate has no URI SAN, expected a SPIFFE ID"],
      [
        ["spiffe://prod.example/a", "spiffe://prod.example/b"],
        "the certificate has 2 URI SANs, expected one SPIFFE ID",
      ],
      [["spiffe://prod.example/a", "https://a"], "the certificate has 2 URI SANs, expected one SPIFFE ID"],
      [["https://a"], 'the certificate\'s URI SAN "https://a" does not begin with spiffe://'],
      [
        ["spiffe://prod.example/"],
        'the certificate\'s URI SAN "spiffe://prod.example/" has an empty segment in its path',
      ],
      [["spiffe://evil.example/shop"], "trust domain evil.example is not in the bundle map"],
      [["spiffe://gone.example/shop"], "the bundle of trust domain gone.example is empty"],
    ];
    for (const [uris, error] of bad) assert.deepEqual(trust(uris), { error });
    assert.deepEqual(trust(["spiffe://prod.example/shop"], true), {
      error: "the certificate is an authority's, expected a workload's",
    });
  });

  it("knows no domain that objects have by nature", () => {
    assert.deepEqual(trust(["spiffe://__proto__/x"]), { error: "trust domain __proto__ is not in the bundle map" });
    assert.deepEqual(trust(["spiffe://constructor/x"]), { error: "trust domain constructor is not in the bundle map" });
  });
});
