import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPkcs12 } from "../../../src/net/tls/pkcs12.js";
import { createAuthority } from "../../support/certificates.js";

const authority = createAuthority();
const intermediate = authority.intermediate();
const leaf = intermediate.issue({ dnsNames: ["api.internal"] });

/** A file that the program openssl has made; undefined where there is none. */
function exported(passphrase: string, flags: readonly string[]): Uint8Array | undefined {
  const folder = mkdtempSync(join(tmpdir(), "godwit-pkcs12-"));
  const out = join(folder, "id.p12");
  try {
    writeFileSync(join(folder, "id.pem"), leaf.key + authority.certificate + leaf.chain);
    execFileSync(
      "openssl",
      ["pkcs12", "-export", "-in", join(folder, "id.pem"), "-out", out, "-passout", `pass:${passphrase}`, ...flags],
      { stdio: "ignore" },
    );
    return readFileSync(out);
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function subjects(pfx: Uint8Array, passphrase: string): string[] | string {
  const read = readPkcs12(pfx, passphrase);
  return "error" in read ? read.error : read.value.chain.map(({ subject }) => subject);
}

const chain = ["CN=api.internal", "CN=Test Intermediate CA", "CN=Test Root CA"];

describe("a PKCS#12 file", () => {
  for (const passphrase of ["sesame", "", "pässword of more than thirty-two characters"]) {
    for (const flags of [
      [],
      ["-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"],
      ["-certpbe", "AES-128-CBC", "-keypbe", "AES-192-CBC"],
      ["-certpbe", "NONE", "-keypbe", "NONE"],
    ]) {
      it(`of openssl ${flags.join(" ")} has its chain, under ${JSON.stringify(passphrase)} (skipped without the program)`, function () {
        const pfx = exported(passphrase, flags);
        if (pfx === undefined) this.skip();
        assert.deepEqual(subjects(pfx, passphrase), chain);
      });
    }
  }

  it("in BER has its chain", async () => {
    assert.deepEqual(subjects(await leaf.pkcs12("sesame"), "sesame"), chain);
  });

  it("that was cut anywhere is refused, and nothing is thrown", async () => {
    const pfx = await leaf.pkcs12("sesame");
    for (let end = 0; end < pfx.length; end += 7) {
      assert.equal(subjects(pfx.subarray(0, end), "sesame"), "holds what cannot be read");
    }
  });

  it("under another passphrase is refused", async () => {
    assert.equal(subjects(await leaf.pkcs12("sesame"), "open"), "holds what cannot be read");
  });
});
