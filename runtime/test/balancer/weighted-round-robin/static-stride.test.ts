import assert from "node:assert/strict";
import { createScheduler, type Scheduler } from "../../../src/balancer/weighted-round-robin/static-stride.js";

/** Counts up from `start`, modulo 2^32. */
function sequence(start = 0): () => number {
  let next = start;
  return () => {
    next = (next + 1) >>> 0;
    return next;
  };
}

function picks(scheduler: Scheduler, count: number): string {
  return Array.from({ length: count }, () => scheduler.next()).join("");
}

/** How often each of `size` endpoints is picked. */
function shares(weights: readonly number[], count: number): number[] {
  const scheduler = createScheduler(weights, sequence());
  const counts = weights.map(() => 0);
  for (let i = 0; i < count; i++) {
    const index = scheduler.next();
    counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}

/** What grpc-go 1.85 picks from 4294967291 on, which is shortly before its sequence starts at 0 again. */
const vectors: readonly (readonly [readonly number[], string])[] = [
  [[1, 2], "1101101101101101101101101101101101101101"],
  [[1, 2, 3], "2121220121220121220121220121220121220121"],
  [[0, 1, 3], "2202012022012022012022012022012022012022"],
  [[10, 0, 20, 0], "3012312302123012312302123012312302123012"],
  [[0.5, 0.25, 0.125], "0001200102010010201001020100102010010201"],
  [[100, 100, 99.999], "2012001201201201201201201201201201201201"],
  [[3, 5, 7, 11, 13], "2342341234341240342341342340341243412343"],
  [[1, 9], "1101111111110111111111011111111101111111"],
];

describe("createScheduler", () => {
  it("picks as grpc-go does, over the end of the sequence", () => {
    for (const [weights, expected] of vectors) {
      assert.equal(picks(createScheduler(weights, sequence(4294967290)), 40), expected, `weights ${weights.join()}`);
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
      assert.equal(picks(createScheduler(weights, sequence()), 6), "120120");
    }
    assert.equal(picks(createScheduler([5], sequence()), 3), "000");
  });

  it("takes plain turns where all weights are the same", () => {
    assert.equal(picks(createScheduler([2.5, 2.5, 0], sequence(2)), 6), "012012");
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
    let asked = 0;
    const scheduler = createScheduler([1000, ...Array.from({ length: 9 }, () => 1)], () => asked++);
    for (let i = 0; i < 10_000; i++) scheduler.next();
    assert.ok(asked / 10_000 <= 10, `${asked} for 10000 picks`);
  });
});
