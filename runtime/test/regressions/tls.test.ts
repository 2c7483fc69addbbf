import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { type ConnectionOptions, createServer as createTlsServer } from "node:tls";
import { StatusCode } from "godwit";
import { failureOf } from "../e2e/loopback.js";
import { connectNode, openNodeServer, serve } from "../e2e/tls/foreign-tls.js";
import { authority, good, identity, openClient, openSecure, serverName } from "../e2e/tls/secure-loopback.js";
import { createAuthority, selfSigned, type TestCertificate } from "../support/certificates.js";

const stranger = createAuthority({ commonName: "Other CA" });
const names = { dnsNames: [serverName] };
const h2: ConnectionOptions = { ca: authority.certificate, servername: serverName, ALPNProtocols: ["h2"] };
const shown = ({ chain, key }: TestCertificate) => ({ cert: chain, key });

/** What a call says to a server that shows this certificate, when it asks for `asked`. */
async function sentenceFor(certificate: TestCertificate, asked: string): Promise<string> {
  await using server = await openNodeServer(shown(certificate));
  const { channel, echo } = openClient(server.port, {}, { authority: asked });
  const error = await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
  await channel.close();
  return error.message;
}

describe("Regressions: TLS", () => {
  it("R58 grpc-js CVE-2026-101916: a certificate that was not verified is nobody's identity, and lets nobody in", async () => {
    await using loopback = await openSecure({
      credentials: { clientRoots: authority.certificate, clientCertificate: "request" },
    });
    const admin = { commonName: "admin", uris: ["spiffe://prod.example/admin"] };
    for (const impostor of [
      selfSigned(admin),
      stranger.issue(admin),
      authority.issue({ ...admin, usages: ["server"] }),
    ]) {
      const { echo } = loopback.connect(identity(impostor));
      await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
    }
    await loopback.connect().echo.unary({});
    assert.equal(loopback.peers.length, 1);
    assert.equal(loopback.peers[0]?.tls?.identity, undefined);
  });

  it("R113 tonic CVE-2024-47609: handshakes that fail in every way do not end the loop that accepts", async () => {
    await using loopback = await openSecure({
      credentials: { clientRoots: authority.certificate, handshakeTimeoutMs: 300 },
      server: { maxFaultsPerAddress: Number.POSITIVE_INFINITY },
    });
    for (const bytes of [
      "",
      "GET / HTTP/1.1\r\n\r\n",
      "\x16\x03\x01\x00\x05hello",
      "\x16\x03\x01",
      "\x00".repeat(64),
    ]) {
      for (const end of ["end", "resetAndDestroy"] as const) {
        const socket = connectPlain(loopback.port, "127.0.0.1").on("error", () => undefined);
        await once(socket, "connect");
        socket.resume().write(Buffer.from(bytes, "latin1"));
        socket[end]();
        await new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.on("close", resolve)));
      }
    }
    const others: ConnectionOptions[] = [h2, { ...h2, ALPNProtocols: ["x"] }, { ...h2, ...shown(selfSigned()) }];
    for (const options of others) await connectNode(loopback.port, options);
    const client = authority.issue({ commonName: "shop" });
    assert.equal((await loopback.connect(identity(client)).echo.unary({ id: "kettle" })).id, "kettle");
  });

  it("R114 node CVE-2026-21637: odd server names and protocols of a client do not end the process", async () => {
    await using loopback = await openSecure();
    const oddNames = ["..", "x".repeat(255), "*.internal", "xn--", "a b", "\x01", "__proto__"];
    for (const servername of oddNames) {
      await connectNode(loopback.port, { ...h2, servername, checkServerIdentity: () => undefined });
    }
    const oddProtocols = [
      Buffer.from([1, 0]),
      Buffer.from([2, 0x68, 0x33]),
      Buffer.concat([Buffer.from([255]), Buffer.alloc(255, 0xff)]),
    ];
    for (const ALPNProtocols of oddProtocols) await connectNode(loopback.port, { ...h2, ALPNProtocols });
    assert.equal((await loopback.connect().echo.unary({ id: "kettle" })).id, "kettle");
    assert.match(loopback.refusals.join("\n"), /client offers \.{20}, h2 is required/);
  });

  describe("a certificate that is another host's", () => {
    const title =
      "R115 node CVE-2026-48618, CVE-2026-48928, CVE-2026-48934, CVE-2026-58040, CVE-2026-105483, CVE-2026-106069: is not taken for this host's by its dots, its case or a session";
    it(title, async () => {
      const refused: readonly [pattern: string, asked: string][] = [
        ["api.internal.", serverName],
        ["*.internal", serverName],
        [".api.internal", serverName],
      ];
      for (const [pattern, asked] of refused) {
        assert.match(await sentenceFor(authority.issue({ dnsNames: [pattern] }), asked), /certificate is for/);
      }
      // A second name behind the same port shows the same certificate: what was verified for the first one is no proof.
      let isResumed = false;
      const bare = createTlsServer({ ...shown(good), ALPNProtocols: ["h2"] }, (socket) => {
        isResumed ||= socket.isSessionReused();
        socket.end();
      });
      await using server = await serve(bare);
      for (const asked of [serverName, serverName, "db.internal"]) {
        const { channel, echo } = openClient(server.port, {}, { authority: asked, shareConnections: false });
        const { message } = await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
        if (asked !== serverName)
          assert.match(message, /certificate is for api\.internal, 127\.0\.0\.1, db\.internal was asked for/);
        await channel.close();
      }
      assert.ok(!isResumed);
    });
  });

  it("R116 node CVE-2021-44531, CVE-2021-44532, CVE-2021-44533: names in a certificate are read from its DER, and odd ones are not read at all", async () => {
    const odd = [
      { dnsNames: ["evil.example, DNS:api.internal"] },
      { dnsNames: ['evil.example", DNS:"api.internal'] },
      { dnsNames: ["api.internal\0.evil.example"] },
      { uris: ["https://evil.example/, DNS:api.internal"] },
    ];
    for (const options of odd) {
      const sentence = await sentenceFor(authority.issue({ commonName: serverName, ...options }), serverName);
      assert.match(sentence, /certificate holds names that cannot be read/);
    }
    const byUri = authority.issue({ commonName: serverName, uris: [`https://${serverName}/`] });
    assert.match(
      await sentenceFor(byUri, serverName),
      /certificate is for https:\/\/api\.internal\/, api\.internal was asked for/,
    );
    const bySubject = authority.issue({ commonName: `${serverName}, DNS:${serverName}` });
    assert.match(await sentenceFor(bySubject, serverName), /certificate is for no host at all/);
    await failureOf(
      (async () => {
        await using server = await openNodeServer(shown(authority.issue(names)));
        const { channel, echo } = openClient(server.port);
        await echo.unary({}).finally(() => channel.close());
      })(),
      StatusCode.UNIMPLEMENTED,
    );
  });
});
