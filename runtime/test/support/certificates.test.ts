import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  createServer,
  type SecureContextOptions,
  type TLSSocket,
  type TlsOptions,
  connect as tlsConnect,
} from "node:tls";
import { createAuthority, selfSigned, sharedAuthority, type TestCertificate } from "./certificates.js";

/** What node:tls as a client says of a server with `options`: the error's code, or "good". */
async function verdict(options: TlsOptions, client: SecureContextOptions & { servername?: string }): Promise<string> {
  const server = createServer({ minVersion: "TLSv1.3", ...options }, (socket) => socket.on("error", () => {}).end());
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const result = await new Promise<string>((resolve) => {
    const socket: TLSSocket = tlsConnect({ host: "127.0.0.1", port, servername: "shop.internal", ...client });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("close", () => resolve("good"));
    socket.resume();
  });
  await new Promise((resolve) => server.close(resolve));
  return result;
}

const shop = { dnsNames: ["shop.internal"] };
const serve = (leaf: TestCertificate): TlsOptions => ({ cert: leaf.chain, key: leaf.key });

describe("certificates for tests", () => {
  const root = sharedAuthority();
  const trust = { ca: root.certificate };

  it("has every kind of name", () => {
    const leaf = root.issue({
      commonName: "Shop, the first",
      organization: "Example",
      dnsNames: ["shop.internal", "*.shop.internal"],
      ipAddresses: ["127.0.0.1", "::1", "2001:db8::ff:0:1"],
      uris: ["spiffe://prod.example/shop"],
      emails: ["shop@example.com"],
    });
    const seen = new X509Certificate(leaf.certificate);
    assert.equal(seen.subject, "O=Example\nCN=Shop\\, the first");
    assert.equal(
      seen.subjectAltName,
      "email:shop@example.com, DNS:shop.internal, DNS:*.shop.internal, URI:spiffe://prod.example/shop, " +
        "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:FF:0:1",
    );
    assert.ok(seen.verify(new X509Certificate(root.certificate).publicKey));
    assert.equal(seen.ca, false);
    assert.equal(new X509Certificate(root.certificate).ca, true);
  });

  it("has no subject when none is asked for", () => {
    const seen = new X509Certificate(root.issue({ ...shop, commonName: undefined }).certificate);
    // Undefined until Node 24, empty from Node 26 on.
    assert.equal(seen.subject ?? "", "");
    assert.match(String(seen.subjectAltName), /shop\.internal/);
  });

  it("is trusted, with an intermediate too, and each fault is what node:tls says it is", async () => {
    const good = root.issue(shop);
    const yesterday = new Date(Date.now() - 86_400_000);
    const tomorrow = new Date(Date.now() + 86_400_000);
    const cases: readonly [string, TestCertificate, string][] = [
      ["good", good, "good"],
      ["RSA", root.issue({ ...shop, keyType: "RSA" }), "good"],
      ["P-384", root.issue({ ...shop, keyType: "P-384" }), "good"],
      ["under an intermediate", root.intermediate().issue(shop), "good"],
      ["no usages", root.issue({ ...shop, usages: [] }), "good"],
      ["for another host", root.issue({ dnsNames: ["db.internal"] }), "ERR_TLS_CERT_ALTNAME_INVALID"],
      ["expired", root.issue({ ...shop, notBefore: new Date(0), notAfter: yesterday }), "CERT_HAS_EXPIRED"],
      ["not yet valid", root.issue({ ...shop, notBefore: tomorrow }), "CERT_NOT_YET_VALID"],
      ["of another authority", createAuthority({ commonName: "Other" }).issue(shop), "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
      ["self-signed", selfSigned(shop), "DEPTH_ZERO_SELF_SIGNED_CERT"],
      ["for clients alone", root.issue({ ...shop, usages: ["client"] }), "INVALID_PURPOSE"],
    ];
    for (const [title, leaf, expected] of cases) assert.equal(await verdict(serve(leaf), trust), expected, title);
  });

  it("is revoked by a list of its authority", async () => {
    const [good, bad] = [root.issue(shop), root.issue(shop)];
    const crl = root.revocationList([bad]);
    assert.equal(await verdict(serve(good), { ...trust, crl }), "good");
    assert.equal(await verdict(serve(bad), { ...trust, crl }), "CERT_REVOKED");
    assert.equal(await verdict(serve(bad), { ...trust, crl: root.revocationList([]) }), "good");
    const old = root.revocationList([], { nextUpdate: new Date(Date.now() - 1000) });
    assert.equal(await verdict(serve(good), { ...trust, crl: old }), "CRL_HAS_EXPIRED");
  });

  it("comes with an encrypted key, and as PKCS#12", async () => {
    const leaf = root.intermediate().issue(shop);
    const encrypted = leaf.encryptedKey("sesame");
    assert.match(encrypted, /BEGIN ENCRYPTED PRIVATE KEY/);
    assert.equal(await verdict({ cert: leaf.chain, key: encrypted, passphrase: "sesame" }, trust), "good");
    const pfx = Buffer.from(await leaf.pkcs12("sesame"));
    assert.equal(await verdict({ pfx, passphrase: "sesame" }, trust), "good");
    assert.throws(() => createServer({ pfx, passphrase: "wrong" }), /mac verify failure/);
  });

  it("makes an authority of a name once", () => {
    assert.equal(sharedAuthority("Once"), sharedAuthority("Once"));
    assert.notEqual(createAuthority().certificate, createAuthority().certificate);
  });
});
