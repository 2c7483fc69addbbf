import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { collect, failureOf } from "../loopback.js";
import { authority, goodClient, identity, openSecure, serverName } from "./secure-loopback.js";

describe("calls over TLS", () => {
  it("of all four kinds go both ways", async () => {
    await using loopback = await openSecure();
    const { echo } = loopback.connect();
    const payload = new Uint8Array(100_000).fill(7);
    assert.equal((await echo.unary({ id: "kettle", payload })).payload.length, payload.length);
    assert.equal((await collect(echo.serverStream({ count: 100, size: 10_000 }))).length, 100);
    const up = await echo.clientStream([{ payload }, { payload }]);
    assert.equal(up.bytes, 200_000n);
    const both = await collect(
      echo.bidi([
        { index: 1, payload },
        { index: 2, payload },
      ]),
    );
    assert.deepEqual(
      both.map(({ index }) => index),
      [1, 2],
    );
    assert.deepEqual(loopback.refusals, []);
  });

  it("know what was agreed", async () => {
    await using loopback = await openSecure();
    await loopback.connect().echo.unary({});
    const [peer] = loopback.peers;
    assert.equal(peer?.security, "tls");
    assert.deepEqual(peer.tls, { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" });
  });

  it("know by which certificate the client came", async () => {
    await using loopback = await openSecure({ credentials: { clientRoots: authority.certificate } });
    await loopback.connect(identity(goodClient)).echo.unary({});
    const shown = loopback.peers[0]?.tls?.identity;
    assert.deepEqual(shown?.principals, ["spiffe://prod.example/shop"]);
    assert.equal(shown.spiffeId, "spiffe://prod.example/shop");
    assert.equal(shown.subject, "CN=shop");
    assert.deepEqual(Buffer.from(shown.certificate), Buffer.from(goodClient.der));
  });

  it("for another authority need a certificate that is for it too", async () => {
    await using loopback = await openSecure();
    const { echo } = loopback.connect();
    await echo.unary({});
    await echo.unary({}, { authority: `${serverName}:443` });
    const error = await failureOf(echo.unary({}, { authority: "db.internal" }), StatusCode.UNAVAILABLE);
    assert.match(
      error.message,
      /authority: certificate is for api\.internal, 127\.0\.0\.1, db\.internal was asked for/,
    );
    assert.equal(loopback.peers.length, 2);
  });
});
