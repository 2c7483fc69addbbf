import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StatusCode, StatusError } from "godwit";
import { type JwksSource, jwtAuthenticator } from "godwit/jwt";
import { SignJWT } from "jose";
import { checkRejections } from "../support/unhandled-rejections.js";
import { openLoopback } from "./loopback.js";

const issuer = "https://issuer.internal";

/** A key that signs tokens, by its name. */
function createSigner(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), kid } };
}

type Signer = ReturnType<typeof createSigner>;

function tokenOf({ kid, privateKey }: { kid: string; privateKey: KeyObject }): Promise<string> {
  return new SignJWT({ iss: issuer, aud: "shop", sub: "ada" })
    .setProtectedHeader({ alg: "ES256", kid })
    .setExpirationTime("5 minutes")
    .sign(privateKey);
}

function openShop(jwks: JwksSource) {
  const authenticate = jwtAuthenticator({ issuer, audience: "shop", jwks, cooldownMs: 0 });
  const handlers = {
    unary: (_: unknown, { principal }: { principal: { name: string } | undefined }) => ({ id: principal?.name ?? "" }),
  };
  return openLoopback({ server: { authenticate }, handlers });
}

describe("e2e: tokens", () => {
  checkRejections();

  async function checkRotation(
    jwks: JwksSource,
    publish: (signers: readonly Signer[]) => Promise<void>,
  ): Promise<void> {
    const [old, young] = [createSigner("old"), createSigner("young")];
    await publish([old]);
    await using loopback = await openShop(jwks);
    const call = async (signer: Signer): Promise<string> => {
      const metadata = { authorization: `Bearer ${await tokenOf(signer)}` };
      try {
        return (await loopback.echo.unary({}, { metadata })).id;
      } catch (error) {
        assert.ok(error instanceof StatusError && error.code === StatusCode.UNAUTHENTICATED, String(error));
        return error.statusMessage;
      }
    };
    assert.equal(await call(old), "ada");
    assert.equal(await call(young), "the token is signed with a key that is not known");
    await publish([old, young]);
    assert.equal(await call(young), "ada", "a key that is not known is asked for at once");
    assert.equal(await call(old), "ada");
    await publish([young]);
    assert.equal(await call(createSigner("nobody")), "the token is signed with a key that is not known");
    assert.equal(await call(old), "the token is signed with a key that is not known");
    assert.equal(await call(young), "ada");
    assert.deepEqual(loopback.errors, []);
  }

  it("are checked with keys from a URL, and with newer ones once those are there", async () => {
    let body = "";
    const http = createHttpServer((_request, response) => void response.end(body));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    await checkRotation({ url: `http://127.0.0.1:${port}/keys` }, async (signers) => {
      body = JSON.stringify({ keys: signers.map(({ jwk }) => jwk) });
    });
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });

  it("are checked with keys from a file, and with newer ones once those are there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "godwit-keys-"));
    const file = join(folder, "keys.json");
    await checkRotation({ file }, async (signers) => {
      await writeFile(`${file}.new`, JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }));
      await rename(`${file}.new`, file);
    });
    await rm(folder, { recursive: true });
  });
});
