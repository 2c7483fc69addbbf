import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { type SignedJwtOptions, signedJwt } from "../../src/jwt/signed-jwt.js";
import type { CallCredentials, CallCredentialsContext } from "../../src/rpc/call-credentials.js";
import type { MetadataInit } from "../../src/rpc/metadata.js";
import { contextFor } from "../credentials/context-for.js";
import { FakePlatform } from "../support/fake-platform.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

class World {
  readonly platform = new FakePlatform();
  readonly call = contextFor(this.platform);

  credentials(options: Partial<SignedJwtOptions> = {}): CallCredentials {
    return signedJwt({ key: pemOf(rsa.privateKey), issuer: "shop", ...options });
  }

  async token(credentials: CallCredentials, call: CallCredentialsContext = this.call): Promise<string> {
    const { authorization } = (await credentials.metadata(call)) as MetadataInit;
    return String(authorization).replace("Bearer ", "");
  }

  verify(token: string, key: KeyObject = rsa.publicKey) {
    return jwtVerify(token, key, { currentDate: new Date(this.platform.wallClock()) });
  }
}

describe("signedJwt", () => {
  it("signs with RS256 for the service that is called, for an hour", async () => {
    const w = new World();
    const { payload, protectedHeader } = await w.verify(await w.token(w.credentials({ keyId: "k1" })));
    assert.deepEqual(protectedHeader, { alg: "RS256", typ: "JWT", kid: "k1" });
    const iat = Math.floor(w.platform.wallClock() / 1000);
    const aud = "https://shop.example/shop.v1.Shop";
    assert.deepEqual(payload, { iss: "shop", sub: "shop", aud, iat, exp: iat + 3600 });
  });

  it("signs with ES256, with every claim of one's own", async () => {
    const w = new World();
    const credentials = w.credentials({
      key: pemOf(ec.privateKey),
      algorithm: "ES256",
      subject: "ann",
      audience: "urn:shop",
      lifetimeMs: 60_000,
      claims: { scope: "read", iss: "not mine" },
    });
    const { payload } = await w.verify(await w.token(credentials), ec.publicKey);
    const iat = Math.floor(w.platform.wallClock() / 1000);
    assert.deepEqual(payload, { scope: "read", iss: "shop", sub: "ann", aud: "urn:shop", iat, exp: iat + 60 });
  });

  it("keeps a token for each service, and signs a new one before it expires", async () => {
    const w = new World();
    const credentials = w.credentials();
    const first = await w.token(credentials);
    assert.equal(await w.token(credentials), first);
    const other = { ...w.call, serviceUrl: "https://shop.example/shop.v1.Cart" };
    const second = await w.token(credentials, other);
    assert.equal((await w.verify(second)).payload.aud, other.serviceUrl);
    assert.equal(await w.token(credentials), first);
    w.platform.advance(3_500_000);
    const renewed = await w.token(credentials);
    await new Promise((resolve) => setImmediate(resolve));
    assert.notEqual(await waitForChange(() => w.token(credentials), first), first);
    assert.ok(renewed !== "");
  });

  it("keeps tokens for so many services and no more", async () => {
    const w = new World();
    const credentials = w.credentials({ key: pemOf(ec.privateKey), algorithm: "ES256" });
    const at = (index: number) => w.token(credentials, { ...w.call, serviceUrl: `https://shop.example/${index}` });
    const first = await at(0);
    for (let i = 1; i < 100; i++) await at(i);
    assert.equal(await at(0), first);
    await at(100);
    assert.notEqual(await at(0), first, "the oldest was forgotten");
  });

  it("takes a service account's JSON and a JWK, from a file that may be replaced", async () => {
    const w = new World();
    const key = { file: "/etc/key.json" };
    const account = { type: "service_account", client_email: "shop@example", private_key: pemOf(rsa.privateKey) };
    w.platform.files.write(key.file, JSON.stringify({ ...account, private_key_id: "id1" }));
    const credentials = signedJwt({ key, lifetimeMs: 1000 });
    const token = await w.token(credentials);
    assert.equal((await w.verify(token)).payload.iss, "shop@example");
    assert.equal(decodeProtectedHeader(token).kid, "id1");
    w.platform.files.write(key.file, JSON.stringify({ ...rsa.privateKey.export({ format: "jwk" }), kid: "id2" }));
    w.platform.advance(1000);
    await assert.rejects(w.token(credentials), /UNAUTHENTICATED: a signed JWT has no issuer/);
    assert.equal(decodeProtectedHeader(await w.token(w.credentials({ key }))).kid, "id2");
  });

  it("says what is wrong with a key, without a word of it", async () => {
    const w = new World();
    w.platform.files.write("/etc/key", "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----");
    w.platform.files.failures.set("read /etc/denied", "EACCES");
    const rsaFor = pemOf(rsa.privateKey);
    for (const [options, words] of [
      [{ key: { file: "/etc/none" } }, /^UNAVAILABLE: cannot read \/etc\/none: no such file$/],
      [{ key: { file: "/etc/denied" } }, /^UNAVAILABLE: cannot read \/etc\/denied: not permitted/],
      [
        { key: { file: "/etc/key" } },
        /^UNAUTHENTICATED: the private key in \/etc\/key cannot be used: expected PKCS#8/,
      ],
      [{ key: "s3cr3t" }, /^UNAUTHENTICATED: the private key cannot be used: expected PKCS#8/],
      [{ key: '{"private_key": "s3cr3t"}' }, /^UNAUTHENTICATED: the private key cannot be used/],
      [{ key: '{"s3cr3t' }, /^UNAUTHENTICATED: the private key cannot be used/],
      [{ key: rsaFor, algorithm: "ES256" }, /^UNAUTHENTICATED: the private key cannot be used: .* for ES256$/],
    ] as const) {
      await assert.rejects(w.token(w.credentials(options)), (error: Error) => {
        assert.match(error.message, words);
        return !/s3cr3t/.test(inspect(error));
      });
    }
  });

  it("refuses options that are none", () => {
    const key = "k";
    for (const [options, words] of [
      [undefined, /^TypeError: options of a signed JWT are no object/],
      [{}, /^TypeError: key of a signed JWT is none/],
      [{ key: { path: "x" } }, /^TypeError: key of a signed JWT is none/],
      [{ key, algorithm: "HS256" }, /^TypeError: algorithm is "HS256": expected RS256/],
      [{ key, algorithm: "none" }, /^TypeError: algorithm is "none"/],
      [{ key, lifetimeMs: -1 }, /^TypeError: lifetimeMs is -1/],
      [{ key, issuer: "" }, /^TypeError: issuer is no text/],
      [{ key, aud: "" }, /^TypeError: options\.aud does not exist/],
    ] as const) {
      assert.throws(() => signedJwt(options as never), words);
    }
  });

  it("shows neither key nor token when it is printed", async () => {
    const w = new World();
    const pem = pemOf(ec.privateKey);
    const credentials = w.credentials({ key: pem, algorithm: "ES256" });
    const token = await w.token(credentials);
    const printed = inspect(credentials, { depth: 20, showHidden: true });
    assert.equal(printed.includes(pem.slice(30, 60)), false);
    assert.equal(printed.includes(token.slice(0, 30)), false);
  });
});

/** Signing runs beside the process: it takes as many turns as it takes. */
async function waitForChange(get: () => Promise<string>, from: string): Promise<string> {
  for (let turns = 0; turns < 100_000; turns++) {
    const now = await get();
    if (now !== from) return now;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return from;
}
