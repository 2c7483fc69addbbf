import assert from "node:assert/strict";
import { ResetBudget } from "../../../src/http2/guard/reset-budget.js";

/** Streams opened until it is too many; Infinity when that never came. */
function openAndReset(budget: ResetBudget, streams: number, isReset: (i: number) => boolean, msEach: number): number {
  for (let i = 0; i < streams; i++) {
    if (!budget.opened(i * msEach)) return i + 1;
    if (isReset(i)) budget.premature();
  }
  return Number.POSITIVE_INFINITY;
}

describe("ResetBudget", () => {
  it("ends a peer that resets each of its streams behind the limit (CVE-2023-44487)", () => {
    assert.equal(
      openAndReset(new ResetBudget(200, 0), 10_000, () => true, 0.02),
      202,
    );
  });

  it("lets a peer go on that resets less than half of its streams, whatever its speed", () => {
    const never = Number.POSITIVE_INFINITY;
    assert.equal(
      openAndReset(new ResetBudget(200, 0), 300_000, (i) => i % 20 < 9, 0.2),
      never,
    );
    assert.ok(openAndReset(new ResetBudget(200, 0), 300_000, (i) => i % 3 !== 0, 0.2) < 1000);
  });

  it("never fires on 5,000 calls a second with 10 % cancelled, for 60 seconds", () => {
    const never = Number.POSITIVE_INFINITY;
    assert.equal(
      openAndReset(new ResetBudget(200, 0), 300_000, (i) => i % 10 === 0, 0.2),
      never,
    );
    // In bursts: the 500 of each second all at its end.
    assert.equal(
      openAndReset(new ResetBudget(200, 0), 300_000, (i) => i % 5000 >= 4500, 0.2),
      never,
    );
  });

  it("never fires on 1,000 simultaneous deadlines, whenever their calls began and whatever comes behind", () => {
    for (const start of [0, 4999, 5000, 9999]) {
      const budget = new ResetBudget(200, 0);
      for (let i = 0; i < 1000; i++) assert.ok(budget.opened(start));
      for (let i = 0; i < 1000; i++) budget.premature();
      for (let i = 0; i < 50_000; i++) assert.ok(budget.opened(start + 20 + i * 0.2), `call ${i} behind`);
    }
  });

  it("counts what is provoked at once, with half of the streams as its measure (CVE-2025-8671)", () => {
    const budget = new ResetBudget(200, 0);
    for (let i = 0; i < 200; i++) assert.ok(budget.provoked(0));
    assert.ok(!budget.provoked(0));
    const busy = new ResetBudget(200, 0);
    for (let i = 0; i < 1000; i++) busy.opened(0);
    for (let i = 0; i < 500; i++) assert.ok(busy.provoked(0));
    assert.ok(!busy.provoked(0));
  });

  it("forgets after ten seconds", () => {
    const budget = new ResetBudget(10, 0);
    for (let i = 0; i < 10; i++) assert.ok(budget.provoked(0));
    assert.equal(budget.wasted, 10);
    assert.ok(budget.provoked(10_001));
    assert.equal(budget.wasted, 1);
    for (let i = 0; i < 9; i++) assert.ok(budget.provoked(12_000));
    assert.ok(!budget.provoked(15_002), "the half before is still looked at");
    assert.ok(budget.provoked(25_002));
  });
});
