import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { inspect } from "node:util";
import { type JWTPayload, SignJWT } from "jose";
import { jwtAuthenticator } from "../../src/jwt/jwt-authenticator.js";
import type { JwtAuthenticatorOptions } from "../../src/jwt/jwt-options.js";
import { Metadata } from "../../src/rpc/metadata.js";
import type { Authenticator, Principal } from "../../src/rpc/principal.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { CallToAuthenticate } from "../../src/server/admission/call-to-authenticate.js";
import { echoMethod } from "../support/echo-service.js";
import { FakePlatform } from "../support/fake-platform.js";
import { checkRejections } from "../support/unhandled-rejections.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ec", { namedCurve: "P-256" });

function jwk(key: KeyObject, kid: string): Record<string, unknown> {
  return { ...key.export({ format: "jwk" }), kid };
}

const url = "https://issuer.example/keys?secret=yes";
const file = "/etc/keys.json";
const keys = [jwk(rsa.publicKey, "rsa"), jwk(ec.publicKey, "ec"), jwk(ed.publicKey, "ed")];
const base: JwtAuthenticatorOptions = { issuer: "https://issuer.example", audience: "shop", jwks: { keys } };

/** A claim that is left out. */
function absent(name: string): JWTPayload {
  return { [name]: undefined };
}

