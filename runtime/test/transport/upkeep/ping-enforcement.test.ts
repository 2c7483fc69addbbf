import assert from "node:assert/strict";
import { PingEnforcement } from "../../../src/transport/upkeep/ping-enforcement.js";

const minute = 60_000;
const hour = 60 * minute;
const policy = { minIntervalMs: 5 * minute, permitWithoutCalls: false };

describe("ping enforcement", () => {
  it("takes the first PING, two that come too early, and no third", () => {
    const pings = new PingEnforcement(policy);
    assert.deepEqual(
      [0, 1, 2, 3].map((now) => pings.onPing(now, true)),
      [true, true, true, false],
    );
  });

  it("takes PINGs at their interval for ever", () => {
    const pings = new PingEnforcement(policy);
    for (let i = 0; i < 1000; i++) assert.ok(pings.onPing(i * 5 * minute, true));
  });

  it("does not count an early one as the one to measure from (gRFC A8)", () => {
    const pings = new PingEnforcement(policy);
    assert.ok(pings.onPing(0, true));
    assert.ok(pings.onPing(4 * minute, true));
    assert.ok(pings.onPing(5 * minute, true));
    assert.ok(pings.onPing(5 * minute + 1, true));
    assert.ok(!pings.onPing(5 * minute + 2, true));
  });

  it("wants two hours between those of a client without calls", () => {
    const pings = new PingEnforcement(policy);
    for (let i = 0; i < 10; i++) assert.ok(pings.onPing(i * 2 * hour, false));
    const early = new PingEnforcement(policy);
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => early.onPing(i * hour, false)),
      [true, true, true, true],
    );
    assert.equal(early.onPing(3 * hour + 1, false), false, "the third strike: at 1 h, at 3 h, and now");
  });

  it("wants no more of them where that is permitted", () => {
    const pings = new PingEnforcement({ ...policy, permitWithoutCalls: true });
    for (let i = 0; i < 100; i++) assert.ok(pings.onPing(i * 5 * minute, false));
    assert.equal(pings.intervalMs(false), 5 * minute);
    assert.equal(new PingEnforcement({ ...policy, minIntervalMs: 3 * hour }).intervalMs(false), 3 * hour);
  });

  it("begins anew with what was sent", () => {
    const pings = new PingEnforcement(policy);
    for (let i = 0; i < 100; i++) {
      for (let n = 0; n < 3; n++) assert.ok(pings.onPing(i, true));
      pings.onSent();
    }
  });

  it("with an interval of 0 permits any number, with Infinity one", () => {
    const any = new PingEnforcement({ minIntervalMs: 0, permitWithoutCalls: true });
    for (let i = 0; i < 100; i++) assert.ok(any.onPing(0, false));
    const one = new PingEnforcement({ minIntervalMs: Number.POSITIVE_INFINITY, permitWithoutCalls: true });
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => one.onPing(i * 1000 * hour, true)),
      [true, true, true, false],
    );
  });
});
