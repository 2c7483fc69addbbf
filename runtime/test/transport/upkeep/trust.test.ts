import assert from "node:assert/strict";
import { Trust } from "../../../src/transport/upkeep/trust.js";

const settings = { verifyIdleMs: 60_000, verifyTimeoutMs: 5_000 };

function doubted(): Trust {
  const trust = new Trust(settings, 0);
  trust.onTimeout(60_000, 0);
  return trust;
}

describe("Trust", () => {
  it("ends with a silence that was too long, and not with what came meanwhile", () => {
    const trust = new Trust(settings, 0);
    assert.equal(trust.nextTimeout(), 60_000);
    trust.onTimeout(60_000, 59_000);
    assert.equal(trust.isTrusted, true);
    assert.equal(trust.nextTimeout(), 119_000);
    trust.onTimeout(119_000, 59_000);
    assert.equal(trust.isTrusted, false);
    assert.equal(trust.nextTimeout(), Number.POSITIVE_INFINITY, "nobody is asked until somebody wants to know");
  });

  it("asks once, whoever else wants to know", () => {
    const trust = doubted();
    assert.equal(trust.ask(100_000), true);
    assert.equal(trust.ask(100_000), false);
    assert.equal(trust.isTrusted, false);
    assert.equal(trust.nextTimeout(), 105_000);
  });

  it("asks nothing of a connection that is trusted", () => {
    assert.equal(new Trust(settings, 0).ask(1), false);
  });

  it("comes back with any byte behind the question", () => {
    const trust = doubted();
    trust.ask(100_000);
    trust.onHeard(99_999, 100_000);
    assert.equal(trust.isTrusted, false);
    trust.onHeard(100_001, 100_001);
    assert.equal(trust.isTrusted, true);
    assert.equal(trust.nextTimeout(), 160_001);
  });

  it("comes back by itself when something comes, for calls that have waited since before the silence", () => {
    const trust = doubted();
    trust.onHeard(59_999, 60_001);
    assert.equal(trust.isTrusted, false, "before the doubt");
    trust.onHeard(61_000, 121_000);
    assert.equal(trust.isTrusted, false, "too long ago");
    trust.onHeard(99_000, 100_000);
    assert.equal(trust.isTrusted, true);
    assert.equal(trust.nextTimeout(), 159_000);
  });

  it("is lost without an answer in time", () => {
    const trust = doubted();
    trust.ask(100_000);
    assert.equal(trust.onTimeout(104_999, 0), undefined);
    assert.equal(trust.onTimeout(105_000, 0), "lost");
  });

  it("takes an answer for one, however late it is looked at", () => {
    const trust = doubted();
    trust.ask(100_000);
    trust.onHeard(100_001, 500_000);
    assert.equal(trust.isTrusted, true);
  });

  it("is not lost when the answer has come by the time it is looked at", () => {
    const trust = doubted();
    trust.ask(100_000);
    assert.equal(trust.onTimeout(130_000, 101_000), undefined);
  });

  it("never ends where no limit is set", () => {
    const trust = new Trust({ ...settings, verifyIdleMs: Number.POSITIVE_INFINITY }, 0);
    assert.equal(trust.nextTimeout(), Number.POSITIVE_INFINITY);
    trust.onTimeout(1e9, 0);
    assert.equal(trust.isTrusted, true);
  });
});
