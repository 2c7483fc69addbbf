import assert from "node:assert/strict";
import { RandomOctets } from "./random-octets.js";
import { maxTapeOctets, TapeMaker } from "./tape-maker.js";

function made(maker: TapeMaker): Uint8Array {
  const out = new Uint8Array(maxTapeOctets);
  return out.slice(0, maker.make(out));
}

describe("TapeMaker", () => {
  it("makes the same inputs for the same seed", () => {
    const [some, same, others] = [5, 5, 6].map((seed) => new TapeMaker(new RandomOctets(seed)));
    for (let i = 0; i < 50; i++) {
      const input = made(some as TapeMaker);
      assert.deepEqual(made(same as TapeMaker), input);
      assert.notDeepEqual(made(others as TapeMaker), input);
    }
  });

  it("mutates what it keeps, within its room, and leaves it as it is", () => {
    const maker = new TapeMaker(new RandomOctets(1));
    const kept = [Uint8Array.of(7), new Uint8Array(maxTapeOctets).fill(8), new Uint8Array(20).fill(9)];
    for (const tape of kept) maker.keep(tape);
    let akin = 0;
    for (let i = 0; i < 5000; i++) {
      const input = made(maker);
      assert.ok(input.length >= 1 && input.length <= maxTapeOctets);
      if (input.filter((octet) => octet >= 7 && octet <= 9).length * 2 > input.length) akin += 1;
    }
    assert.ok(akin > 2000, `${akin} inputs are like one that was kept`);
    assert.equal(maker.size, 3);
    assert.deepEqual([...(kept[0] as Uint8Array)], [7]);
    assert.ok((kept[1] as Uint8Array).every((octet) => octet === 8));
  });
});

describe("RandomOctets", () => {
  it("draws evenly, and does not repeat itself soon", () => {
    const random = new RandomOctets(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const drawn = random.below(10);
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    assert.ok(
      counts.every((count) => count > 850 && count < 1150),
      counts.join(),
    );
    const words = new Set(Array.from({ length: 50_000 }, () => random.word()));
    assert.ok(words.size > 49_990);
  });
});
