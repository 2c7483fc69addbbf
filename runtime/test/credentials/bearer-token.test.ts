import assert from "node:assert/strict";
import { inspect } from "node:util";
import { bearerToken, refreshedToken } from "../../src/credentials/bearer-token.js";
import { combineCredentials } from "../../src/credentials/call-credentials.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import type { CallCredentials } from "../../src/rpc/call-credentials.js";
import { FakePlatform } from "../support/fake-platform.js";
import { contextFor } from "./context-for.js";

const call = contextFor(new FakePlatform());

describe("bearerToken", () => {
  it("sends a token", () => {
    assert.deepEqual(bearerToken("abc.def-_~+/==").metadata(call), { authorization: "Bearer abc.def-_~+/==" });
  });

  it("asks a function for each attempt, with the call, at once or later", async () => {
    let asked = 0;
    const now = bearerToken(({ serviceUrl }) => `${serviceUrl.length}.${++asked}`);
    assert.deepEqual(now.metadata(call), { authorization: `Bearer ${call.serviceUrl.length}.1` });
    assert.deepEqual(now.metadata(call), { authorization: `Bearer ${call.serviceUrl.length}.2` });
    assert.deepEqual(await bearerToken(async () => "later").metadata(call), { authorization: "Bearer later" });
  });

  it("refuses what is no token without a word of it", async () => {
    for (const token of ["s3cr3t\n", "s3 cr3t", "", "s3cr3té", "=s3cr3t"]) {
      const shows = (error: Error): boolean => error instanceof TypeError && !/s3|cr3t/.test(error.message);
      assert.throws(() => bearerToken(token), shows);
      assert.throws(() => bearerToken(() => token).metadata(call), shows);
      await assert.rejects(async () => bearerToken(async () => token).metadata(call), shows);
    }
    assert.throws(() => bearerToken(undefined as never), /^TypeError: token is a undefined/);
    assert.throws(() => bearerToken(() => undefined as never).metadata(call), /^TypeError: the token is no text/);
  });
});

describe("refreshedToken", () => {
  it("keeps a token until it is about to expire", async () => {
    const platform = new FakePlatform();
    const context = contextFor(platform);
    let fetched = 0;
    const credentials = refreshedToken(async () => ({
      token: `t${++fetched}`,
      expiresAt: new Date(platform.wallClock() + 100_000),
    }));
    assert.deepEqual(await credentials.metadata(context), { authorization: "Bearer t1" });
    assert.deepEqual(credentials.metadata(context), { authorization: "Bearer t1" });
    platform.advance(80_000);
    assert.deepEqual(credentials.metadata(context), { authorization: "Bearer t1" });
    await platform.settle();
    assert.deepEqual(credentials.metadata(context), { authorization: "Bearer t2" });
  });

  it("says what it was given instead of a token", async () => {
    for (const given of [undefined, "t", { token: "t" }, { token: "t", expiresAt: new Date(Number.NaN) }]) {
      const credentials = refreshedToken(() => given as never);
      await assert.rejects(async () => credentials.metadata(call), /UNAUTHENTICATED: what fetch gave has no expiresAt/);
    }
    const credentials = refreshedToken(() => ({ token: "a b", expiresAt: new Date() }));
    await assert.rejects(async () => credentials.metadata(call), /the token that fetch gave is not one by RFC 6750/);
    assert.throws(() => refreshedToken("x" as never), /^TypeError: fetch is a string/);
  });
});

describe("combineCredentials", () => {
  const [a, b] = [bearerToken("a"), { metadata: () => ({ "x-b": "1", authorization: "Bearer b" }) }];

  it("adds call credentials to those of a channel, which otherwise stay as they are", () => {
    const combined = combineCredentials(insecure(), a);
    assert.deepEqual({ ...combined, callCredentials: undefined }, { ...insecure(), callCredentials: undefined });
    assert.equal(combined.security, insecure().security, "channels that differ in nothing else share connections");
    assert.equal(combined.callCredentials, a);
    const more = combineCredentials(combined, b);
    assert.deepEqual(
      { ...Object.fromEntries(metadataOf(more.callCredentials)) },
      { "x-b": "1", authorization: "Bearer b" },
    );
    assert.equal(combineCredentials(insecure()), insecure());
  });

  it("combines call credentials: of one key the last one's value holds", async () => {
    assert.deepEqual(
      [...metadataOf(combineCredentials(b, a))],
      [
        ["x-b", "1"],
        ["authorization", "Bearer a"],
      ],
    );
    assert.equal(combineCredentials(a), a);
    const late = combineCredentials(
      b,
      bearerToken(async () => "late"),
    );
    assert.deepEqual(Object.fromEntries((await late.metadata(call)) as Iterable<[string, string]>), {
      "x-b": "1",
      authorization: "Bearer late",
    });
  });

  it("refuses what is none", () => {
    for (const wrong of [undefined, null, "token", {}, { metadata: 1 }]) {
      assert.throws(
        () => combineCredentials(a, wrong as never),
        /^TypeError: call credentials have no function "metadata"/,
      );
      assert.throws(() => combineCredentials(wrong as never, a), /^TypeError: credentials have no function "metadata"/);
    }
  });

  function metadataOf(credentials: CallCredentials | undefined): Iterable<[string, unknown]> {
    return credentials?.metadata(call) as Iterable<[string, unknown]>;
  }
});

describe("call credentials that are printed", () => {
  it("show no secret", async () => {
    const platform = new FakePlatform();
    const refreshed = refreshedToken(() => ({ token: "s3cr3t", expiresAt: new Date(platform.wallClock() + 1e6) }));
    await refreshed.metadata(contextFor(platform));
    for (const credentials of [
      bearerToken("s3cr3t"),
      refreshed,
      combineCredentials(bearerToken("s3cr3t"), refreshed),
      combineCredentials(insecure(), bearerToken("s3cr3t"), refreshed),
    ]) {
      const printed = inspect(credentials, { depth: 20, showHidden: true }) + JSON.stringify(credentials);
      assert.doesNotMatch(printed, /s3cr3t/);
    }
  });
});
