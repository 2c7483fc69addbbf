import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { certificateProblem } from "../../../src/net/tls/certificate-problem.js";
import { createAuthority } from "../../support/certificates.js";

const authority = createAuthority({ commonName: "CA 1" });
const good = new X509Certificate(authority.issue({ commonName: "x" }).der);

describe("certificateProblem", () => {
  const cases: readonly [code: string, clause: string][] = [
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate is self-signed and not among the roots"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "certificate leads to an authority of its own, which is not among the roots"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate is signed by CN=CA 1, which is not among the roots"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate is signed by CN=CA 1, which is not among the roots"],
    ["CERT_REVOKED", `certificate was revoked (serial number ${good.serialNumber})`],
    ["UNABLE_TO_GET_CRL", "certificate cannot be checked: there is no revocation list of CN=CA 1"],
    ["CRL_HAS_EXPIRED", "certificate cannot be checked: the revocation list of CN=CA 1 has expired"],
    ["INVALID_PURPOSE", "certificate is not for a server (extended key usage)"],
    ["CERT_SIGNATURE_FAILURE", "certificate has a signature that is not its issuer's"],
    ["CERT_HAS_EXPIRED", "certificate leads to one that has expired"],
    ["CERT_NOT_YET_VALID", "certificate leads to one that is not valid yet"],
    ["SOMETHING_NEW", "certificate is not good (SOMETHING_NEW)"],
  ];
  for (const [code, clause] of cases) {
    it(`of ${code} says: ${clause}`, () => assert.equal(certificateProblem(code, good, "server"), clause));
  }

  it("says when a certificate was valid", () => {
    const date = (year: number) => new Date(Date.UTC(year, 1, 3, 4, 5, 6));
    const old = authority.issue({ notBefore: date(2020), notAfter: date(2021) });
    const future = authority.issue({ notBefore: date(2090), notAfter: date(2091) });
    const of = (code: string, der: Uint8Array) => certificateProblem(code, new X509Certificate(der), "client");
    assert.equal(of("CERT_HAS_EXPIRED", old.der), "certificate expired at 2021-02-03T04:05:06Z");
    assert.equal(of("CERT_NOT_YET_VALID", future.der), "certificate is not valid before 2090-02-03T04:05:06Z");
  });

  it("does without the certificate", () => {
    assert.equal(certificateProblem("CERT_REVOKED", undefined, "server"), "certificate was revoked");
    assert.equal(
      certificateProblem("UNABLE_TO_GET_CRL", undefined, "server"),
      "certificate cannot be checked: there is no revocation list of its issuer",
    );
  });
});
