import assert from "node:assert/strict";
import { type CertificateProvider, StatusCode, StatusError, type TlsMaterial } from "godwit";
import { createAuthority, type TestAuthority, type TestCertificate } from "../../support/certificates.js";
import { identity, openSecure } from "./secure-loopback.js";

const prod = createAuthority({ commonName: "Prod" });
const partner = createAuthority({ commonName: "Partner" });
const bundles = (domains: Readonly<Record<string, TestAuthority>>) =>
  new Map(Object.entries(domains).map(([name, { der }]) => [name, [der]]));
const both = bundles({ "prod.example": prod, "partner.example": partner });

const api = prod.intermediate().issue({ uris: ["spiffe://prod.example/api"] });
const shop = partner.intermediate().issue({ uris: ["spiffe://partner.example/shop"] });

/** What does not change. */
function fixed(leaf: TestCertificate, spiffeBundles = both): CertificateProvider {
  const material: TlsMaterial = { ...identity(leaf), spiffeBundles };
  return {
    current: () => material,
    watch(listener) {
      listener.onMaterial(material);
      return { close() {} };
    },
  };
}

const open = () =>
  openSecure({
    credentials: { provider: fixed(api), clientCertificate: "require" },
    server: { maxFaultsPerAddress: Number.POSITIVE_INFINITY },
  });

describe("SPIFFE over TLS (gRFC A87)", () => {
  it("lets workloads of different trust domains know each other", async () => {
    await using secure = await open();
    const { echo } = secure.connect({ provider: fixed(shop), serverIdentity: "spiffe://prod.example/api" });
    assert.equal((await echo.unary({ id: "7" })).id, "7");
    const [peer] = secure.peers;
    assert.equal(peer?.tls?.identity?.spiffeId, "spiffe://partner.example/shop");
    assert.deepEqual(peer?.tls?.identity?.principals, ["spiffe://partner.example/shop"]);
    assert.deepEqual(secure.refusals, []);
  });

  it("refuses servers that are not whom the channel wants, or of whom the roots say nothing", async () => {
    await using secure = await open();
    const refused = async (provider: CertificateProvider, serverIdentity: string, pattern: RegExp) => {
      const { echo } = secure.connect({ provider, serverIdentity });
      await assert.rejects(echo.unary({}), (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, StatusCode.UNAVAILABLE);
        assert.match(error.message, pattern);
        return true;
      });
    };
    const id = "spiffe://prod.example/api";
    await refused(
      fixed(shop),
      "spiffe://prod.example/db",
      /certificate is for spiffe:\/\/prod\.example\/api, spiffe:\/\/prod\.example\/db was asked for/,
    );
    const without = bundles({ "partner.example": partner, "other.example": prod });
    await refused(
      fixed(shop, without),
      id,
      /certificate is of trust domain prod\.example, which is not in the bundle map/,
    );
    const swapped = bundles({ "partner.example": prod, "prod.example": partner });
    await refused(fixed(shop, swapped), id, /certificate does not lead to the roots of trust domain prod\.example/);
    const other = bundles({ "prod.example": createAuthority({ commonName: "Prod" }) });
    await refused(fixed(shop, other), id, /certificate is signed by /);
    assert.equal(secure.peers.length, 0);
  });

  it("refuses clients that are no workload of a trust domain it knows", async () => {
    await using secure = await open();
    const refused = async (leaf: TestCertificate, sentence: string) => {
      const { echo } = secure.connect({ provider: fixed(leaf), serverIdentity: "spiffe://prod.example/api" });
      await assert.rejects(echo.unary({}), StatusError);
      assert.ok(secure.refusals.at(-1)?.includes(`client's ${sentence}`), secure.refusals.at(-1));
    };
    await refused(
      partner.issue({ uris: ["spiffe://prod.example/shop"] }),
      "certificate does not lead to the roots of trust domain prod.example",
    );
    await refused(partner.issue({ dnsNames: ["shop"] }), "certificate has no URI SAN, expected a SPIFFE ID");
    await refused(
      partner.issue({ uris: ["spiffe://partner.example/a", "spiffe://partner.example/b"] }),
      "certificate has 2 URI SANs, expected one SPIFFE ID",
    );
    await refused(
      partner.issue({ uris: ["spiffe://evil.example/shop"] }),
      "certificate is of trust domain evil.example, which is not in the bundle map",
    );
    await refused(createAuthority().issue({ uris: ["spiffe://prod.example/shop"] }), "certificate is signed by ");
    assert.equal(secure.peers.length, 0);
  });
});
