import assert from "node:assert/strict";
import { StateWatch } from "../../src/channel/state-watch.js";
import { FakePlatform } from "../support/fake-platform.js";

function watch(): { platform: FakePlatform; states: StateWatch } {
  const platform = new FakePlatform();
  return { platform, states: new StateWatch(platform, "IDLE") };
}

/** What a promise has come to, after everything that can happen now. */
async function settled(platform: FakePlatform, promise: Promise<boolean>): Promise<unknown> {
  let outcome: unknown = "waiting";
  promise.then(
    (value) => {
      outcome = value;
    },
    (reason: unknown) => {
      outcome = reason;
    },
  );
  await platform.settle();
  return outcome;
}

describe("StateWatch", () => {
  it("resolves with true when the state changes, and at once when it is another already", async () => {
    const { platform, states } = watch();
    const change = states.waitForChange("IDLE", {});
    assert.equal(await settled(platform, change), "waiting");
    states.onState("CONNECTING");
    assert.equal(await settled(platform, change), true);
    assert.equal(await states.waitForChange("IDLE", {}), true);
  });

  it("resolves although the state has come back by the time somebody looks", async () => {
    const { platform, states } = watch();
    const change = states.waitForChange("IDLE", {});
    states.onState("CONNECTING");
    states.onState("IDLE");
    assert.equal(await settled(platform, change), true);
  });

  it("resolves with false when the time is over", async () => {
    const { platform, states } = watch();
    const change = states.waitForChange("IDLE", { timeoutMs: 500 });
    assert.equal(platform.holdingTimers, 1);
    await platform.advanceAsync(499);
    assert.equal(await settled(platform, change), "waiting");
    await platform.advanceAsync(1);
    assert.equal(await settled(platform, change), false);
    assert.equal(await states.waitForChange("IDLE", { timeoutMs: 0 }), false);
    platform.assertQuiet();
  });

  it("gives its timer back when the state changes", async () => {
    const { platform, states } = watch();
    const change = states.waitForChange("IDLE", { timeoutMs: 500 });
    states.onState("READY");
    await change;
    platform.assertQuiet();
  });

  it("has no timer without a limit", () => {
    const { platform, states } = watch();
    void states.waitForChange("IDLE", {});
    void states.waitForChange("IDLE", { timeoutMs: Number.POSITIVE_INFINITY });
    platform.assertQuiet();
  });

  it("rejects with the reason of a signal that is aborted, now or later", async () => {
    const { platform, states } = watch();
    const controller = new AbortController();
    const reason = new Error("enough");
    const change = states.waitForChange("IDLE", { signal: controller.signal, timeoutMs: 500 });
    controller.abort(reason);
    assert.equal(await settled(platform, change), reason);
    assert.equal(await settled(platform, states.waitForChange("READY", { signal: controller.signal })), reason);
    platform.assertQuiet();
  });

  it("waits for nothing behind SHUTDOWN", async () => {
    const { platform, states } = watch();
    const change = states.waitForChange("IDLE", {});
    states.onState("SHUTDOWN");
    assert.equal(await settled(platform, change), true);
    assert.equal(await states.waitForChange("SHUTDOWN", {}), false);
  });

  it("refuses a timeout that is no time", async () => {
    const { states } = watch();
    const message = "timeoutMs is NaN: expected a number of 0 or more";
    await assert.rejects(states.waitForChange("IDLE", { timeoutMs: Number.NaN }), new TypeError(message));
  });
});
