import assert from "node:assert/strict";
import type { TlsMaterial } from "../../../src/base/tls.js";
import { CertificateFiles } from "../../../src/credentials/files/certificate-files.js";
import type { CertificateFilesOptions } from "../../../src/credentials/files/certificate-files-options.js";
import { tlsMaterialProblem } from "../../../src/net/tls/material-problem.js";
import { createAuthority, sharedAuthority, type TestCertificate } from "../../support/certificates.js";
import { FakePlatform } from "../../support/fake-platform.js";

const root = sharedAuthority();
const shop = () => root.issue({ dnsNames: ["shop.internal"] });
const text = (content: string | Uint8Array | undefined) => Buffer.from(content ?? "").toString();

class Fixture {
  readonly platform = new FakePlatform();
  readonly files: CertificateFiles;
  readonly heard: (TlsMaterial | string)[] = [];
  watch: { close(): void } | undefined;

  constructor(options: CertificateFilesOptions = { certificate: "/tls/tls.crt", key: "/tls/tls.key" }) {
    this.files = new CertificateFiles(this.platform, options, tlsMaterialProblem);
  }

  write(leaf: TestCertificate): void {
    this.platform.files.write("/tls/tls.crt", leaf.chain);
    this.platform.files.write("/tls/tls.key", leaf.key);
  }

  listen(heard = this.heard): { close(): void } {
    return this.files.watch({
      onMaterial: (material) => heard.push(material),
      onError: (message) => heard.push(message),
    });
  }

  async start(): Promise<void> {
    this.watch = this.listen();
    assert.deepEqual(this.heard, [], "a listener is not called within watch");
    await this.platform.settle();
  }

  /** Waits until a change must have been read; returns what was heard since. */
  async next(ms = 50): Promise<(TlsMaterial | string)[]> {
    await this.platform.advanceAsync(ms);
    return this.heard.splice(0);
  }

  /** The material that was heard last, and nothing else. */
  only(heard: readonly (TlsMaterial | string)[]): TlsMaterial {
    const [material] = heard;
    assert.equal(heard.length, 1);
    if (typeof material !== "object") assert.fail(material);
    assert.equal(this.files.current(), material);
    return material;
  }
}