/** The library is imported and counts in threads of its own: the world in virtual time waits for it. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("jwtAuthenticator", () => {
  checkRejections();
  let platform: FakePlatform;

  beforeEach(() => {
    platform = new FakePlatform();
  });

  const seconds = () => Math.floor(platform.wallClock() / 1000);

  interface Sketch {
    readonly claims?: JWTPayload;
    readonly header?: Record<string, unknown>;
    readonly key?: KeyObject;
  }

  function sign({ claims = {}, header = {}, key = ec.privateKey }: Sketch = {}): Promise<string> {
    const payload = { iss: "https://issuer.example", aud: "shop", sub: "ada", exp: seconds() + 600, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "ec", ...header }).sign(key);
  }

  /** Signs what no library would. */
  function forge(header: object, payload: object, signature: (input: string) => string): string {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const input = `${encode(header)}.${encode(payload)}`;
    return `${input}.${signature(input)}`;
  }

  const claimsNow = () => ({ iss: base.issuer, aud: "shop", sub: "ada", exp: seconds() + 600 });

  function ask(authenticate: Authenticator, ...authorization: string[]): ReturnType<Authenticator> {
    const metadata = new Metadata({ authorization });
    const headers = { method: echoMethod("unary"), metadata, deadline: Number.POSITIVE_INFINITY };
    return authenticate(new CallToAuthenticate(headers, platform));
  }

  /** `ada`, or `16 the token …`. */
  async function outcome(authenticate: Authenticator, ...authorization: string[]): Promise<string> {
    try {
      return (await ask(authenticate, ...authorization)).name;
    } catch (error) {
      assert.ok(error instanceof StatusError, String(error));
      for (const value of authorization) {
        const secret = value.split(" ").at(-1) ?? "";
        if (secret.length < 10) continue;
        for (const part of [secret, ...secret.split(".").filter((each) => each.length > 10)]) {
          assert.ok(!inspect(error, { depth: 10 }).includes(part), "an error holds a part of the token");
        }
      }
      return `${error.code} ${error.statusMessage}`;
    }
  }

  it("takes a token that its issuer signed for us, with each kind of key", async () => {
    const authenticate = jwtAuthenticator(base);
    const tokens = [
      await sign({ claims: { roles: ["admin"], deep: { er: {} } } }),
      await sign({ key: rsa.privateKey, header: { alg: "RS256", kid: "rsa" } }),
      await sign({ key: rsa.privateKey, header: { alg: "PS512", kid: "rsa" } }),
      await sign({ key: ed.privateKey, header: { alg: "EdDSA", kid: "ed" } }),
      await sign({ header: { kid: undefined } }),
      await sign({ claims: { aud: ["bank", "shop"] } }),
    ];
    for (const token of tokens) assert.equal(await outcome(authenticate, `Bearer ${token}`), "ada");
    const principal: Principal = await ask(authenticate, `bearer  ${tokens[0]}`);
    assert.deepEqual(principal, {
      name: "ada",
      issuer: "https://issuer.example",
      claims: { ...claimsNow(), roles: ["admin"], deep: { er: {} } },
    });
  });

  it("shares claims that nobody can change", async () => {
    const authenticate = jwtAuthenticator(base);
    const token = `Bearer ${await sign({ claims: { roles: ["user"] } })}`;
    const { claims } = await ask(authenticate, token);
    assert.throws(() => (claims?.["roles"] as string[] | undefined)?.push("admin"), TypeError);
    assert.throws(() => Object.assign(claims ?? {}, { sub: "root" }), TypeError);
  });

  it("answers at once for a token that it knows, until the token or its keys are not good any more", async () => {
    const authenticate = jwtAuthenticator({ ...base, clockToleranceMs: 0 });
    const token = `Bearer ${await sign()}`;
    const first = ask(authenticate, token);
    assert.ok(first instanceof Promise);
    const principal = await first;
    assert.equal(ask(authenticate, token), principal);
    platform.advance(599_000);
    assert.equal(ask(authenticate, token), principal);
    platform.advance(1000);
    assert.equal(await outcome(authenticate, token), "16 the token has expired");
  });

  it("keeps no more tokens than its limit", async () => {
    const authenticate = jwtAuthenticator(base);
    const first = `Bearer ${await sign({ claims: { jti: "first" } })}`;
    await ask(authenticate, first);
    for (let i = 0; i < 1000; i++) {
      const token = await sign({ claims: { jti: String(i) } });
      await ask(authenticate, `Bearer ${token}`);
    }
    assert.ok(ask(authenticate, first) instanceof Promise, "it is checked anew");
  }).timeout(30_000);

  it("refuses everything else, and says why in words that hold nothing of the token", async () => {
    const authenticate = jwtAuthenticator({ ...base, clockToleranceMs: 1000, maxAgeMs: 60_000, type: "at+jwt" });
    const good = { header: { typ: "at+jwt" }, claims: { iat: seconds() } };
    const with_ = (claims: JWTPayload, header: object = {}, key?: KeyObject) =>
      sign({
        claims: { ...good.claims, ...claims },
        header: { ...good.header, ...header },
        ...(key !== undefined && { key }),
      });
    assert.equal(await outcome(authenticate, `Bearer ${await with_({})}`), "ada");
    const rows: readonly (readonly [token: string, expected: string])[] = [
      [await with_({ exp: seconds() - 2 }), "has expired"],
      [await with_(absent("exp")), "has no time of expiry that can be read"],
      [await with_({ nbf: seconds() + 10 }), "is not valid yet"],
      [await with_({ iat: seconds() - 120 }), "has expired"],
      [await with_({ iat: seconds() + 120 }), "is too old, or from the future"],
      [await with_(absent("iat")), "is too old, or from the future"],
      [await with_({ iss: "https://evil.example" }), "has another issuer than expected"],
      [await with_(absent("iss")), "has another issuer than expected"],
      [await with_({ aud: "bank" }), "is for another audience"],
      [await with_({ aud: [] }), "is for another audience"],
      [await with_({ sub: "" }), "has no sub that is a text"],
      [await with_({ sub: 7 } as unknown as JWTPayload), "has no sub that is a text"],
      [await with_({}, { typ: "JWT" }), "is a token of another type"],
      [await with_({}, { kid: "unknown" }), "is signed with a key that is not known"],
      [await with_({}, {}, other.privateKey), "has a signature that is not right"],
      [
        await with_({}, { crit: ["b64"], b64: false }).catch(() => "a.b.c"),
        "is not a JSON Web Token that can be checked",
      ],
    ];
    for (const [token, expected] of rows) {
      assert.equal(await outcome(authenticate, `Bearer ${token}`), `16 the token ${expected}`);
    }
  });

  it("refuses a time of expiry that never comes", async () => {
    const input = [{ alg: "ES256", kid: "ec" }, claimsNow()].map((part) =>
      Buffer.from(JSON.stringify(part).replace(/"exp":\d+/, '"exp":1e400')).toString("base64url"),
    );
    const signature = signBytes("sha256", Buffer.from(input.join(".")), {
      key: ec.privateKey,
      dsaEncoding: "ieee-p1363",
    });
    const token = `Bearer ${[...input, signature.toString("base64url")].join(".")}`;
    const problem = "16 the token has no time of expiry that can be read";
    assert.equal(await outcome(jwtAuthenticator({ ...base, jwks: { keys } }), token), problem);
  });

  it("refuses tokens without a signature, and those that take a public key for a shared secret", async () => {
    const authenticate = jwtAuthenticator(base);
    const pem = rsa.publicKey.export({ type: "spki", format: "pem" }) as string;
    const der = rsa.publicKey.export({ type: "spki", format: "der" });
    const hmac = (secret: string | Buffer) => (input: string) =>
      createHmac("sha256", secret).update(input).digest("base64url");
    const secrets = [pem, der, JSON.stringify(keys[0]), Buffer.from(String(keys[0]?.["n"]), "base64url")];
    const notAllowed = "16 the token is signed in a way that is not allowed";
    for (const secret of secrets) {
      for (const kid of ["rsa", undefined]) {
        const token = forge({ alg: "HS256", kid }, claimsNow(), hmac(secret));
        assert.equal(await outcome(authenticate, `Bearer ${token}`), notAllowed);
      }
    }
    for (const alg of ["none", "None", "NONE", "nOnE", "HS384", "dir", "", "__proto__"]) {
      const token = forge({ alg, kid: "rsa" }, claimsNow(), () => "AAAA");
      const found = await outcome(authenticate, `Bearer ${token}`);
      assert.ok(
        [notAllowed, "16 the token is not a JSON Web Token that can be checked"].includes(found),
        `${alg}: ${found}`,
      );
    }
    const empty = forge({ alg: "none" }, claimsNow(), () => "");
    assert.equal(
      await outcome(authenticate, `Bearer ${empty}`),
      "16 authorization is no bearer token of three parts, a JSON Web Token",
    );
    const embedded = forge(
      { alg: "ES256", jwk: jwk(other.publicKey, "ec"), jku: "https://evil" },
      claimsNow(),
      () => "AAAA",
    );
    assert.match(await outcome(authenticate, `Bearer ${embedded}`), /^16 the token /);
  });

  it("takes algorithms alone that it was told to", async () => {
    const authenticate = jwtAuthenticator({ ...base, algorithms: ["RS256"] });
    assert.equal(
      await outcome(authenticate, `Bearer ${await sign()}`),
      "16 the token is signed in a way that is not allowed",
    );
  });

  it("wants one authorization field with one token in it", async () => {
    const authenticate = jwtAuthenticator(base);
    const token = await sign();
    const none = "16 authorization is no bearer token of three parts, a JSON Web Token";
    assert.equal(await outcome(authenticate), "16 authorization is missing: expected a bearer token");
    assert.equal(
      await outcome(authenticate, `Bearer ${token}`, `Bearer ${token}`),
      "16 there are 2 authorization fields, expected one",
    );
    for (const value of [
      token,
      `Basic ${token}`,
      `Bearer${token}`,
      `Bearer ${token} x`,
      `Bearer ${token}.x`,
      "Bearer a.b",
      "Bearer",
      "",
      `Bearer ${token}=`,
    ]) {
      assert.equal(await outcome(authenticate, value), none, value);
    }
    assert.equal(
      await outcome(authenticate, `Bearer ${"a".repeat(9000)}.b.c`),
      "16 authorization is 9011 characters long, limit 8192 (maxTokenLength)",
    );
  });

  it("survives what strangers write", async () => {
    const authenticate = jwtAuthenticator(base);
    const parts = ["e30", "bnVsbA", "W10", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIn0", "eyJhbGciOnt9fQ", "____", "-", "MQ"];
    for (const header of parts) {
      for (const payload of parts) {
        const found = await outcome(authenticate, `Bearer ${header}.${payload}.AAAA`);
        assert.match(found, /^16 the token (is|has) [a-zA-Z ,]+$/);
      }
    }
    const deep = forge({ alg: "ES256", kid: "ec" }, {}, () => "AAAA").split(".");
    const nested = Buffer.from("[".repeat(3000) + "]".repeat(3000)).toString("base64url");
    assert.match(await outcome(authenticate, `Bearer ${deep[0]}.${nested.slice(0, 8000)}.AAAA`), /^16 /);
  });

  it("names its principal by another claim", async () => {
    const authenticate = jwtAuthenticator({ ...base, nameClaim: "client_id" });
    assert.equal(await outcome(authenticate, `Bearer ${await sign({ claims: { client_id: "till-7" } })}`), "till-7");
    assert.equal(await outcome(authenticate, `Bearer ${await sign()}`), "16 the token has no client_id that is a text");
  });

  describe("with keys at a URL", () => {
    const online = (options: Partial<JwtAuthenticatorOptions> = {}) =>
      jwtAuthenticator({ ...base, jwks: { url }, ...options });
    const questions = () => platform.http.exchanges.length;

    it("asks for them on first use, once for all calls that wait", async () => {
      const authenticate = online();
      assert.equal(questions(), 0);
      const token = `Bearer ${await sign()}`;
      const waiting = [outcome(authenticate, token), outcome(authenticate, token), outcome(authenticate, token)];
      await platform.settle();
      assert.equal(questions(), 1);
      const { request, answer } = platform.http.exchanges[0] ?? assert.fail();
      assert.deepEqual(
        { method: request.method, url: request.url, timeoutMs: request.timeoutMs, maxBytes: request.maxBytes },
        { method: "GET", url, timeoutMs: 10_000, maxBytes: 262_144 },
      );
      answer({ body: { keys } });
      assert.deepEqual(await Promise.all(waiting), ["ada", "ada", "ada"]);
      assert.equal(questions(), 1);
    });

    it("asks anew beside the calls, and drops what was checked with keys that are gone", async () => {
      platform.http.answers = () => ({ body: { keys } });
      const authenticate = online();
      const token = `Bearer ${await sign({ claims: { exp: seconds() + 10_000 } })}`;
      assert.equal(await outcome(authenticate, token), "ada");
      platform.advance(299_999);
      assert.equal(await outcome(authenticate, token), "ada");
      assert.equal(questions(), 1);
      platform.advance(1);
      assert.equal(await outcome(authenticate, token), "ada");
      assert.equal(questions(), 2, "the same keys again");
      assert.ok(!(ask(authenticate, token) instanceof Promise), "what was checked with them holds");
      await rest();
      platform.http.answers = () => ({ body: { keys: [jwk(rsa.publicKey, "rsa")] } });
      platform.advance(300_000);
      assert.equal(await outcome(authenticate, token), "ada", "answered with the old ones");
      await rest();
      assert.equal(await outcome(authenticate, token), "16 the token is signed with a key that is not known");
    });

    it("asks at once for a key that is not known, but not more often than its cooldown", async () => {
      let known = keys.slice(0, 1);
      platform.http.answers = () => ({ body: { keys: known } });
      const authenticate = online();
      const unknown = "16 the token is signed with a key that is not known";
      const token = `Bearer ${await sign()}`;
      assert.equal(await outcome(authenticate, token), unknown);
      assert.equal(questions(), 1, "they had just come");
      known = keys;
      assert.equal(await outcome(authenticate, token), unknown);
      platform.advance(30_000);
      const outcomes = await Promise.all([outcome(authenticate, token), outcome(authenticate, token)]);
      assert.deepEqual([outcomes, questions()], [["ada", "ada"], 2]);
      const stranger = `Bearer ${await sign({ header: { kid: "who" } })}`;
      for (let i = 0; i < 20; i++) assert.equal(await outcome(authenticate, stranger), unknown);
      assert.equal(questions(), 2);
    });

    it("answers UNAVAILABLE while there are none, asks again after the cooldown, and warns once for each reason", async () => {
      const authenticate = online();
      const token = `Bearer ${await sign()}`;
      const unavailable = "14 tokens cannot be checked at the moment";
      const bodies: readonly (readonly [answer: { status?: number; body: unknown } | undefined, problem: string])[] = [
        [undefined, "the host is down"],
        [{ status: 500, body: "" }, "https://issuer.example/keys answered 500"],
        [{ body: "<html>" }, "https://issuer.example/keys is not JSON: expected a JWK Set"],
        [{ body: [] }, 'https://issuer.example/keys has no list "keys": expected a JWK Set'],
        [{ body: { keys: [] } }, "https://issuer.example/keys has no key"],
        [{ body: { keys: [7] } }, 'https://issuer.example/keys has no key at keys[0]: expected an object with "kty"'],
        [{ body: { keys: Array(101).fill(keys[0]) } }, "https://issuer.example/keys has 101 keys, limit 100"],
        [
          { body: { keys: [keys[0], jwk(ec.privateKey, "leak")] } },
          'https://issuer.example/keys has a secret key at keys[1], with "d": expected public keys alone',
        ],
        [
          { body: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } },
          'https://issuer.example/keys has a secret key at keys[0], with "k": expected public keys alone',
        ],
      ];
      for (const [answer, problem] of bodies) {
        const before = questions();
        for (let i = 0; i < 2; i++) {
          const found = outcome(authenticate, token);
          await platform.settle();
          const exchange = platform.http.exchanges[before];
          if (answer === undefined) exchange?.fail(problem);
          else exchange?.answer(answer);
          assert.equal(await found, unavailable);
        }
        assert.equal(questions(), before + 1, "one question in a cooldown");
        assert.equal(
          platform.warnings.at(-1),
          `the keys that tokens are signed with cannot be had: ${problem}; no token can be checked`,
        );
        platform.advance(30_000);
      }
      assert.equal(platform.warnings.length, bodies.length);
      platform.http.answers = () => ({ body: { keys } });
      assert.equal(await outcome(authenticate, token), "ada");
    });

    it("goes on with the old ones when no others can be had, up to their greatest age", async () => {
      platform.http.answers = () => ({ body: { keys } });
      const authenticate = online({ maxKeyAgeMs: 1_000_000 });
      const token = `Bearer ${await sign({ claims: { exp: seconds() + 10_000 } })}`;
      assert.equal(await outcome(authenticate, token), "ada");
      platform.http.answers = () => ({ status: 503, body: "" });
      platform.advance(999_999);
      assert.equal(await outcome(authenticate, token), "ada");
      await platform.settle();
      assert.match(platform.warnings.at(-1) ?? "", /answered 503; the keys from before hold on$/);
      platform.advance(1);
      assert.equal(await outcome(authenticate, token), "14 tokens cannot be checked at the moment");
      platform.advance(30_000);
      platform.http.answers = () => ({ body: { keys } });
      assert.equal(await outcome(authenticate, token), "ada");
    });
  });

  describe("with keys in a file", () => {
    it("reads it on first use and anew when it has changed, and keeps the last good one", async () => {
      const write = (content: unknown) => platform.files.write(file, JSON.stringify(content));
      const authenticate = jwtAuthenticator({ ...base, jwks: { file } });
      const token = `Bearer ${await sign({ claims: { exp: seconds() + 10_000 } })}`;
      assert.equal(await outcome(authenticate, token), "14 tokens cannot be checked at the moment");
      assert.match(platform.warnings.at(-1) ?? "", /: \/etc\/keys.json does not exist; no token can be checked$/);
      write({ keys });
      platform.advance(1000);
      assert.equal(await outcome(authenticate, token), "ada");
      write({ keys: "half" });
      platform.advance(10_000);
      assert.equal(await outcome(authenticate, token), "ada");
      await platform.settle();
      assert.equal(await outcome(authenticate, token), "ada");
      assert.match(
        platform.warnings.at(-1) ?? "",
        /has no list "keys": expected a JWK Set; the keys from before hold on$/,
      );
      write({ keys: [jwk(rsa.publicKey, "rsa")] });
      platform.advance(10_000);
      await outcome(authenticate, token);
      await rest();
      assert.equal(await outcome(authenticate, token), "16 the token is signed with a key that is not known");
    });
  });

  it("throws for options that are not valid", () => {
    const rows: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ issuer: "" }, 'issuer is "": expected a text or a list of texts, for any would do without it'],
      [{ issuer: undefined }, "issuer is undefined: expected a text or a list of texts, for any would do without it"],
      [{ audience: [] }, "audience is []: expected a text or a list of texts, for any would do without it"],
      [{ audience: ["a", 7] }, 'audience is ["a",7]: expected a text or a list of texts, for any would do without it'],
      [{ algorithms: ["RS256", "HS256"] }, /^algorithms has "HS256": expected a list of RS256, /.source],
      [{ algorithms: ["none"] }, /^algorithms has "none": expected a list of RS256, /.source],
      [{ algorithms: [] }, /^algorithms \[\]: expected a list of RS256, /.source],
      [{ clockToleranceMs: -1 }, "clockToleranceMs is -1: expected a number of 0 or more"],
      [{ cooldownMs: "1" }, "cooldownMs is 1: expected a number of 0 or more"],
      [{ nameClaim: "" }, "nameClaim is no text"],
      [{ jwks: undefined }, "jwks is no object: expected { url }, { file } or { keys }"],
      [{ jwks: {} }, "jwks is none: expected { url }, { file } or { keys }"],
      [{ jwks: { url, file } }, "jwks is none: expected { url }, { file } or { keys }"],
      [{ jwks: { url: "" } }, "jwks is none: expected { url }, { file } or { keys }"],
      [{ jwks: { url: "ftp://x/y" } }, "jwks.url is no URL: expected https://host/path"],
      [{ jwks: { keys: [] } }, "jwks has no key"],
      [
        { jwks: { keys: [jwk(ec.privateKey, "x")] } },
        'jwks has a secret key at keys[0], with "d": expected public keys alone',
      ],
      [{ leeway: 1 }, /^options\.leeway does not exist; there are: issuer, /.source],
    ];
    for (const [changes, message] of rows) {
      assert.throws(
        () => jwtAuthenticator({ ...base, ...changes } as JwtAuthenticatorOptions),
        (error: unknown) => {
          assert.ok(error instanceof TypeError);
          if (message.startsWith("^")) assert.match(error.message, new RegExp(message));
          else assert.equal(error.message, message);
          return true;
        },
      );
    }
    assert.throws(() => jwtAuthenticator(null as never), { message: "options of jwtAuthenticator are no object" });
  });
});
