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
      [[], "certificate has no URI SAN, expected a SPIFFE ID"],
      [["spiffe://prod.example/a", "spiffe://prod.example/b"], "certificate has 2 URI SANs, expected one SPIFFE ID"],
      [["spiffe://prod.example/a", "https://a"], "certificate has 2 URI SANs, expected one SPIFFE ID"],
      [["https://a"], 'certificate has the URI SAN "https://a", which does not begin with spiffe://'],
      [
        ["spiffe://prod.example/"],
        'certificate has the URI SAN "spiffe://prod.example/", which has an empty segment in its path',
      ],
      [["spiffe://evil.example/shop"], "certificate is of trust domain evil.example, which is not in the bundle map"],
      [["spiffe://gone.example/shop"], "certificate is of trust domain gone.example, whose bundle is empty"],
    ];
    for (const [uris, error] of bad) assert.deepEqual(trust(uris), { error });
    assert.deepEqual(trust(["spiffe://prod.example/shop"], true), {
      error: "certificate is an authority's, expected a workload's",
    });
  });

  it("knows no domain that objects have by nature", () => {
    assert.deepEqual(trust(["spiffe://__proto__/x"]), {
      error: "certificate is of trust domain __proto__, which is not in the bundle map",
    });
    assert.deepEqual(trust(["spiffe://constructor/x"]), {
      error: "certificate is of trust domain constructor, which is not in the bundle map",
    });
  });
});
