import assert from "node:assert/strict";
import { HedgeBudget, maxSavedHedges } from "../../src/retry/hedge-budget.js";
import { afterHedgeFailure, configuredHedging, parseHedgingOptions } from "../../src/retry/hedging-policy.js";
import { LatencyWindow } from "../../src/retry/latency-window.js";
import type { HedgingOptions } from "../../src/rpc/retry-options.js";
import { StatusCode } from "../../src/rpc/status-code.js";

const policy = configuredHedging({
  maxAttempts: 3,
  hedgingDelayMs: 20,
  nonFatalStatusCodes: new Set([StatusCode.UNAVAILABLE]),
});
const unavailable = { code: StatusCode.UNAVAILABLE, message: "" };

describe("hedging (gRFC A6)", () => {
  it("a fatal code ends the call, whatever the server pushes back", () => {
    assert.deepEqual(afterHedgeFailure(policy, { code: StatusCode.NOT_FOUND, message: "" }), { kind: "fatal" });
    const status = { code: StatusCode.NOT_FOUND, message: "", retryPushbackMs: 5 };
    assert.deepEqual(afterHedgeFailure(policy, status), { kind: "fatal" });
    assert.deepEqual(afterHedgeFailure(policy, { ...unavailable, isFinal: true }), { kind: "fatal" });
  });

  it("a non-fatal code sends the next attempt now, or when the server says", () => {
    assert.deepEqual(afterHedgeFailure(policy, unavailable), { kind: "next", delayMs: 0 });
    assert.deepEqual(afterHedgeFailure(policy, { ...unavailable, retryPushbackMs: 7 }), { kind: "next", delayMs: 7 });
  });

  it("a negative pushback sends no more", () => {
    assert.deepEqual(afterHedgeFailure(policy, { ...unavailable, retryPushbackMs: -1 }), { kind: "noMore" });
  });

  it("of a service config has its delay, and no budget", () => {
    assert.deepEqual([policy.delay, policy.maxExtraLoad], [{ kind: "fixed", delayMs: 20 }, Number.POSITIVE_INFINITY]);
  });

  it("of a call waits for the 95th percentile and adds a twentieth, unless it says otherwise", () => {
    const options: HedgingOptions = {};
    const parsed = parseHedgingOptions(options);
    assert.ok("value" in parsed);
    assert.deepEqual(parsed.value.delay, { kind: "percentile", part: 0.95 });
    assert.deepEqual([parsed.value.maxExtraLoad, parsed.value.maxAttempts], [0.05, 2]);
    assert.deepEqual(parsed.value.nonFatalStatusCodes, new Set([StatusCode.UNAVAILABLE]));
    assert.equal(parseHedgingOptions(options), parsed);
    const fixed = parseHedgingOptions({ delayMs: 0, maxExtraLoad: Number.POSITIVE_INFINITY });
    assert.deepEqual("value" in fixed && fixed.value.delay, { kind: "fixed", delayMs: 0 });
  });
});

describe("LatencyWindow", () => {
  it("knows nothing before there are twenty", () => {
    const window = new LatencyWindow();
    for (let ms = 1; ms <= 19; ms++) window.add(ms);
    assert.equal(window.percentile(0.95), undefined);
    window.add(20);
    assert.equal(window.percentile(0.95), 19);
    assert.equal(window.percentile(0.5), 10);
  });

  it("forgets what is long ago, and works a percentile out now and then", () => {
    const window = new LatencyWindow();
    for (let i = 0; i < 256; i++) window.add(100);
    assert.equal(window.percentile(0.9), 100);
    for (let i = 0; i < 15; i++) window.add(1);
    assert.equal(window.percentile(0.9), 100, "as it was");
    for (let i = 0; i < 241; i++) window.add(1);
    assert.equal(window.percentile(0.9), 1);
  });
});

describe("HedgeBudget", () => {
  it("lets twenty calls save for one hedge of 5 %", () => {
    const budget = new HedgeBudget();
    let sent = 0;
    for (let i = 0; i < 1000; i++) {
      budget.onCall(0.05);
      if (budget.spend(0.05)) sent++;
    }
    assert.equal(sent, 50);
  });

  it("saves for so many, not more", () => {
    const budget = new HedgeBudget();
    for (let i = 0; i < 10_000; i++) budget.onCall(0.05);
    let sent = 0;
    while (budget.spend(0.05)) sent++;
    assert.equal(sent, maxSavedHedges);
  });

  it("has no limit where there is none", () => {
    assert.equal(new HedgeBudget().spend(Number.POSITIVE_INFINITY), true);
  });
});
