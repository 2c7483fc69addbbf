import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  type OauthClientCredentialsOptions,
  oauthClientCredentials,
} from "../../../src/credentials/oauth/client-credentials.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import type { StatusError } from "../../../src/rpc/status-error.js";
import type { FakeAnswer, FakeExchange } from "../../support/fake-http.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { contextFor } from "../context-for.js";

const tokenUrl = "https://id.example/oauth/token?tenant=1";
const client = { tokenUrl, clientId: "shop front", clientSecret: "s3cr3t:ü" };
const good: FakeAnswer = { body: { access_token: "t1", token_type: "bearer", expires_in: 3600 } };

class World {
  readonly platform = new FakePlatform();
  readonly call = contextFor(this.platform);
  readonly credentials;

  constructor(options: Partial<OauthClientCredentialsOptions> = {}) {
    this.credentials = oauthClientCredentials({ ...client, ...options });
  }

  get exchange(): FakeExchange {
    return this.platform.http.exchanges.at(-1) ?? assert.fail("nobody asked");
  }

  async get(answer: FakeAnswer = good): Promise<unknown> {
    const metadata = this.credentials.metadata(this.call);
    await this.platform.settle();
    this.exchange.answer(answer);
    return metadata;
  }

  async failure(answer: FakeAnswer): Promise<StatusError> {
    return this.get(answer).then(
      () => assert.fail("there is a token"),
      (error) => error,
    );
  }

  get parameters(): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(this.exchange.request.body));
  }
}

