import assert from "node:assert/strict";
import { StatusCode, type TlsChannelOptions, type TlsServerOptions } from "godwit";
import { createAuthority, selfSigned } from "../../support/certificates.js";
import { failureOf } from "../loopback.js";
import { authority, goodClient, identity, openSecure, serverName } from "./secure-loopback.js";

const stranger = createAuthority({ commonName: "Other CA" });
const intermediate = authority.intermediate();
const names = { dnsNames: [serverName] };
const revoked = authority.issue({ commonName: "shop" });
const passphrase = "correct horse";
const chained = intermediate.issue(names);
const mutual: Partial<TlsServerOptions> = { clientRoots: authority.certificate };

interface Good {
  readonly title: string;
  readonly server?: Partial<TlsServerOptions>;
  readonly client?: TlsChannelOptions;
  /** Of the client, as the server sees it. */
  readonly principals?: readonly string[];
}

const taken: readonly Good[] = [
  { title: "a certificate of the server" },
  {
    title: "both sides' certificates",
    server: mutual,
    client: identity(goodClient),
    principals: ["spiffe://prod.example/shop"],
  },
  {
    title: "no certificate of the client where one is only asked for",
    server: { ...mutual, clientCertificate: "request" },
  },
  { title: "a chain over an intermediate", server: identity(chained) },
  {
    title: "DNS names as principals",
    server: mutual,
    client: identity(authority.issue({ dnsNames: ["a.example", "b.example"] })),
    principals: ["a.example", "b.example"],
  },
  {
    title: "a subject as principal",
    server: mutual,
    client: identity(authority.issue({ commonName: "shop", organization: "Ex, Inc." })),
    principals: ["CN=shop,O=Ex\\, Inc."],
  },
  {
    title: "an encrypted key with its passphrase",
    server: { certificate: chained.chain, key: chained.encryptedKey(passphrase), passphrase },
  },
  { title: "DER", server: derOf(authority.issue(names)) },
  { title: "RSA", server: identity(authority.issue({ ...names, keyType: "RSA" })) },
  { title: "TLS 1.2", client: { minVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }, server: {} },
  {
    title: "a wildcard",
    server: identity(authority.issue({ dnsNames: ["*.shop.internal"] })),
    client: { serverNameOverrideForTests: "api.shop.internal" },
  },
  { title: "an address", client: { serverNameOverrideForTests: "127.0.0.1" } },
  {
    title: "lists of what was revoked without it",
    server: { ...mutual, crls: [authority.revocationList([revoked])] },
    client: identity(goodClient),
  },
];

/** Both as DER. */
function derOf({ der, key }: { readonly der: Uint8Array; readonly key: string }): {
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
} {
  return { certificate: der, key: Buffer.from(key.replace(/-----[^-]+-----|\s/g, ""), "base64") };
}

interface Bad {
  readonly title: string;
  readonly server?: Partial<TlsServerOptions>;
  readonly client?: TlsChannelOptions;
  /** In the error of the call. */
  readonly sentence: RegExp;
  /** What the server is told. */
  readonly told?: RegExp;
}

const refused: readonly Bad[] = [
  {
    title: "wrong host",
    server: identity(authority.issue({ dnsNames: ["db.internal"] })),
    sentence: /certificate is for db\.internal, api\.internal was asked for/,
  },
  {
    title: "unknown CA",
    client: { roots: stranger.certificate },
    sentence: /certificate is signed by CN=Test Root CA, which is not among the roots/,
  },
  {
    title: "no roots of ours among the system's",
    client: { roots: [] },
    sentence: /certificate is signed by CN=Test Root CA, which is not among the roots/,
  },
  {
    title: "self-signed",
    server: identity(selfSigned(names)),
    sentence: /certificate is self-signed and not among the roots/,
  },
  {
    title: "no client certificate",
    server: mutual,
    sentence: /the server is going away \(INADEQUATE_SECURITY\): client showed no certificate, and one is required/,
    told: /client showed no certificate, and one is required/,
  },
  {
    title: "wrong client CA",
    server: mutual,
    client: identity(stranger.issue({ commonName: "shop" })),
    sentence: /\(INADEQUATE_SECURITY\): client's certificate is signed by CN=Other CA, which is not among the roots/,
    told: /client's certificate is signed by CN=Other CA/,
  },
  {
    title: "a client certificate that was revoked",
    server: { ...mutual, crls: [authority.revocationList([revoked])] },
    client: identity(revoked),
    sentence: /\(INADEQUATE_SECURITY\): client's certificate was revoked/,
    told: /client's certificate was revoked/,
  },
];

describe("TLS between our client and our server", () => {
  for (const { title, server, client, principals } of taken) {
    it(`takes ${title}`, async () => {
      await using loopback = await openSecure(server === undefined ? {} : { credentials: server });
      const { echo } = loopback.connect(client);
      assert.equal((await echo.unary({ id: "kettle" })).id, "kettle");
      assert.deepEqual(
        loopback.peers[0]?.tls?.identity?.principals,
        principals ?? loopback.peers[0]?.tls?.identity?.principals,
      );
      assert.deepEqual(loopback.refusals, []);
    });
  }

  it("takes PKCS#12, on both sides", async () => {
    const [server, client] = await Promise.all([chained.pkcs12(passphrase), goodClient.pkcs12(passphrase)]);
    await using loopback = await openSecure({ credentials: { ...mutual, pfx: server, passphrase } });
    await loopback.connect({ pfx: client, passphrase }).echo.unary({});
    assert.equal(loopback.peers[0]?.tls?.identity?.spiffeId, "spiffe://prod.example/shop");
  });

  for (const { title, server, client, sentence, told } of refused) {
    it(`refuses ${title}, and both sides say why`, async () => {
      await using loopback = await openSecure(server === undefined ? {} : { credentials: server });
      const { echo } = loopback.connect(client);
      const error = await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
      assert.match(error.message, sentence);
      if (told !== undefined) assert.match(await loopback.refusal, told);
      assert.equal(loopback.peers.length, 0);
    });
  }
});
