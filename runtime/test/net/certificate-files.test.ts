import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CertificateProvider, TlsMaterial } from "../../src/base/tls.js";
import { certificateFiles } from "../../src/net/certificate-files.js";
import { sharedAuthority } from "../support/certificates.js";
import { SecretVolume } from "../support/secret-volume.js";

const root = sharedAuthority();

/** Resolves, for each change that is made, with the next material that is told. */
class Follower {
  readonly errors: string[] = [];
  readonly #watch: { close(): void };
  #heard: (material: TlsMaterial) => void = () => {};

  constructor(provider: CertificateProvider) {
    this.#watch = provider.watch({
      onMaterial: (material) => this.#heard(material),
      onError: (message) => this.errors.push(message),
    });
  }

  next(make: () => void = () => {}): Promise<TlsMaterial> {
    const next = new Promise<TlsMaterial>((resolve) => {
      this.#heard = resolve;
    });
    make();
    return next;
  }

  close(): void {
    this.#watch.close();
  }
}

describe("certificate files of the file system", () => {
  it("follow a Kubernetes secret through its swaps", async () => {
    const volume = new SecretVolume();
    const onError = assert.fail;
    const paths = { certificate: volume.path("tls.crt"), key: volume.path("tls.key"), roots: volume.path("ca.crt") };
    const swap = () => {
      const leaf = root.issue({ dnsNames: ["shop.internal"] });
      volume.swap({ "tls.crt": leaf.chain, "tls.key": leaf.key, "ca.crt": root.certificate });
      return leaf;
    };
    let leaf = swap();
    const provider = certificateFiles({ ...paths, onError });
    const follower = new Follower(provider);
    try {
      for (let i = 0; i < 10; i++) {
        const material = await follower.next(() => {
          if (i > 0) leaf = swap();
        });
        assert.equal(Buffer.from(material.certificate ?? "").toString(), leaf.chain);
        assert.equal(Buffer.from(material.key ?? "").toString(), leaf.key);
        assert.equal(provider.current(), material);
      }
      assert.deepEqual(follower.errors, []);
    } finally {
      follower.close();
      volume.remove();
    }
  });

  it("keep a pair of which one half has been replaced until the other has", async () => {
    const folder = mkdtempSync(join(tmpdir(), "godwit-certificates-"));
    const [first, second] = [root.issue(), root.issue()];
    const put = (name: string, content: string) => {
      writeFileSync(join(folder, `.${name}`), content);
      renameSync(join(folder, `.${name}`), join(folder, name));
    };
    put("tls.crt", first.chain);
    put("tls.key", first.key);
    let told: (message: string) => void = () => {};
    const broken = new Promise<string>((resolve) => {
      told = resolve;
    });
    const [certificate, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
    const provider = certificateFiles({ certificate, key, onError: told });
    const follower = new Follower(provider);
    try {
      const good = await follower.next();
      put("tls.key", second.key);
      assert.equal(
        await broken,
        `cannot use ${certificate} and ${key}: the key does not belong to the certificate; what was read before holds`,
      );
      assert.equal(provider.current(), good);
      const next = await follower.next(() => put("tls.crt", second.chain));
      assert.equal(Buffer.from(next.certificate ?? "").toString(), second.chain);
    } finally {
      follower.close();
      rmSync(folder, { recursive: true });
    }
  });
});
