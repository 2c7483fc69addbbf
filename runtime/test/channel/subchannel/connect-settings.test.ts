import assert from "node:assert/strict";
import { resolveConnectSettings } from "../../../src/channel/subchannel/connect-settings.js";

describe("resolveConnectSettings", () => {
  it("has the defaults of connection-backoff.md", () => {
    const { backoff, timeoutMs } = resolveConnectSettings(undefined);
    assert.deepEqual(backoff, { initialMs: 1000, multiplier: 1.6, maxMs: 120_000, jitter: 0.2 });
    assert.equal(timeoutMs, 20_000);
    assert.deepEqual(resolveConnectSettings({}), { backoff, timeoutMs });
  });

  it("takes what it is given, and no backoff below 100 ms", () => {
    const { backoff, timeoutMs } = resolveConnectSettings({ initialBackoffMs: 1, maxBackoffMs: 5000, timeoutMs: 300 });
    assert.deepEqual([backoff.initialMs, backoff.maxMs, timeoutMs], [100, 5000, 300]);
  });

  it("refuses what is no time", () => {
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = `connect.timeoutMs is ${value}: expected a number of milliseconds above 0`;
      assert.throws(() => resolveConnectSettings({ timeoutMs: value }), new TypeError(message));
    }
  });
});
