import assert from "node:assert/strict";
import { type TokenExchangeOptions, tokenExchange } from "../../../src/credentials/oauth/token-exchange.js";
import type { FakeExchange } from "../../support/fake-http.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { contextFor } from "../context-for.js";

const tokenUrl = "https://sts.example/token";
const answer = { body: { access_token: "t1", token_type: "N_A", expires_in: 3600, issued_token_type: "x" } };

class World {
  readonly platform = new FakePlatform();

  async exchange(options: Partial<TokenExchangeOptions>): Promise<FakeExchange> {
    const credentials = tokenExchange({ tokenUrl, subjectToken: "subject", ...options });
    const metadata = credentials.metadata(contextFor(this.platform));
    await this.platform.settle();
    const exchange = this.platform.http.exchanges.at(-1) ?? assert.fail("nobody asked");
    exchange.answer(answer);
    assert.deepEqual(await metadata, { authorization: "Bearer t1" });
    return exchange;
  }
}

function parametersOf({ request }: FakeExchange): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request.body));
}

describe("tokenExchange", () => {
  it("asks as RFC 8693 §2.1 says, with what is needed", async () => {
    const exchange = await new World().exchange({});
    assert.equal(exchange.request.headers?.authorization, undefined);
    assert.deepEqual(parametersOf(exchange), {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
      subject_token: "subject",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    });
  });

  it("asks with everything there is", async () => {
    const w = new World();
    w.platform.files.write("/run/actor", "actor\n");
    const exchange = await w.exchange({
      subjectToken: async () => "late",
      subjectTokenType: "urn:s",
      actorToken: { file: "/run/actor" },
      audience: "shop",
      resource: "https://shop.example",
      scope: "read write",
      requestedTokenType: "urn:r",
      clientId: "c",
      clientSecret: "s",
    });
    assert.equal(exchange.request.headers?.authorization, `Basic ${btoa("c:s")}`);
    assert.deepEqual(parametersOf(exchange), {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      resource: "https://shop.example",
      audience: "shop",
      scope: "read write",
      requested_token_type: "urn:r",
      subject_token: "late",
      subject_token_type: "urn:s",
      actor_token: "actor",
      actor_token_type: "urn:ietf:params:oauth:token-type:jwt",
    });
  });

  it("says which token cannot be had", async () => {
    const { platform } = new World();
    const call = contextFor(platform);
    const failing = (options: Partial<TokenExchangeOptions>, message: string) =>
      assert.rejects(async () => tokenExchange({ tokenUrl, subjectToken: "s", ...options }).metadata(call), {
        message,
      });
    await failing({ subjectToken: { file: "/run/none" } }, "UNAVAILABLE: cannot read /run/none: no such file");
    await failing({ actorToken: () => "" }, "UNAUTHENTICATED: actorToken gave no text");
    assert.equal(platform.http.exchanges.length, 0);
  });

  it("refuses options that are none", () => {
    for (const [options, words] of [
      [
        { subjectToken: undefined },
        /^TypeError: subjectToken is none: expected a text, a function or \{ file: path \}/,
      ],
      [{ actorToken: { path: "x" } }, /^TypeError: actorToken is none/],
      [{ tokenUrl: "ftp://x" }, /^TypeError: tokenUrl has the scheme "ftp"/],
      [{ clientSecret: "s" }, /^TypeError: clientId and clientSecret belong together/],
      [{ subject: "s" }, /^TypeError: options\.subject does not exist/],
    ] as const) {
      assert.throws(() => tokenExchange({ tokenUrl, subjectToken: "s", ...options } as never), words);
    }
  });
});
