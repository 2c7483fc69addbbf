import assert from "node:assert/strict";
import { SparseSet } from "../../src/base/sparse-set.js";

describe("SparseSet", () => {
  it("is a set", () => {
    const set = new SparseSet<string>();
    assert.deepEqual([set.size, set.has("a"), set.delete("a"), [...set]], [0, false, false, []]);
    set.add("b");
    set.add("a");
    set.add("b");
    assert.deepEqual([set.size, set.has("a"), set.has("c"), [...set]], [2, true, false, ["b", "a"]]);
    assert.deepEqual([set.delete("c"), set.delete("b"), [...set]], [false, true, ["a"]]);
    set.clear();
    assert.deepEqual([set.size, [...set]], [0, []]);
  });

  it("is walked while members come and go", () => {
    const set = new SparseSet<number>();
    set.add(1);
    set.add(2);
    const seen: number[] = [];
    for (const member of set) {
      seen.push(member);
      set.delete(member);
      if (member === 1) set.add(3);
    }
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(set.size, 0);
  });

  it("is walked on when the last member goes and another comes", () => {
    const set = new SparseSet<number>();
    set.add(1);
    const seen: number[] = [];
    for (const member of set) {
      seen.push(member);
      set.delete(member);
      set.add(member + 10);
    }
    // The walk is over the members that there were; whoever comes behind the last of them waits for the next walk.
    assert.deepEqual(seen, [1]);
    assert.deepEqual([...set], [11]);
  });
});
