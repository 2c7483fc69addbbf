import assert from "node:assert/strict";
import type { PeerIdentity } from "../../../src/base/tls.js";
import { isNamed, mismatch, parseServerName } from "../../../src/net/tls/server-name.js";

function identity(names: Partial<PeerIdentity>): PeerIdentity {
  return {
    principals: [],
    uris: [],
    dnsNames: [],
    ipAddresses: [],
    subject: "CN=api.internal",
    fingerprint256: "",
    certificate: new Uint8Array(),
    validTo: new Date(0),
    ...names,
  };
}

function isFor(names: Partial<PeerIdentity>, asked: string): boolean {
  const name = parseServerName(asked);
  assert.ok(name !== undefined, asked);
  return isNamed(identity(names), name);
}

describe("a server's name", () => {
  const hosts: readonly [pattern: string, asked: string, is: boolean][] = [
    ["api.internal", "api.internal", true],
    ["API.Internal", "api.INTERNAL", true],
    ["api.internal", "api.internal.", true],
    ["api.internal.", "api.internal", false],
    ["api.internal", "db.internal", false],
    ["api.internal", "x.api.internal", false],
    ["internal", "api.internal", false],
    ["localhost", "localhost", true],
    ["a_b.internal", "a_b.internal", true],
    ["*.shop.internal", "api.shop.internal", true],
    ["*.shop.internal", "API.shop.internal.", true],
    ["*.shop.internal", "shop.internal", false],
    ["*.shop.internal", "a.b.shop.internal", false],
    ["*.shop.internal", ".shop.internal", false],
    ["*.internal", "api.internal", false],
    ["*", "localhost", false],
    ["*.", "localhost", false],
    ["a*.shop.internal", "api.shop.internal", false],
    ["*i.shop.internal", "api.shop.internal", false],
    ["api.*.internal", "api.shop.internal", false],
    ["*.*.internal", "api.shop.internal", false],
    ["**.shop.internal", "api.shop.internal", false],
    ["xn--*.shop.internal", "xn--a.shop.internal", false],
    ["10.0.0.1", "10.0.0.1", false],
    ["", "localhost", false],
  ];
  for (const [pattern, asked, is] of hosts) {
    it(`${pattern} is ${is ? "" : "not "}for ${asked}`, () => {
      const name = parseServerName(asked);
      assert.equal(name !== undefined && isNamed(identity({ dnsNames: [pattern] }), name), is);
    });
  }

  for (const asked of [
    "",
    ".",
    "..",
    "a..b",
    ".a",
    "a。b",
    "a．b",
    "Kelvin.\u212a",
    "ı.example",
    "a\0b",
    "a b",
    "a/b",
    "a@b",
    "a:b",
    "a".repeat(64),
    "*.shop.internal",
    "a.b..",
  ]) {
    it(`nobody can prove ${JSON.stringify(asked)}`, () => assert.equal(parseServerName(asked), undefined));
  }

  it("that is an address is one by its bytes, and among the addresses alone", () => {
    assert.ok(isFor({ ipAddresses: ["10.0.0.1"] }, "10.0.0.1"));
    assert.ok(isFor({ ipAddresses: ["2001:db8::1"] }, "2001:0DB8:0::0001"));
    assert.ok(!isFor({ ipAddresses: ["10.0.0.1"] }, "10.0.0.10"));
    assert.ok(!isFor({ dnsNames: ["10.0.0.1", "*.0.0.1"] }, "10.0.0.1"));
    assert.ok(!isFor({ ipAddresses: ["10.0.0.1"] }, "api.internal"));
  });

  it("that is a SPIFFE ID is the only URI, as it stands", () => {
    const shop = "spiffe://prod.example/shop";
    assert.ok(isFor({ uris: [shop], spiffeId: shop }, shop));
    assert.ok(!isFor({ uris: [shop], spiffeId: shop }, "spiffe://prod.example/Shop"));
    assert.ok(!isFor({ uris: [shop, "spiffe://prod.example/db"] }, shop));
    assert.ok(!isFor({ dnsNames: ["prod.example"] }, shop));
  });

  it("is never the subject's common name", () => {
    assert.ok(!isFor({ subject: "CN=api.internal" }, "api.internal"));
  });

  it("that is another is told with what there is", () => {
    assert.equal(
      mismatch(identity({ dnsNames: ["db.internal"] }), "api.internal"),
      "certificate is for db.internal, api.internal was asked for",
    );
    assert.equal(
      mismatch(identity({ dnsNames: ["a", "b", "c"], ipAddresses: ["::1"], uris: ["x:y", "x:z"] }), "d"),
      "certificate is for a, b, c, ::1 and 2 more, d was asked for",
    );
    assert.equal(
      mismatch(identity({}), "d"),
      "certificate is for no host at all (its subject is CN=api.internal), d was asked for",
    );
    assert.match(mismatch(identity({ subject: "" }), "d"), /its subject is empty/);
  });
});