describe("certificate files", () => {
  it("give key and certificate, and each new pair", async () => {
    const f = new Fixture();
    const [first, second] = [shop(), shop()];
    f.write(first);
    assert.equal(f.files.current(), undefined);
    await f.start();
    const material = f.only(await f.next());
    assert.deepEqual([text(material.certificate), text(material.key)], [first.chain, first.key]);
    f.write(second);
    const next = f.only(await f.next());
    assert.deepEqual([text(next.certificate), text(next.key)], [second.chain, second.key]);
    assert.deepEqual(f.platform.warnings, []);
  });

  it("give the same object as long as nothing changes, whoever asks", async () => {
    const f = new Fixture();
    f.write(shop());
    await f.start();
    const material = f.only(await f.next());
    assert.deepEqual(await f.next(600_000), []);
    const others: (TlsMaterial | string)[] = [];
    f.listen(others);
    assert.deepEqual(others, []);
    await f.platform.settle();
    assert.deepEqual(others, [material]);
    assert.equal(f.files.current(), material);
  });

  it("are read every minute, where no change is heard of", async () => {
    const f = new Fixture();
    f.write(shop());
    await f.start();
    f.only(await f.next());
    const renewed = shop();
    f.platform.files.writeUnnoticed("/tls/tls.crt", renewed.chain);
    f.platform.files.writeUnnoticed("/tls/tls.key", renewed.key);
    assert.deepEqual(await f.next(59_000), []);
    assert.equal(text(f.only(await f.next(1000)).certificate), renewed.chain);
  });

  it("keep the last good pair while another is half written, and say so once", async () => {
    const f = new Fixture();
    const [first, second] = [shop(), shop()];
    f.write(first);
    await f.start();
    const good = f.only(await f.next());
    const mismatch =
      "cannot use /tls/tls.crt and /tls/tls.key: the key does not belong to the certificate; what was read before holds";
    f.platform.files.write("/tls/tls.crt", second.chain);
    assert.deepEqual(await f.next(), [mismatch]);
    assert.equal(f.files.current(), good);
    assert.deepEqual(await f.next(300_000), []);
    f.platform.files.write("/tls/tls.key", second.key);
    assert.equal(text(f.only(await f.next()).key), second.key);
    assert.deepEqual(f.platform.warnings, [mismatch]);
  });

  it("keep the last good pair whatever is in the place of the next", async () => {
    const f = new Fixture();
    const [first, second] = [shop(), shop()];
    f.write(first);
    await f.start();
    const good = f.only(await f.next());
    const use = "cannot use /tls/tls.crt and /tls/tls.key: ";
    const bad: readonly [path: string, content: string | undefined, sentence: string][] = [
      ["/tls/tls.crt", "", `${use}the certificate has no CERTIFICATE in PEM`],
      ["/tls/tls.crt", second.chain.slice(0, 300), `${use}the certificate CERTIFICATE 1 has no end`],
      ["/tls/tls.crt", undefined, "/tls/tls.crt does not exist"],
      ["/tls/tls.key", "", `${use}the key cannot be read`],
      ["/tls/tls.key", second.key.slice(0, 100), `${use}the key cannot be read`],
      ["/tls/tls.key", second.encryptedKey("x"), `${use}the key has a passphrase, and none is given`],
      ["/tls/tls.key", undefined, "/tls/tls.key does not exist"],
      [
        "/tls/tls.key",
        " ".repeat(1024 * 1024 + 1),
        "cannot read /tls/tls.key: it is 1048577 bytes long, limit 1048576",
      ],
    ];
    for (const [path, content, sentence] of bad) {
      if (content === undefined) f.platform.files.delete(path);
      else f.platform.files.write(path, content);
      assert.deepEqual(await f.next(), [`${sentence}; what was read before holds`]);
      assert.equal(f.files.current(), good);
      f.write(first);
      assert.deepEqual(await f.next(), [], "the pair is as it was");
    }
  });

  it("wait for a first good pair", async () => {
    const f = new Fixture();
    await f.start();
    assert.deepEqual(await f.next(), ["/tls/tls.crt does not exist; /tls/tls.key does not exist"]);
    const leaf = shop();
    f.platform.files.write("/tls/tls.crt", leaf.chain);
    assert.deepEqual(await f.next(), [], "it was told before");
    f.platform.files.write("/tls/tls.key", leaf.key);
    assert.equal(text(f.only(await f.next()).certificate), leaf.chain);
  });

  it("tell everyone who comes while there is nothing good why", async () => {
    const f = new Fixture();
    await f.start();
    await f.next();
    const late: (TlsMaterial | string)[] = [];
    f.listen(late);
    await f.next();
    assert.deepEqual(late, ["/tls/tls.crt does not exist; /tls/tls.key does not exist"]);
    assert.equal(f.platform.warnings.length, 1);
  });

  it("are watched as long as anybody wants to know, and read anew for who comes later", async () => {
    const f = new Fixture();
    const [first, second] = [shop(), shop()];
    f.write(first);
    await f.start();
    const other = f.listen([]);
    const material = f.only(await f.next());
    assert.equal(f.platform.files.watches, 2);
    f.watch?.close();
    f.watch?.close();
    assert.equal(f.files.current(), material);
    other.close();
    assert.equal(f.platform.files.watches, 0);
    assert.equal(f.files.current(), undefined);
    const reads = f.platform.files.log.length;
    await f.next(600_000);
    assert.equal(f.platform.files.log.length, reads);
    await f.start();
    assert.equal(f.only(await f.next()), material, "nothing has changed");
    f.watch?.close();
    f.write(second);
    await f.start();
    assert.equal(text(f.only(await f.next()).certificate), second.chain);
  });

  it("serve one who closes within its own call", async () => {
    const f = new Fixture();
    f.write(shop());
    const heard: TlsMaterial[] = [];
    const watch = f.files.watch({
      onMaterial(material) {
        heard.push(material);
        watch.close();
      },
      onError: assert.fail,
    });
    await f.next();
    assert.equal(heard.length, 1);
    assert.equal(f.platform.files.watches, 0);
  });

  it("take roots, a PKCS#12 file and a passphrase", async () => {
    const other = createAuthority({ commonName: "Other" });
    const f = new Fixture({ pfx: "/tls/id.p12", passphrase: "sesame", roots: "/tls/ca.crt" });
    f.platform.files.write("/tls/ca.crt", `the house\n${root.certificate}${other.certificate}`);
    const pfx = await shop().pkcs12("sesame");
    await f.platform.files.replace("/tls/id.p12", pfx);
    await f.start();
    const material = f.only(await f.next());
    assert.deepEqual(material, { pfx, passphrase: "sesame", roots: [root.der, other.der] });
    f.platform.files.write("/tls/ca.crt", other.certificate);
    const next = f.only(await f.next());
    assert.deepEqual(next.roots, [other.der]);
    assert.equal(next.pfx, material.pfx);
    f.platform.files.write("/tls/ca.crt", other.certificate.slice(0, -40));
    assert.deepEqual(await f.next(), ["/tls/ca.crt CERTIFICATE 1 has no end; what was read before holds"]);
  });

  it("take over what is good of one part while another is broken", async () => {
    const f = new Fixture({ certificate: "/tls/tls.crt", key: "/tls/tls.key", roots: "/tls/ca.crt" });
    const [first, second] = [shop(), shop()];
    f.write(first);
    f.platform.files.write("/tls/ca.crt", root.certificate);
    await f.start();
    f.only(await f.next());
    f.platform.files.delete("/tls/ca.crt");
    f.write(second);
    const [material, message] = await f.next();
    assert.equal(typeof material === "object" && text(material.certificate), second.chain);
    assert.equal(message, "/tls/ca.crt does not exist; what was read before holds");
  });

  it("take a SPIFFE bundle map in place of roots (gRFC A87)", async () => {
    const f = new Fixture({ roots: "/none", spiffeBundleMap: "/tls/bundles.json" });
    const key = { use: "x509-svid", kty: "EC", x5c: [Buffer.from(root.der).toString("base64")] };
    const write = (keys: unknown) =>
      f.platform.files.write("/tls/bundles.json", JSON.stringify({ trust_domains: { "prod.example": { keys } } }));
    write([key]);
    await f.start();
    assert.deepEqual(f.only(await f.next()), { spiffeBundles: new Map([["prod.example", [root.der]]]) });
    write([{ ...key, x5c: ["MIIB"] }]);
    assert.deepEqual(await f.next(), [
      "cannot use /tls/bundles.json: a root cannot be read as a certificate; what was read before holds",
    ]);
    write(7);
    assert.deepEqual(await f.next(), [
      '/tls/bundles.json is broken: trust_domains["prod.example"].keys is 7: expected a list; what was read before holds',
    ]);
    write([]);
    assert.deepEqual(f.only(await f.next()), { spiffeBundles: new Map([["prod.example", []]]) });
  });

  it("survive an onError that throws", async () => {
    const f = new Fixture({
      roots: "/ca.crt",
      onError: () => {
        throw new Error("disk full");
      },
    });
    await f.start();
    assert.deepEqual(await f.next(), ["/ca.crt does not exist"]);
    assert.deepEqual(f.platform.warnings, ["the onError of certificateFiles threw: disk full"]);
    f.platform.files.write("/ca.crt", root.certificate);
    f.only(await f.next());
  });

  it("refuse options that make no sense", () => {
    const bad: readonly [CertificateFilesOptions, string][] = [
      [{}, "no file is given: expected certificate, key, pfx, roots, spiffeBundleMap, crlDirectory"],
      [{ certificate: "/a" }, "certificate and key go together: one of them is missing"],
      [{ key: "/a" }, "certificate and key go together: one of them is missing"],
      [{ certificate: "/a", key: "/b", pfx: "/c" }, "pfx stands in place of certificate and key: expected one of them"],
      [{ roots: "/a", passphrase: "x" }, "passphrase is of a key or a PKCS#12 file, and none is given"],
      [{ roots: "" }, "roots is empty: expected the path of a file"],
      [{ roots: "/a\0b" }, "roots is a text with a NUL: expected the path of a file"],
      [{ crlDirectory: 7 as never }, "crlDirectory is a number: expected the path of a folder"],
      [{ certificate: "/a", key: shop().key }, "key is what is in a file: expected the path of a file"],
      [
        { certificate: "/a", key: Buffer.from(shop().key) as never },
        "key is what is in a file: expected the path of a file",
      ],
      [{ roots: "/a", refreshMs: 999 }, "refreshMs is 999: expected a number of milliseconds of 1000 or more"],
      [{ roots: "/a", refreshMs: Number.NaN }, "refreshMs is NaN: expected a number of milliseconds of 1000 or more"],
    ];
    for (const [options, message] of bad) {
      assert.throws(() => new CertificateFiles(new FakePlatform(), options, tlsMaterialProblem), {
        name: "TypeError",
        message,
      });
    }
    assert.throws(
      () => new CertificateFiles(new FakePlatform(), { cert: "/a" } as never, tlsMaterialProblem),
      /certificateFiles\.cert does not exist/,
    );
  });
});
