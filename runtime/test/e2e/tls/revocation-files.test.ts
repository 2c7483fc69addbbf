import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateFiles, StatusError } from "godwit";
import { createAuthority } from "../../support/certificates.js";
import { good, identity, openSecure } from "./secure-loopback.js";

const house = createAuthority({ commonName: "House" });
const branch = house.intermediate({ commonName: "Branch" });

describe("revocation lists in a folder (gRFC A69)", () => {
  let folder = "";
  const put = (name: string, content: string): void => {
    writeFileSync(join(folder, "crl", `.${name}`), content);
    renameSync(join(folder, "crl", `.${name}`), join(folder, "crl", name));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-revocation-"));
    mkdirSync(join(folder, "crl"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = async () => {
    put("house.crl", house.revocationList([]));
    const [certificate, key, roots] = ["tls.crt", "tls.key", "ca.crt"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(certificate, good.chain);
    writeFileSync(key, good.key);
    writeFileSync(roots, house.certificate);
    const crlDirectory = join(folder, "crl");
    const provider = certificateFiles({ certificate, key, roots, crlDirectory, onError: assert.fail });
    const secure = await openSecure({ credentials: { provider, clientCertificate: "require" } });
    return { secure, provider };
  };

  /** Resolves when the folder has been read that `change` alters. */
  const taken = (provider: ReturnType<typeof certificateFiles>, change: () => void): Promise<void> => {
    return new Promise((resolve) => {
      let isChanged = false;
      const watch = provider.watch({
        onMaterial() {
          if (isChanged) {
            watch.close();
            resolve();
            return;
          }
          // First comes what was there before.
          isChanged = true;
          change();
        },
        onError: () => {},
      });
    });
  };

  it("refuse a client that is on one, from its next connection on", async () => {
    const { secure, provider } = await open();
    await using _closed = secure;
    const [kept, revoked] = [house.issue(), house.issue()];
    const running = secure.connect(identity(revoked));
    await running.echo.unary({});
    await taken(provider, () => put("house.crl", house.revocationList([revoked])));
    await running.echo.unary({});
    await secure.connect(identity(kept)).echo.unary({});
    assert.deepEqual(secure.refusals, []);
    await assert.rejects(secure.connect(identity(revoked)).echo.unary({}), StatusError);
    assert.match(secure.refusals[0] ?? "", /client's certificate was revoked \(serial number [0-9A-F]+\)/);
  });

  it("refuse a client of whose authority there is none", async () => {
    const { secure, provider } = await open();
    await using _closed = secure;
    const client = identity(branch.issue());
    await assert.rejects(secure.connect(client).echo.unary({}), StatusError);
    assert.match(secure.refusals[0] ?? "", /there is no revocation list of CN=Branch/);
    await taken(provider, () => put("branch.crl", branch.revocationList([])));
    await secure.connect(client).echo.unary({});
  });
});