describe("oauthClientCredentials", () => {
  it("asks as RFC 6749 §4.4.2 says, and sends the token", async () => {
    const w = new World({ scope: ["read", "write"], audience: "shop", parameters: { tenant: "1" } });
    assert.deepEqual(await w.get(), { authorization: "Bearer t1" });
    const { method, url, headers, timeoutMs } = w.exchange.request;
    assert.deepEqual([method, url, timeoutMs], ["POST", tokenUrl, 10_000]);
    assert.equal(headers?.["content-type"], "application/x-www-form-urlencoded");
    const basic = Buffer.from(headers?.authorization?.replace("Basic ", "") ?? "", "base64").toString();
    assert.equal(basic, "shop+front:s3cr3t%3A%C3%BC", "RFC 6749 §2.3.1: form-encoded, then joined");
    assert.deepEqual(w.parameters, {
      grant_type: "client_credentials",
      scope: "read write",
      audience: "shop",
      tenant: "1",
    });
  });

  it("sends who it is among the parameters where it is told to, with the secret of the moment", async () => {
    let secret = 0;
    const w = new World({ clientAuthentication: "body", clientSecret: async () => `s${++secret}`, timeoutMs: 5 });
    await w.get();
    assert.equal(w.exchange.request.headers?.authorization, undefined);
    assert.deepEqual(w.parameters, {
      grant_type: "client_credentials",
      client_id: "shop front",
      client_secret: "s1",
    });
    assert.equal(w.exchange.request.timeoutMs, 5);
    w.platform.advance(3_600_000);
    await w.get();
    assert.equal(w.parameters.client_secret, "s2");
  });

  it("keeps the token for as long as it lives, and asks once for many calls", async () => {
    const w = new World();
    const calls = [1, 2, 3].map(() => w.credentials.metadata(w.call));
    await w.platform.settle();
    assert.equal(w.platform.http.exchanges.length, 1);
    w.exchange.answer(good);
    await Promise.all(calls);
    w.platform.advance(2_500_000);
    assert.deepEqual(w.credentials.metadata(w.call), { authorization: "Bearer t1" });
    w.platform.advance(400_000);
    assert.deepEqual(w.credentials.metadata(w.call), { authorization: "Bearer t1" }, "renewed beside the call");
    await w.platform.settle();
    assert.equal(w.platform.http.exchanges.length, 2);
    w.exchange.answer({ body: { access_token: "t2", token_type: "Bearer", expires_in: "60" } });
    await w.platform.settle();
    assert.deepEqual(w.credentials.metadata(w.call), { authorization: "Bearer t2" });
    w.platform.advance(54_000);
    assert.ok(w.credentials.metadata(w.call) instanceof Promise, "a lifetime may be text");
    await w.platform.settle();
    w.exchange.answer(good);
    await w.platform.settle();
  });

  it("takes a token without a lifetime for five minutes", async () => {
    const w = new World();
    await w.get({ body: { access_token: "t", token_type: "Bearer" } });
    w.platform.advance(269_000);
    assert.deepEqual(w.credentials.metadata(w.call), { authorization: "Bearer t" });
    await w.platform.settle();
    w.exchange.answer(good);
    await w.platform.settle();
  });

  it("says what the endpoint said, and nothing of what it was sent", async () => {
    const refused = { error: "invalid_client", error_description: "no client with client_secret=s3cr3t" };
    for (const [answer, code, words] of [
      [
        { status: 401, body: refused },
        StatusCode.UNAUTHENTICATED,
        'answered 401: invalid_client, "no client with client_secret [redacted]"',
      ],
      [{ status: 400, body: { error: "invalid_scope" } }, StatusCode.UNAUTHENTICATED, "answered 400: invalid_scope"],
      [{ status: 400, body: { error: "a\nb" } }, StatusCode.UNAUTHENTICATED, "answered 400"],
      [{ status: 403, body: "<html>s3cr3t</html>" }, StatusCode.UNAUTHENTICATED, "answered 403"],
      [{ status: 503, body: "" }, StatusCode.UNAVAILABLE, "answered 503"],
      [{ status: 429, body: "" }, StatusCode.UNAVAILABLE, "answered 429"],
    ] as const) {
      const error = await new World().failure(answer);
      assert.deepEqual([error.code, error.statusMessage], [code, `no token: https://id.example/oauth/token ${words}`]);
      assert.doesNotMatch(inspect(error), /s3cr3t/);
    }
  });

  it("says what is wrong with an answer", async () => {
    for (const [body, words] of [
      ["no json", "has not an access_token"],
      [[], "has not an access_token"],
      ["null", "has not an access_token"],
      [{ access_token: 1 }, "has not an access_token"],
      [{ access_token: "t" }, 'has not token_type "Bearer"'],
      [{ access_token: "t", token_type: "mac" }, 'has not token_type "Bearer"'],
      [{ access_token: "t", token_type: "Bearer", expires_in: "soon" }, "has not expires_in in seconds"],
      [{ access_token: "t", token_type: "Bearer", expires_in: -1 }, "has not expires_in in seconds"],
    ] as const) {
      const error = await new World().failure({ body });
      assert.equal(error.message, `UNAUTHENTICATED: no token: the answer of https://id.example/oauth/token ${words}`);
    }
    const error = await new World().failure({ body: { access_token: "s3 cr3t", token_type: "Bearer" } });
    assert.match(error.message, /is not one by RFC 6750/);
  });

  it("says that the endpoint cannot be reached", async () => {
    const w = new World();
    const metadata = assert.rejects(async () => w.credentials.metadata(w.call), {
      message: "UNAVAILABLE: no token: POST https://id.example/oauth/token: refused (ECONNREFUSED)",
    });
    await w.platform.settle();
    w.exchange.fail("POST https://id.example/oauth/token: refused (ECONNREFUSED)");
    await metadata;
  });

  it("is told when the secret cannot be had", async () => {
    const w = new World({ clientSecret: () => "" });
    await assert.rejects(async () => w.credentials.metadata(w.call), {
      message: "UNAUTHENTICATED: clientSecret gave no text",
    });
    assert.equal(w.platform.http.exchanges.length, 0);
  });

  it("refuses options that are none, without a word of the secret", () => {
    for (const [options, words] of [
      [{ tokenUrl: "http://id.example/" }, /^tokenUrl is http: expected https/],
      [{ tokenUrl: undefined }, /^tokenUrl is no text/],
      [{ clientId: undefined }, /^clientId is missing/],
      [{ clientId: 1 }, /^clientId is no text/],
      [{ clientSecret: undefined }, /^clientId and clientSecret belong together/],
      [{ clientSecret: { s3cr3t: 1 } }, /^clientId and clientSecret belong together/],
      [{ clientAuthentication: "digest" }, /^clientAuthentication is digest: expected "basic" or "body"/],
      [{ timeoutMs: 0 }, /^timeoutMs is 0/],
      [{ scopes: "" }, /^options\.scopes does not exist/],
    ] as const) {
      assert.throws(
        () => oauthClientCredentials({ ...client, ...options } as never),
        (error: Error) => error instanceof TypeError && words.test(error.message) && !/s3cr3t/.test(error.message),
      );
    }
  });

  it("shows no secret when it is printed", async () => {
    const w = new World();
    await w.get({ body: { access_token: "s3cr3t-token", token_type: "Bearer", expires_in: 100 } });
    assert.doesNotMatch(inspect(w.credentials, { depth: 20, showHidden: true }), /s3cr3t/);
  });
});
