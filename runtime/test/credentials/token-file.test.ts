import assert from "node:assert/strict";
import { tokenFile } from "../../src/credentials/token-file.js";
import type { MetadataInit } from "../../src/rpc/metadata.js";
import { FakePlatform } from "../support/fake-platform.js";
import { contextFor } from "./context-for.js";

const path = "/run/token";

class World {
  readonly platform = new FakePlatform();
  readonly call = contextFor(this.platform);
  readonly credentials = tokenFile(path);

  write(text: string): void {
    this.platform.files.write(path, text);
  }

  /** A JSON web token that expires so long from now. */
  jwt(expiresInMs: number, subject = "a"): string {
    const exp = (this.platform.wallClock() + expiresInMs) / 1000;
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none" })}.${part({ sub: subject, exp })}.c2ln`;
  }

  async get(): Promise<string> {
    const { authorization } = (await this.credentials.metadata(this.call)) as MetadataInit;
    return String(authorization).replace("Bearer ", "");
  }

  get reads(): number {
    return this.platform.files.log.filter((line) => line === `read ${path}`).length;
  }
}

describe("tokenFile", () => {
  it("reads the file when the first call wants it, without the white space around the token", async () => {
    const w = new World();
    w.write("  abc\n");
    assert.equal(w.reads, 0);
    assert.equal(await w.get(), "abc");
    assert.equal(await w.get(), "abc");
    assert.equal(w.reads, 1);
    assert.equal(w.platform.timers, 0, "nothing watches it while there are no calls");
  });

  it("takes up a new token within a minute, and no call waits for it", async () => {
    const w = new World();
    w.write("one");
    assert.equal(await w.get(), "one");
    w.write("two");
    w.platform.advance(59_999);
    assert.equal(await w.get(), "one");
    assert.equal(w.reads, 1);
    w.platform.advance(1);
    assert.deepEqual(w.credentials.metadata(w.call), { authorization: "Bearer one" });
    await w.platform.settle();
    assert.deepEqual(w.credentials.metadata(w.call), { authorization: "Bearer two" });
  });

  it("has a call behind a long silence wait for the file, so that it has no token of before", async () => {
    const w = new World();
    w.write("one");
    await w.get();
    w.write("two");
    w.platform.advance(10 * 60_000);
    assert.equal(await w.get(), "two");
  });

  it("is used on for a while when the file cannot be read, and says so", async () => {
    const w = new World();
    w.write("one");
    await w.get();
    w.platform.files.delete(path);
    w.platform.advance(60_000);
    assert.equal(await w.get(), "one");
    await w.platform.settle();
    assert.deepEqual(w.platform.warnings, [
      "a token could not be renewed, the one at hand is used until it expires: UNAVAILABLE: cannot read /run/token: no such file",
    ]);
    w.platform.advance(240_000);
    await assert.rejects(w.get(), { message: "UNAVAILABLE: cannot read /run/token: no such file" });
    w.write("two");
    w.platform.advance(2000);
    assert.equal(await w.get(), "two");
  });

  it("is not used longer than a JSON web token says", async () => {
    const w = new World();
    const first = w.jwt(100_000);
    w.write(first);
    assert.equal(await w.get(), first);
    w.platform.files.delete(path);
    w.platform.advance(90_000);
    await assert.rejects(w.get(), /UNAVAILABLE: cannot read/);
  });

  it("says that a token has expired which nobody renews", async () => {
    const w = new World();
    w.write(w.jwt(-5000));
    await assert.rejects(w.get(), {
      message: "UNAUTHENTICATED: the token in /run/token expired 5 s ago: nobody renews the file",
    });
  });

  it("takes what only looks like a JSON web token for a token", async () => {
    for (const token of ["a.b.c", "a.e30.c", "a.bnVsbA.c", "a.b"]) {
      const w = new World();
      w.write(token);
      assert.equal(await w.get(), token);
    }
  });

  it("says what is wrong with the file, without a word of the token", async () => {
    const w = new World();
    await assert.rejects(w.get(), { message: "UNAVAILABLE: cannot read /run/token: no such file" });
    w.platform.advance(2000);
    w.platform.files.failures.set(`read ${path}`, "EACCES");
    await assert.rejects(w.get(), { message: "UNAVAILABLE: cannot read /run/token: not permitted (EACCES)" });
    w.platform.files.failures.clear();
    w.platform.advance(4000);
    w.write(" \n");
    await assert.rejects(w.get(), { message: "UNAUTHENTICATED: /run/token is empty: expected a token" });
    w.platform.advance(4000);
    w.write("s3cr3t s3cr3t");
    await assert.rejects(
      w.get(),
      (error: Error) => /is not one by RFC 6750/.test(error.message) && !/s3cr3t/.test(error.message),
    );
  });

  it("refuses options that are none", () => {
    assert.throws(() => tokenFile(""), /^TypeError: path of a token file is no text/);
    assert.throws(() => tokenFile(path, { refreshMs: 0 }), /^TypeError: refreshMs is 0: expected a number above 0/);
    assert.throws(() => tokenFile(path, { refresh: 1 } as never), /options\.refresh does not exist/);
  });
});
