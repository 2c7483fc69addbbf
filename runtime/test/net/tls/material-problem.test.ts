import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { tlsMaterialProblem as problem } from "../../../src/net/tls/material-problem.js";
import { createAuthority, sharedAuthority } from "../../support/certificates.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const derOf = (pem: string) => new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64"));

describe("what is wrong with TLS material", () => {
  const root = sharedAuthority();
  const leaf = root.intermediate().issue({ dnsNames: ["shop.internal"] });
  const rsa = root.issue({ keyType: "RSA" });
  const pair = { certificate: leaf.chain, key: leaf.key };

  it("is nothing when it can be used, in every form", async () => {
    assert.equal(problem({}), undefined);
    assert.equal(problem(pair), undefined);
    assert.equal(problem({ certificate: bytes(leaf.chain), key: bytes(leaf.key) }), undefined);
    const forms: readonly [string, "sec1" | "pkcs1" | "pkcs8"][] = [
      ["ec", "sec1"],
      ["rsa", "pkcs1"],
      ["ec", "pkcs8"],
    ];
    for (const [kind, type] of forms) {
      const { certificate, key } = kind === "ec" ? leaf : rsa;
      const exported = createPrivateKey(key).export({ format: "der", type } as never) as unknown as Buffer;
      assert.equal(problem({ certificate: derOf(certificate), key: new Uint8Array(exported) }), undefined, type);
    }
    const passphrase = "sesame";
    assert.equal(problem({ certificate: leaf.chain, key: leaf.encryptedKey(passphrase), passphrase }), undefined);
    assert.equal(problem({ pfx: await leaf.pkcs12(passphrase), passphrase }), undefined);
    const roots = [root.certificate + root.certificate, root.der, bytes(root.certificate)];
    assert.equal(problem({ roots, spiffeBundles: new Map([["prod.example", [root.der]]]) }), undefined);
    const list = root.revocationList([leaf]);
    assert.equal(problem({ crls: [list, bytes(list), derOf(list)] }), undefined);
  });

  it("is that key and certificate do not belong together", () => {
    assert.equal(problem({ ...pair, key: root.key }), "the key does not belong to the certificate");
    assert.equal(problem({ ...pair, key: rsa.key }), "the key does not belong to the certificate");
    assert.equal(problem({ key: leaf.key }), "there is a key and no certificate for it");
    assert.equal(problem({ certificate: leaf.chain }), "there is a certificate and no key for it");
  });

  it("is found in every half-written file", () => {
    for (const length of [0, 1, 30, 200, leaf.chain.length - 30]) {
      const certificate = leaf.chain.slice(0, length);
      assert.match(
        problem({ ...pair, certificate }) ?? "",
        /^the certificate (has no CERTIFICATE|CERTIFICATE \d has no end)/,
      );
      assert.match(problem({ roots: [certificate] }) ?? "", /^the root (has no CERTIFICATE|CERTIFICATE \d has no end)/);
    }
    for (const length of [0, 1, 30, 200]) {
      assert.equal(problem({ ...pair, key: leaf.key.slice(0, length) }), "the key cannot be read");
    }
    assert.equal(problem({ ...pair, certificate: leaf.der.subarray(0, 100) }), "the certificate cannot be read");
    assert.equal(problem({ roots: [root.der.subarray(0, 100)] }), "a root cannot be read as a certificate");
    assert.equal(
      problem({ crls: [derOf(root.revocationList([])).subarray(0, 50)] }),
      "a revocation list cannot be read",
    );
    assert.equal(problem({ crls: ["x"] }), "the revocation list has no X509 CRL in PEM");
    assert.equal(
      problem({ spiffeBundles: new Map([["a", [Uint8Array.of(0x30)]]]) }),
      "a root cannot be read as a certificate",
    );
  });

  it("is a passphrase that is missing or wrong, and nothing tells it", async () => {
    const key = leaf.encryptedKey("sesame");
    assert.equal(problem({ ...pair, key }), "the key has a passphrase, and none is given");
    assert.equal(problem({ ...pair, key, passphrase: "open" }), "the passphrase does not open the key");
    const encrypted = derOf(key);
    assert.equal(problem({ ...pair, key: encrypted }), "the key has a passphrase, and none is given");
    assert.equal(problem({ ...pair, key: encrypted, passphrase: "open" }), "the passphrase does not open the key");
    const pfx = await leaf.pkcs12("sesame");
    assert.equal(problem({ pfx }), "the PKCS#12 file has a passphrase, and none is given");
    assert.equal(problem({ pfx, passphrase: "open" }), "the passphrase does not open the PKCS#12 file");
    assert.equal(problem({ pfx: pfx.subarray(0, 100) }), "the PKCS#12 file cannot be read");
    assert.equal(problem({ pfx: bytes("x") }), "the PKCS#12 file cannot be read");
  });

  it("is a key that OpenSSL finds too short", () => {
    const short = createAuthority({ keyType: "RSA-512" }).issue({ keyType: "RSA-512" });
    assert.match(
      problem({ certificate: short.chain, key: short.key }) ?? "",
      /^OpenSSL does not take it: ee key too small$/,
    );
  });
});
