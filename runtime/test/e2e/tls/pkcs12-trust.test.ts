import assert from "node:assert/strict";
import { StatusCode, StatusError } from "godwit";
import { createAuthority } from "../../support/certificates.js";
import { authority, good, goodClient, identity, openSecure, serverName } from "./secure-loopback.js";

const passphrase = "sesame";
/** Has signed certificates that are in a PKCS#12 file, and is among nobody's roots. */
const other = createAuthority({ commonName: "Other Root CA" });
const otherServer = other.issue({ dnsNames: [serverName] });
const otherClient = other.issue({ commonName: "stranger" });

async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail("the peer was believed"),
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof StatusError, String(error));
  assert.equal(error.code, StatusCode.UNAVAILABLE);
  return error.message;
}

describe("authorities in a PKCS#12 file", () => {
  it("are shown by a server, and no client is believed for them", async () => {
    const pfx = await otherServer.pkcs12(passphrase);
    await using secure = await openSecure({
      credentials: { pfx, passphrase, clientRoots: authority.certificate, clientCertificate: "require" },
    });
    const stranger = secure.connect({ roots: other.certificate, ...identity(otherClient) });
    await refusalOf(stranger.echo.unary({}));
    assert.match(await secure.refusal, /client's certificate .*not among the roots/);
    await secure.connect({ roots: other.certificate, ...identity(goodClient) }).echo.unary({});
  });

  it("are shown by a client, and no server is believed for them", async () => {
    const pfx = await otherClient.pkcs12(passphrase);
    await using impostor = await openSecure({ credentials: identity(otherServer) });
    const { echo } = impostor.connect({ pfx, passphrase, roots: authority.certificate });
    assert.match(await refusalOf(echo.unary({})), /not among the roots/);

    await using secure = await openSecure({ credentials: { ...identity(good), clientRoots: other.certificate } });
    await secure.connect({ pfx, passphrase, roots: authority.certificate }).echo.unary({});
    assert.deepEqual(secure.peers[0]?.tls?.identity?.principals, ["CN=stranger"]);
  });
});
