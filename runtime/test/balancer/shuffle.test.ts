import assert from "node:assert/strict";
import { shuffled, shuffledByWeight } from "../../src/balancer/shuffle.js";
import { FakePlatform } from "../support/fake-platform.js";

/** How often each order comes. */
function countOrders(times: number, shuffle: (random: () => number) => readonly string[]): Map<string, number> {
  const platform = new FakePlatform();
  const counts = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const order = shuffle(() => platform.random()).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  return counts;
}

/** Five standard deviations. */
function assertNear(count: number, times: number, share: number): void {
  const bound = 5 * Math.sqrt(times * share * (1 - share));
  assert.ok(Math.abs(count - times * share) < bound, `${count} of ${times}, expected ${times * share} ± ${bound}`);
}

for (const [name, shuffle] of [
  ["shuffled", shuffled],
  [
    "shuffledByWeight with equal weights",
    <T>(list: readonly T[], random: () => number) => shuffledByWeight(list, () => 3, random),
  ],
] as const) {
  describe(name, () => {
    for (const [items, orders] of [
      ["ab", 2],
      ["abc", 6],
      ["abcd", 24],
      ["abcde", 120],
    ] as const) {
      it(`gives every order of ${items.length}, each as often as any other`, () => {
        const times = 200 * orders;
        const counts = countOrders(times, (random) => shuffle([...items], random));
        assert.equal(counts.size, orders);
        for (const count of counts.values()) assertNear(count, times, 1 / orders);
      });
    }

    it("leaves its input alone, and takes lists that have one order", () => {
      const list = Object.freeze(["a", "b"]);
      assert.equal(shuffle(list, () => 0).length, 2);
      assert.deepEqual(
        shuffle([], () => 0),
        [],
      );
      assert.deepEqual(
        shuffle(["a"], () => 0.99),
        ["a"],
      );
    });
  });
}

describe("shuffledByWeight", () => {
  const weights: Readonly<Record<string, number>> = { a: 1, b: 2, c: 5 };

  it("gives each place to one of those that are left, in proportion to their weights (gRFC A113)", () => {
    const times = 20_000;
    const counts = countOrders(times, (random) =>
      shuffledByWeight(["a", "b", "c"], (item) => weights[item] ?? 0, random),
    );
    assert.equal(counts.size, 6);
    for (const [order, count] of counts) {
      const [first, second, third] = [...order].map((item) => weights[item] ?? 0) as [number, number, number];
      assertNear(count, times, (first / 8) * (second / (second + third)));
    }
  });

  it("puts those without weight last", () => {
    for (const [weight, dice] of [
      [0, 0],
      [-1, 0.5],
      [Number.NaN, 0.9],
    ] as const) {
      const order = shuffledByWeight(
        ["none", "some"],
        (item) => (item === "some" ? 1 : weight),
        () => dice,
      );
      assert.deepEqual(order, ["some", "none"]);
    }
  });
});
