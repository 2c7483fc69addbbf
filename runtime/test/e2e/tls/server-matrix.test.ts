import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { createChannel, createClient, insecure, StatusCode, type TlsServerOptions } from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { createAuthority, selfSigned } from "../../support/certificates.js";
import { parseFrames } from "../../support/frames.js";
import { failureOf } from "../loopback.js";
import { connectNode, type NodeClientResult } from "./foreign-tls.js";
import { authority, goodClient, openSecure, type SecureLoopback, serverName } from "./secure-loopback.js";

const stranger = createAuthority({ commonName: "Other CA" });
const revoked = authority.issue({ commonName: "shop" });
const expired = authority.issue({ notAfter: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)), notBefore: new Date(0) });
const future = authority.issue({
  notBefore: new Date(Date.UTC(2090, 0, 2, 3, 4, 5)),
  notAfter: new Date(Date.UTC(2090, 1)),
});
const mutual: Partial<TlsServerOptions> = { clientRoots: authority.certificate };
const h2: ConnectionOptions = { ca: authority.certificate, servername: serverName, ALPNProtocols: ["h2"] };

const shown = ({ chain, key }: { readonly chain: string; readonly key: string }) => ({ cert: chain, key });

interface Case {
  readonly title: string;
  readonly server?: Partial<TlsServerOptions>;
  readonly client: ConnectionOptions;
  /** What onConnectionError hears; undefined: nothing. */
  readonly told: RegExp | undefined;
  /** What the client reads in GOAWAY, or of its own error. */
  readonly heard: RegExp;
}

/** The last words of a connection. */
function goAwayOf({ received }: NodeClientResult): string {
  const goAway = parseFrames(received).find(({ type }) => type === 7);
  return goAway === undefined ? "" : Buffer.from(goAway.payload.subarray(8)).toString();
}

