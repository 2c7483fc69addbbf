import assert from "node:assert/strict";
import { LiveSet } from "../../src/telemetry/live-set.js";

describe("LiveSet", () => {
  it("has what was added and not taken out, in order", () => {
    const set = new LiveSet<{ readonly name: string }>();
    const items = ["a", "b", "c"].map((name) => ({ name }));
    for (const [i, item] of items.entries()) set.add(i + 1, item);
    set.delete(2);
    assert.deepEqual(
      set.toArray().map(({ name }) => name),
      ["a", "c"],
    );
  });

  it("sweeps out no one who lives", () => {
    const set = new LiveSet<{ readonly id: number }>();
    const items = Array.from({ length: 300 }, (_, id) => ({ id }));
    for (const item of items) set.add(item.id, item);
    assert.equal(set.toArray().length, 300);
  });
});
