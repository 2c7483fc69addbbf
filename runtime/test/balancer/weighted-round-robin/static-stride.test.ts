import assert from "node:assert/strict";
import { createScheduler, type Scheduler } from "../../../src/balancer/weighted-round-robin/static-stride.js";

function picks(scheduler: Scheduler, count: number): string {
  return Array.from({ length: count }, () => scheduler.next()).join("");
}

/** How often each of `size` endpoints is picked. */
function shares(weights: readonly number[], count: number): number[] {
  const scheduler = createScheduler(weights, 0);
  const counts = weights.map(() => 0);
  for (let i = 0; i < count; i++) {
    const index = scheduler.next();
    counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}

/** What grpc-go 1.85 picks behind 1000000007. */
const vectors: readonly (readonly [readonly number[], string])[] = [
  [[1, 2], "0110110110110110110110110110110110110110"],
  [[1, 2, 3], "1220121220121220121220121220121220121220"],
  [[0, 1, 3], "2012022012022012022012022012022012022012"],
  [[10, 0, 20, 0], "1230212301231230212301231230212301231230"],
  [[0.5, 0.25, 0.125], "0102010010201001020100102010010201001020"],
  [[100, 100, 99.999], "0120120120120120120120120120120120120120"],
  [[3, 5, 7, 11, 13], "3434123440234134234134234034124341234023"],
  [[1, 9], "1111111011111111101111111110111111111011"],
];

describe("createScheduler", () => {
  it("picks as grpc-go does", () => {
    for (const [weights, expected] of vectors) {
      assert.equal(picks(createScheduler(weights, 1_000_000_007), 40), expected, `weights ${weights.join()}`);
    }
  });

  it("gives each endpoint its share", () => {
    const counts = shares([1, 2, 3, 4], 100_000);
    counts.forEach((count, i) => {
      assert.ok(Math.abs(count - 10_000 * (i + 1)) <= 3, `${count} picks of endpoint ${i}`);
    });
  });

  it("counts an endpoint that is not known as the mean of the others", () => {
    const [a, unknown, b] = shares([10, 0, 30], 60_000) as [number, number, number];
    assert.ok(Math.abs(a - 10_000) <= 2 && Math.abs(unknown - 20_000) <= 2 && Math.abs(b - 30_000) <= 2);
  });

  it("takes plain turns where fewer than two weights are known", () => {
    for (const weights of [
      [0, 0, 0],
      [7, 0, 0],
      [0, 0.001, 0],
    ]) {
      assert.equal(picks(createScheduler(weights, 0), 6), "120120");
    }
    assert.equal(picks(createScheduler([5], 0), 3), "000");
  });

  it("takes plain turns where all weights are the same", () => {
    assert.equal(picks(createScheduler([2.5, 2.5, 0], 2), 6), "012012");
  });

  it("gives no endpoint more than ten times the mean, nor less than a hundredth", () => {
    const weights = [1000, ...Array.from({ length: 99 }, () => 1e-6)];
    const counts = shares(weights, 200_000);
    const mean = (1000 + 99e-6) / 100;
    const expected = (10 * mean) / (10 * mean + 99 * 0.01 * mean);
    assert.ok(Math.abs((counts[0] as number) / 200_000 - expected) < 0.001, `${counts[0]} of 200000`);
    assert.ok(Math.min(...counts) > 0, "none is given up");
  });

  it("needs no more than some ten rounds for a pick", () => {
    const scheduler = createScheduler([1000, ...Array.from({ length: 9 }, () => 1)], 0);
    for (let i = 0; i < 10_000; i++) scheduler.next();
    assert.ok(scheduler.sequence / 10_000 <= 10, `${scheduler.sequence} for 10000 picks`);
  });

  it("works with numbers of every size", () => {
    const counts = shares([1e308, 1e308, 0, 5e-324], 30_010);
    assert.ok(
      counts.every((count) => count > 0),
      counts.join(),
    );
    assert.ok(Math.abs((counts[0] as number) - (counts[1] as number)) <= 2, counts.join());
    assert.ok((counts[3] as number) * 50 < (counts[0] as number), counts.join());
  });

  it("goes on where the one before it was, with the same picks as without a change", () => {
    for (const weights of [
      [1, 2, 3],
      [3, 5, 7, 11, 13],
      [1, 1, 1],
    ]) {
      const whole = picks(createScheduler(weights, 12_345), 100);
      let sequence = 12_345;
      let pieces = "";
      for (let i = 0; i < 20; i++) {
        const scheduler = createScheduler(weights, sequence);
        pieces += picks(scheduler, 5);
        sequence = scheduler.sequence;
      }
      assert.equal(pieces, whole);
    }
  });
});
