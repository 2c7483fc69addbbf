import assert from "node:assert/strict";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { tls } from "../../src/net/tls/tls-credentials.js";

describe("insecure", () => {
  it("protects nothing, and says so", () => {
    assert.deepEqual(insecure(), { security: { kind: "none" }, scheme: "http", defaultPort: 443 });
    assert.ok(Object.isFrozen(insecure()));
  });
});

describe("tls", () => {
  it("takes a SPIFFE ID that servers must have, and nothing else in its place", () => {
    const { security } = tls({ serverIdentity: "spiffe://prod.example/shop" });
    assert.equal(security.kind === "tls" && security.tls.serverIdentity, "spiffe://prod.example/shop");
    for (const [serverIdentity, clause] of [
      ["shop.internal", "does not begin with spiffe://"],
      ["spiffe://Prod/shop", "has a trust domain with characters other than a-z, 0-9, dot, dash and underscore"],
    ] as const) {
      const message = `serverIdentity is ${JSON.stringify(serverIdentity)}, which ${clause}: expected a SPIFFE ID`;
      assert.throws(() => tls({ serverIdentity }), { name: "TypeError", message });
    }
  });
});