const cases: readonly Case[] = [
  {
    title: "no client certificate",
    server: mutual,
    client: h2,
    told: /client showed no certificate, and one is required/,
    heard: /client showed no certificate, and one is required/,
  },
  {
    title: "no client certificate in TLS 1.2",
    server: mutual,
    client: { ...h2, maxVersion: "TLSv1.2" },
    told: /client showed no certificate, and one is required/,
    heard: /client showed no certificate, and one is required/,
  },
  {
    title: "wrong client CA",
    server: mutual,
    client: { ...h2, ...shown(stranger.issue({ commonName: "shop" })) },
    told: /client's certificate is signed by CN=Other CA, which is not among the roots/,
    heard: /client's certificate is signed by CN=Other CA/,
  },
  {
    title: "wrong client CA where a certificate is only asked for",
    server: { ...mutual, clientCertificate: "request" },
    client: { ...h2, ...shown(stranger.issue({ commonName: "shop" })) },
    told: /client's certificate is signed by CN=Other CA/,
    heard: /client's certificate is signed by CN=Other CA/,
  },
  {
    title: "a client certificate that is self-signed",
    server: mutual,
    client: { ...h2, ...shown(selfSigned({ commonName: "shop" })) },
    told: /client's certificate is self-signed and not among the roots/,
    heard: /self-signed/,
  },
  {
    title: "a client certificate that has expired",
    server: mutual,
    client: { ...h2, ...shown(expired) },
    told: /client's certificate expired at 2026-01-02T03:04:05Z/,
    heard: /expired at/,
  },
  {
    title: "a client certificate that is not valid yet",
    server: mutual,
    client: { ...h2, ...shown(future) },
    told: /client's certificate is not valid before 2090-01-02T03:04:05Z/,
    heard: /not valid before/,
  },
  {
    title: "a client certificate that was revoked",
    server: { ...mutual, crls: [authority.revocationList([revoked])] },
    client: { ...h2, ...shown(revoked) },
    told: /client's certificate was revoked \(serial number [0-9A-F]+\)/,
    heard: /was revoked/,
  },
  {
    title: "a server's certificate in a client's hands",
    server: mutual,
    client: { ...h2, ...shown(authority.issue({ usages: ["server"] })) },
    told: /client's certificate is not for a client \(extended key usage\)/,
    heard: /not for a client/,
  },
  {
    title: "no ALPN",
    client: { ca: authority.certificate, servername: serverName },
    told: /client offers no protocol \(ALPN\), h2 is required/,
    heard: /h2 is required/,
  },
  {
    title: "ALPN http/1.1",
    client: { ...h2, ALPNProtocols: ["http/1.1", "http/1.0"] },
    told: /^TLS handshake with ipv4:127\.0\.0\.1:\d+ failed: client offers http\/1\.1, http\/1\.0, h2 is required/,
    heard: /no application protocol/,
  },
  {
    title: "TLS 1.1",
    client: { ...h2, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
    told: /client speaks a version of TLS that is too old/,
    heard: /protocol version/,
  },
  {
    title: "suites that HTTP/2 forbids",
    client: { ...h2, maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256" },
    told: /client offers no cipher suite that this server takes/,
    heard: /handshake failure/,
  },
  {
    title: "a client that does not believe our certificate",
    client: { ...h2, ca: stranger.certificate },
    // Node's client leaves without an alert.
    told: undefined,
    heard: /unable to (?:verify|get)/,
  },
];

/** Whether the server still takes calls, and nothing of what came before is left. */
async function checkHealthy(loopback: SecureLoopback, isMutual: boolean): Promise<void> {
  const { echo } = loopback.connect(isMutual ? { certificate: goodClient.chain, key: goodClient.key } : {});
  assert.equal((await echo.unary({ id: "kettle" })).id, "kettle");
}

describe("our server over TLS, and clients that are not ours", () => {
  it("right: HTTP/2 begins", async () => {
    await using loopback = await openSecure({ credentials: mutual });
    const result = await connectNode(loopback.port, { ...h2, ...shown(goodClient) });
    assert.deepEqual([result.secure, result.protocol, result.alpn], [true, "TLSv1.3", "h2"]);
    assert.equal(parseFrames(result.received)[0]?.type, 4);
    assert.equal(goAwayOf(result), "");
  });

  for (const { title, server, client, told, heard } of cases) {
    it(`${title}: refused, and told why`, async () => {
      await using loopback = await openSecure(server === undefined ? {} : { credentials: server });
      const result = await connectNode(loopback.port, client);
      assert.match(`${goAwayOf(result)} ${result.error?.message ?? ""}`, heard);
      await checkHealthy(loopback, server?.clientRoots !== undefined);
      if (told === undefined) assert.deepEqual(loopback.refusals, []);
      else assert.match(await loopback.refusal, told);
      assert.equal(loopback.peers.length, 1);
    });
  }

  for (const [title, bytes, sentence] of [
    ["plaintext HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /client speaks plaintext to a port of TLS/],
    ["plaintext HTTP/1.1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", /client speaks plaintext to a port of TLS/],
    ["what is nothing", "\x16\x03\x01\xff\xff\x01", /client speaks plaintext to a port of TLS|TLS failed/],
  ] as const) {
    it(`${title} to TLS: refused, and told why`, async () => {
      await using loopback = await openSecure();
      const socket = connectPlain(loopback.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.resume();
      socket.write(Buffer.from(bytes, "latin1"));
      await once(socket, "close");
      await checkHealthy(loopback, false);
      assert.match(loopback.refusals.join("\n"), sentence);
    });
  }

  it("our own client in plaintext: told on both sides", async () => {
    await using loopback = await openSecure();
    const channel = createChannel(`127.0.0.1:${loopback.port}`, { credentials: insecure(), retry: false });
    const error = await failureOf(createClient(EchoService, channel).unary({}), StatusCode.UNAVAILABLE);
    assert.match(
      error.message,
      /the peer closed the connection before it had spoken HTTP\/2; a server that expects TLS may do that/,
    );
    await channel.close();
    assert.match(loopback.refusals.join("\n"), /client speaks plaintext to a port of TLS/);
  });
});
