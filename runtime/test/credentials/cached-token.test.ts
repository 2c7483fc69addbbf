import assert from "node:assert/strict";
import { CachedToken, type IssuedToken } from "../../src/credentials/cached-token.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { FakePlatform } from "../support/fake-platform.js";

/** An issuer that answers when the test says so. */
class World {
  readonly platform = new FakePlatform();
  readonly issues: { resolve(token: IssuedToken): void; reject(error: unknown): void }[] = [];
  readonly token = new CachedToken(() => new Promise((resolve, reject) => this.issues.push({ resolve, reject })));

  constructor() {
    this.platform.random = () => 0.5;
  }

  get(): string | Promise<string> {
    return this.token.get(this.platform);
  }

  async issue(token: string, lifetimeMs: number, refreshAfterMs?: number): Promise<void> {
    this.issues.at(-1)?.resolve({ token, lifetimeMs, refreshAfterMs });
    await this.platform.settle();
  }

  async fail(error: unknown): Promise<void> {
    this.issues.at(-1)?.reject(error);
    await this.platform.settle();
  }

  /** With a token of 1000 s. */
  static async holding(): Promise<World> {
    const w = new World();
    const first = w.get();
    await w.issue("one", 1_000_000);
    assert.equal(await first, "one");
    return w;
  }
}

describe("CachedToken", () => {
  it("asks once for all calls that wait, and is at hand afterwards", async () => {
    const w = new World();
    const waiting = [w.get(), w.get(), w.get()];
    assert.equal(w.issues.length, 1);
    await w.issue("one", 60_000);
    assert.deepEqual(await Promise.all(waiting), ["one", "one", "one"]);
    assert.equal(w.get(), "one");
    assert.equal(w.issues.length, 1);
    assert.equal(w.platform.timers, 0, "nothing runs while there are no calls");
  });

  it("is renewed before it expires, by one attempt, while calls go on with the old one", async () => {
    const w = await World.holding();
    w.platform.advance(749_999);
    assert.equal(w.get(), "one");
    assert.equal(w.issues.length, 1);
    w.platform.advance(1);
    assert.deepEqual([w.get(), w.get()], ["one", "one"]);
    assert.equal(w.issues.length, 2);
    await w.issue("two", 1_000_000);
    assert.equal(w.get(), "two");
  });

  it("is renewed at a time of its own", async () => {
    for (const [lot, part] of [
      [0, 700_000],
      [1 - 1e-9, 800_000],
    ] as const) {
      const w = new World();
      w.platform.random = () => lot;
      void w.get();
      await w.issue("one", 1_000_000);
      w.platform.advance(part - 1);
      w.get();
      assert.equal(w.issues.length, 1);
      w.platform.advance(1);
      w.get();
      assert.equal(w.issues.length, 2);
    }
  });

  it("is not used at the very end of its life: calls wait for the next", async () => {
    const w = await World.holding();
    w.platform.advance(969_999);
    assert.equal(w.get(), "one");
    w.platform.advance(1);
    const waiting = w.get();
    assert.ok(waiting instanceof Promise);
    assert.equal(w.issues.length, 2, "the renewal that runs is the one that is waited for");
    await w.issue("two", 1_000_000);
    assert.equal(await waiting, "two");
  });

  it("ages by the wall clock where that has run on further", async () => {
    const w = await World.holding();
    const wall = w.platform.wallClock.bind(w.platform);
    w.platform.wallClock = () => wall() + 3_600_000;
    assert.ok(w.get() instanceof Promise, "the host was asleep");
    await w.issue("two", 1_000_000);
    w.platform.wallClock = () => wall() - 3_600_000;
    assert.equal(w.get(), "two", "a clock that is set back makes nothing younger");
    w.platform.advance(970_000);
    assert.ok(w.get() instanceof Promise);
    await w.issue("three", 1);
  });

  it("that cannot be got fails its calls, and new ones at once until the next attempt is due", async () => {
    const w = new World();
    const waiting = [1, 2].map(() =>
      assert.rejects(async () => w.get(), { message: "UNAVAILABLE: the issuer is down" }),
    );
    await w.fail(new StatusError(StatusCode.UNAVAILABLE, "the issuer is down"));
    await Promise.all(waiting);
    w.platform.advance(400);
    assert.throws(() => w.get(), {
      code: StatusCode.UNAVAILABLE,
      statusMessage: "the issuer is down (the next attempt is due in 600 ms; the last failed with UNAVAILABLE)",
    });
    assert.equal(w.issues.length, 1);
    w.platform.advance(600);
    const second = assert.rejects(async () => w.get());
    await w.fail(new StatusError(StatusCode.UNAVAILABLE, "down"));
    await second;
    w.platform.advance(1599);
    assert.throws(() => w.get(), /due in 1 ms/, "the delay grows");
    w.platform.advance(1);
    const third = w.get();
    await w.issue("one", 60_000);
    assert.equal(await third, "one");
  });

  it("that cannot be renewed serves on, is tried again later, and warns", async () => {
    const w = await World.holding();
    w.platform.advance(750_000);
    assert.equal(w.get(), "one");
    await w.fail(new StatusError(StatusCode.UNAVAILABLE, "down"));
    assert.deepEqual(w.platform.warnings, [
      "a token could not be renewed, the one at hand is used until it expires: UNAVAILABLE: down",
    ]);
    assert.equal(w.get(), "one");
    assert.equal(w.issues.length, 2, "not before its time");
    w.platform.advance(1000);
    assert.equal(w.get(), "one");
    assert.equal(w.issues.length, 3);
    await w.issue("two", 1_000_000);
    assert.equal(w.get(), "two");
  });

  it("gives an issuer up that does not answer, and asks again", async () => {
    const w = new World();
    const waiting = assert.rejects(async () => w.get(), { message: "UNAVAILABLE: no token came within 60 s" });
    await w.platform.advanceAsync(60_000);
    await waiting;
    assert.throws(() => w.get(), /next attempt is due in 1000 ms/);
    w.platform.advance(1000);
    const second = w.get();
    assert.equal(w.issues.length, 2);
    w.issues[0]?.resolve({ token: "late", lifetimeMs: 1e6 });
    await w.issue("one", 1_000_000);
    assert.equal(await second, "one");
    assert.equal(w.get(), "one", "what came late is nobody's");
    assert.equal(w.platform.timers, 0);
  });

  it("takes an issuer that throws at once", async () => {
    const platform = new FakePlatform();
    const token = new CachedToken(() => {
      throw new Error("no issuer for Bearer s3cr3t");
    });
    await assert.rejects(
      async () => token.get(platform),
      (error: Error) =>
        error.message === "UNAUTHENTICATED: no issuer for Bearer [redacted]" && error.cause === undefined,
    );
    assert.throws(() => token.get(platform), /next attempt is due/);
    platform.advance(2000);
    await assert.rejects(async () => token.get(platform), /no issuer/);
  });
});
