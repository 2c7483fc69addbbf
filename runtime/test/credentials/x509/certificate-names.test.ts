import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readCertificateNames } from "../../../src/credentials/x509/certificate-names.js";
import { sharedAuthority } from "../../support/certificates.js";

const authority = sharedAuthority();

describe("readCertificateNames", () => {
  it("reads every kind of name", () => {
    const { der } = authority.issue({
      commonName: "shop",
      organization: "Example",
      dnsNames: ["a.example", "*.b.example"],
      ipAddresses: ["10.0.0.1", "2001:db8::1"],
      uris: ["spiffe://prod.example/shop"],
      emails: ["ann@example.com"],
    });
    const names = readCertificateNames(der);
    assert.deepEqual(names?.dnsNames, ["a.example", "*.b.example"]);
    assert.deepEqual(names.uris, ["spiffe://prod.example/shop"]);
    assert.deepEqual(
      names.ipAddresses.map((address) => Buffer.from(address).toString("hex")),
      ["0a000001", "20010db8000000000000000000000001"],
    );
    assert.equal(names.subject, "CN=shop,O=Example");
    assert.equal(names.issuer, "CN=Test Root CA");
  });

  it("reads a certificate without any", () => {
    const names = readCertificateNames(authority.issue({ commonName: undefined }).der);
    assert.deepEqual(names, { dnsNames: [], uris: [], ipAddresses: [], subject: "", issuer: "CN=Test Root CA" });
  });

  it("agrees with Node, whatever the key and the extensions", () => {
    for (const keyType of ["P-256", "P-384", "RSA"] as const) {
      const { der } = authority.issue({ keyType, dnsNames: ["x.example"] });
      assert.equal(new X509Certificate(der).subjectAltName, `DNS:${readCertificateNames(der)?.dnsNames.join()}`);
    }
  });

  for (const dnsName of [
    "a\0.example",
    "a.example, DNS:b.example",
    'a.example", DNS:"b',
    "a\nb",
    "caf\u00e9.example",
    "",
  ]) {
    it(`does not read a name that is there to be misread: ${JSON.stringify(dnsName)}`, () => {
      assert.equal(readCertificateNames(authority.issue({ commonName: "x", dnsNames: [dnsName] }).der), undefined);
    });
  }

  it("does not read what is cut, nor what has one byte more", () => {
    const { der } = authority.issue({ dnsNames: ["a.example"] });
    for (let end = 0; end < der.length; end++)
      assert.equal(readCertificateNames(der.subarray(0, end)), undefined, `${end}`);
    assert.equal(readCertificateNames(Buffer.concat([der, Buffer.from([0])])), undefined);
  });

  it("never throws, whichever byte is another", () => {
    const { der } = authority.issue({ dnsNames: ["a.example"], uris: ["spiffe://a/b"] });
    for (let at = 0; at < der.length; at++) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      readCertificateNames(changed);
    }
  });
});
