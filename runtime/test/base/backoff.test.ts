import assert from "node:assert/strict";
import { Backoff, connectionBackoff } from "../../src/base/backoff.js";

function delays(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => Math.round(backoff.next()));
}

describe("Backoff", () => {
  it("grows by 1.6 from 1 s to 120 s (connection-backoff.md)", () => {
    const middle = new Backoff(() => 0.5);
    assert.deepEqual(
      delays(middle, 13),
      [1000, 1600, 2560, 4096, 6554, 10486, 16777, 26844, 42950, 68719, 109951, 120000, 120000],
    );
  });

  it("spreads each delay over ± 20 %, the first and the longest too", () => {
    assert.deepEqual(delays(new Backoff(() => 0), 2), [800, 1280]);
    const most = new Backoff(() => 1 - Number.EPSILON);
    assert.deepEqual(delays(most, 2), [1200, 1920]);
    delays(most, 20);
    assert.equal(Math.round(most.next()), 144_000);
  });

  it("takes one random number a delay", () => {
    const dice = [0, 0.5, 0.25];
    assert.deepEqual(delays(new Backoff(() => dice.shift() as number), 3), [800, 1600, 2304]);
    assert.deepEqual(dice, []);
  });

  it("starts again after reset", () => {
    const backoff = new Backoff(() => 0.5);
    delays(backoff, 5);
    backoff.reset();
    assert.deepEqual(delays(backoff, 2), [1000, 1600]);
  });

  it("takes other figures", () => {
    const backoff = new Backoff(() => 0.5, { ...connectionBackoff, initialMs: 50, multiplier: 2, maxMs: 150 });
    assert.deepEqual(delays(backoff, 4), [50, 100, 150, 150]);
  });

  it("keeps an initial delay above the longest within it", () => {
    assert.equal(new Backoff(() => 0.5, { ...connectionBackoff, maxMs: 100 }).next(), 100);
  });
});
