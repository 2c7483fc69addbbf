import assert from "node:assert/strict";
import { principalsOf } from "../../src/authz/call-identity.js";
import { peerOf } from "./sketch-call.js";

describe("authz/call-identity", () => {
  it("is what the certificate proves", () => {
    assert.deepEqual(principalsOf(peerOf(["spiffe://x/a", "spiffe://x/b"])), ["spiffe://x/a", "spiffe://x/b"]);
  });

  it("is the empty text for TLS without a certificate, and with one that names nobody", () => {
    assert.deepEqual(principalsOf(peerOf([])), [""]);
    const nobody = peerOf(["x"]);
    const { tls } = nobody;
    assert.ok(tls?.identity !== undefined);
    const identity = { ...tls.identity, principals: [] };
    assert.deepEqual(principalsOf({ ...nobody, tls: { ...tls, identity } }), [""]);
    const { tls: _, ...bare } = nobody;
    assert.deepEqual(principalsOf(bare), [""]);
  });

  it("is nothing without TLS", () => {
    assert.equal(principalsOf(peerOf(undefined)), undefined);
    assert.equal(principalsOf({ address: "unix:/x", security: "local" }), undefined);
    assert.equal(principalsOf(undefined), undefined);
  });
});
