import assert from "node:assert/strict";
import { createNodePlatform, nodePlatform } from "../../src/net/node-platform.js";

describe("createNodePlatform", () => {
  const platform = createNodePlatform();

  it("has a clock that does not go back, and a wall clock", () => {
    const first = platform.now();
    assert.ok(platform.now() >= first);
    assert.ok(Math.abs(platform.wallClock() - Date.now()) < 60_000);
  });

  it("throws dice in [0, 1)", () => {
    const thrown = Array.from({ length: 1000 }, () => platform.random());
    assert.ok(thrown.every((value) => value >= 0 && value < 1));
    assert.ok(new Set(thrown).size > 900);
  });

  it("runs turns and timers, which hold the process unless told otherwise", async () => {
    // Which comes first is for the load of the machine to say.
    await Promise.all([
      new Promise<void>((resolve) => platform.setTimer(platform.now() + 2, resolve)),
      new Promise<void>((resolve) => platform.scheduleTurn(resolve)),
    ]);
    const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const loose = platform.setTimer(platform.now() + 60_000, () => {}, false);
    assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length, before);
    const held = platform.setTimer(platform.now() + 60_000, () => {});
    assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length, before + 1);
    held.cancel();
    loose.cancel();
    assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length, before);
  });

  it("looks up addresses and stands by those that are one", async () => {
    assert.deepEqual(await platform.lookup("127.0.0.1"), ["127.0.0.1"]);
    assert.deepEqual(await platform.lookup("::1"), ["::1"]);
    const local = await platform.lookup("localhost");
    assert.ok(local.length > 0 && local.every((address) => address === "127.0.0.1" || address === "::1"));
  });

  for (const host of ["", "evil.test\0.good.test", "two words"]) {
    it(`refuses to look up ${JSON.stringify(host)}`, async () => {
      await assert.rejects(platform.lookup(host), {
        message: `cannot resolve ${JSON.stringify(host)}: host is empty or has a space or a control character`,
      });
    });
  }

  it("checks UTF-8 and offers gzip first", () => {
    assert.equal(platform.isUtf8(Buffer.from("é"), 0, 2), true);
    assert.equal(platform.isUtf8(Buffer.from("é"), 0, 1), false);
    assert.deepEqual(platform.compressor.encodings, ["gzip", "deflate"]);
  });
});

describe("nodePlatform", () => {
  it("is one for the process", () => {
    assert.equal(nodePlatform(), nodePlatform());
    assert.notEqual(nodePlatform(), createNodePlatform());
  });
});
