import assert from "node:assert/strict";
import { buildRing, type RingMember } from "../../../src/balancer/ring-hash/ring.js";
import { type Hash64, xxHash64 } from "../../../src/balancer/xx-hash64.js";

function members(...weights: (readonly [string, number])[]): RingMember[] {
  return weights.map(([hashKey, weight]) => ({ hashKey, weight }));
}

function hash64(digits: string): Hash64 {
  return { high: Number.parseInt(digits.slice(0, 8), 16), low: Number.parseInt(digits.slice(8), 16) };
}

const ends = ["0000000000000000", "8000000000000000", "ffffffffffffffff", "123456789abcdef0"];

/** Members, smallest and largest size; places of each; to whom `ends` belong. All as grpc-go 1.85 has it. */
const rings: readonly (readonly [RingMember[], number, number, Record<string, number>, string])[] = [
  [members(["a", 3], ["b", 3], ["c", 4]), 10, 20, { a: 3, b: 3, c: 4 }, "a c a a"],
  [members(["a", 3], ["b", 3], ["c", 4]), 7, 7, { a: 3, b: 2, c: 2 }, "a c a a"],
  [
    members(["10.0.0.1:50051", 1], ["10.0.0.2:50051", 1], ["[::1]:50051", 1]),
    1024,
    4096,
    { "10.0.0.1:50051": 342, "10.0.0.2:50051": 342, "[::1]:50051": 342 },
    "10.0.0.2:50051 10.0.0.1:50051 10.0.0.2:50051 10.0.0.2:50051",
  ],
  [members(["x", 1], ["y", 100]), 1024, 4096, { x: 11, y: 1100 }, "y y y y"],
  [members(["x", 1], ["y", 100_000]), 1024, 4096, { x: 1, y: 4095 }, "y y y y"],
  [members(["a", 1], ["b", 1], ["c", 1], ["d", 1], ["e", 1]), 1, 3, { a: 1, b: 1, d: 1, e: 1 }, "b e b b"],
];

describe("buildRing", () => {
  it("has the places that grpc-go's has", () => {
    for (const [list, minSize, maxSize, expected, owners] of rings) {
      const ring = buildRing(list, minSize, maxSize);
      const counts: Record<string, number> = {};
      for (let place = 0; place < ring.size; place++) {
        const { hashKey } = list[ring.memberAt(place)] as RingMember;
        counts[hashKey] = (counts[hashKey] ?? 0) + 1;
      }
      assert.deepEqual(counts, expected);
      const found = ends.map((digits) => (list[ring.memberAt(ring.find(hash64(digits)))] as RingMember).hashKey);
      assert.equal(found.join(" "), owners);
    }
  });

  it("stands in the order of the hashes, and a hash belongs to the first place from it on", () => {
    const ring = buildRing(members(["a", 3], ["b", 3], ["c", 4]), 10, 20);
    const hashes = ["3991a6824c7153a5", "3a24988080def0d8", "461afe862b8563d7", "4e3d083a4cbbd78c", "5b0cfd75da0157cc"];
    hashes.forEach((digits, place) => {
      const hash = hash64(digits);
      assert.equal(ring.find(hash), place, "its own hash");
      assert.equal(ring.find({ high: hash.high, low: hash.low - 1 }), place);
      assert.equal(ring.find({ high: hash.high, low: hash.low + 1 }), place + 1);
    });
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((place) => ring.memberAt(place)),
      [0, 1, 2, 1, 1],
    );
    assert.equal(ring.find(hash64("fa0cc5004b3d4c54")), 0, "behind the last place comes the first");
    assert.equal(ring.memberAt(ring.size + 1), ring.memberAt(1));
  });

  it("does not depend on the order in which the members came", () => {
    const list = members(["a", 3], ["b", 3], ["c", 4]);
    const reversed = [...list].reverse();
    const [ring, other] = [buildRing(list, 7, 7), buildRing(reversed, 7, 7)];
    for (let place = 0; place < ring.size; place++) {
      const left = list[ring.memberAt(place)] as RingMember;
      assert.equal((reversed[other.memberAt(place)] as RingMember).hashKey, left.hashKey);
    }
  });

  it("leaves most of the others where they are when a member goes", () => {
    const list = members(["a", 1], ["b", 1], ["c", 1], ["d", 1]);
    const before = buildRing(list, 1024, 4096);
    const after = buildRing(list.slice(0, 3), 1024, 4096);
    let [freed, kept, moved] = [0, 0, 0];
    for (let i = 0; i < 1000; i++) {
      const hash = xxHash64(Buffer.from(`key ${i}`));
      const [old, now] = [before.memberAt(before.find(hash)), after.memberAt(after.find(hash))];
      if (old === 3) freed++;
      else if (old === now) kept++;
      else moved++;
    }
    assert.ok(freed > 150 && freed < 350, `${freed} belonged to it`);
    // The ring has as many places as before, so that the others have more of them: those take from each other, too.
    assert.ok(moved < kept / 4, `${moved} others moved, ${kept} stayed`);
  });
});
