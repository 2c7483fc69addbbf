import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelCredentials, tls } from "godwit";
import { createAuthority } from "./certificates.js";

/** A certificate for this host in files, in PEM, and credentials that believe it. */
export class CertificateFiles implements Disposable {
  readonly credentials: ChannelCredentials;
  readonly #folder = mkdtempSync(join(tmpdir(), "godwit-certificate-"));
  readonly chain = join(this.#folder, "chain.pem");
  readonly key = join(this.#folder, "key.pem");
  /** Both in one file, as haproxy wants them. */
  readonly both = join(this.#folder, "both.pem");

  constructor() {
    const authority = createAuthority();
    const { chain, key } = authority.issue({ ipAddresses: ["127.0.0.1"] });
    writeFileSync(this.chain, chain);
    writeFileSync(this.key, key);
    writeFileSync(this.both, `${chain}\n${key}`);
    this.credentials = tls({ roots: authority.certificate });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
