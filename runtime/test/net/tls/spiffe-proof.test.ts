import assert from "node:assert/strict";
import type { X509Certificate } from "node:crypto";
import { connect, createServer } from "node:tls";
import { spiffeProblem } from "../../../src/net/tls/spiffe-proof.js";
import { createAuthority, type TestAuthority, type TestCertificate } from "../../support/certificates.js";

const prod = createAuthority({ commonName: "Prod" });
const partner = createAuthority({ commonName: "Partner" });
const shop = { uris: ["spiffe://prod.example/shop"], dnsNames: ["shop.internal"] };

const bundles = (domains: Readonly<Record<string, readonly TestAuthority[]>>) =>
  new Map(Object.entries(domains).map(([name, roots]) => [name, roots.map(({ der }) => der)]));
const both = bundles({ "prod.example": [prod], "partner.example": [partner] });

/** The certificate as a handshake gives it, that is with what was shown behind it. Node's own verification is not asked. */
async function shown({ chain, key }: Pick<TestCertificate, "chain" | "key">): Promise<X509Certificate> {
  const server = createServer({ cert: chain, key }, (socket) => socket.on("error", () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const leaf = await new Promise<X509Certificate | undefined>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
    socket.on("error", reject);
    socket.on("secureConnect", () => {
      resolve(socket.getPeerX509Certificate());
      socket.destroy();
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return leaf ?? assert.fail("there is no certificate");
}

const problem = async (leaf: Pick<TestCertificate, "chain" | "key">, uris = shop.uris, map = both) =>
  spiffeProblem(await shown(leaf), uris, map);

describe("what a chain proves of a SPIFFE ID", () => {
  it("is enough when it leads to the roots of its trust domain alone", async () => {
    assert.equal(await problem(prod.issue(shop)), undefined);
    assert.equal(await problem(prod.intermediate().intermediate().issue(shop)), undefined);
    const partners = { uris: ["spiffe://partner.example/x"] };
    assert.equal(await problem(partner.issue(partners), partners.uris), undefined);
    const renewed = createAuthority({ commonName: "Prod" });
    const map = bundles({ "prod.example": [prod, renewed], "partner.example": [partner] });
    assert.equal(await problem(renewed.issue(shop), shop.uris, map), undefined);
  });

  it("is nothing when another trust domain has signed it", async () => {
    const expected = "certificate does not lead to the roots of trust domain prod.example";
    assert.equal(await problem(partner.issue(shop)), expected);
    assert.equal(await problem(partner.intermediate().issue(shop)), expected);
    assert.equal(await problem(createAuthority({ commonName: "Prod" }).issue(shop)), expected);
    const forged = createAuthority({ commonName: "Prod" }).issue(shop);
    assert.equal(await problem({ key: forged.key, chain: forged.chain + prod.certificate }), expected);
    assert.equal(await problem({ key: forged.key, chain: forged.chain + prod.issue(shop).certificate }), expected);
  });

  it("is nothing when it leads to the roots of two", async () => {
    const between = prod.intermediate({ commonName: "Between" });
    const { key, chain } = between.issue(shop);
    assert.equal(await problem({ key, chain }), undefined);
    assert.equal(
      await problem({ key, chain: chain + partner.crossSign(between) }),
      "certificate leads to the roots of trust domain prod.example and to those of partner.example: it is not clear whose it is",
    );
  });

  it("is enough for each trust domain that has the root", async () => {
    const map = bundles({ "prod.example": [prod], "partner.example": [prod, partner] });
    assert.equal(await problem(prod.issue(shop), shop.uris, map), undefined);
    const partners = { uris: ["spiffe://partner.example/x"] };
    assert.equal(await problem(prod.issue(partners), partners.uris, map), undefined);
  });

  it("is nothing for those who are no SPIFFE workload", async () => {
    assert.equal(await problem(prod.issue(shop), []), "certificate has no URI SAN, expected a SPIFFE ID");
    assert.equal(await problem(prod.intermediate(shop)), "certificate is an authority's, expected a workload's");
    assert.equal(
      await problem(prod.issue(shop), ["spiffe://evil.example/shop"]),
      "certificate is of trust domain evil.example, which is not in the bundle map",
    );
  });

  it("is not looked for among very many certificates", async () => {
    const leaf = prod.issue(shop);
    const chain = leaf.chain + partner.certificate.repeat(11);
    assert.equal(await problem({ key: leaf.key, chain }), "certificate comes with more than 10 others");
  });
});
