import assert from "node:assert/strict";
import { RateBudget } from "../../../src/http2/guard/rate-budget.js";

function spendAll(budget: RateBudget, now: number): number {
  let spent = 0;
  while (spent < 1_000_000 && budget.spend(now)) spent += 1;
  return spent;
}

describe("whether a budget is full", () => {
  it("is told, with what has been given back since", () => {
    const budget = new RateBudget(10, 10, 0);
    assert.ok(budget.isFull(0));
    budget.spend(0);
    assert.ok(!budget.isFull(50));
    assert.ok(budget.isFull(100));
    assert.ok(new RateBudget(Number.POSITIVE_INFINITY, 1, 0).isFull(0));
    assert.ok(!new RateBudget(0, 0, 0).isFull(1000), "none is left of it");
  });
});

describe("RateBudget", () => {
  it("starts full and is given back with time, up to its capacity", () => {
    const budget = new RateBudget(100, 10, 0);
    assert.equal(spendAll(budget, 0), 100);
    assert.equal(spendAll(budget, 99), 0);
    assert.equal(spendAll(budget, 100), 1);
    assert.equal(spendAll(budget, 1100), 10);
    assert.equal(spendAll(budget, 1_000_000), 100);
  });

  it("does not save up beyond its capacity while nothing is spent", () => {
    const budget = new RateBudget(5, 1, 0);
    assert.equal(spendAll(budget, 60_000), 5);
    assert.equal(spendAll(budget, 60_000), 0);
  });

  it("takes refunds one by one, and all at once", () => {
    const budget = new RateBudget(3, 0, 0);
    budget.refund();
    assert.equal(spendAll(budget, 0), 3);
    budget.refund();
    assert.equal(spendAll(budget, 0), 1);
    budget.refill();
    assert.equal(spendAll(budget, 0), 3);
  });

  it("of nothing gives nothing, and one of Infinity never ends", () => {
    assert.equal(spendAll(new RateBudget(0, 0, 0), 1e9), 0);
    assert.equal(spendAll(new RateBudget(Number.POSITIVE_INFINITY, 1, 0), 5), 1_000_000);
  });

  it("is not disturbed by a clock that stands still or goes back", () => {
    const budget = new RateBudget(1, 1000, 50);
    assert.ok(budget.spend(40));
    assert.ok(!budget.spend(10));
    assert.ok(!budget.spend(50));
    assert.ok(budget.spend(51));
  });

  it("says whether it is spent without spending", () => {
    const budget = new RateBudget(1, 1, 0);
    assert.equal(budget.isSpent(0), false);
    assert.ok(budget.spend(0));
    assert.equal(budget.isSpent(999), true);
    assert.equal(budget.isSpent(1000), false);
    assert.ok(budget.spend(1000));
  });
});
