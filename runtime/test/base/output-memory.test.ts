import assert from "node:assert/strict";
import { giveMemory, noMemory, type OutputMemory, takeMemory } from "../../src/base/output-memory.js";

describe("output memory", () => {
  it("serves the next one who wants as much", () => {
    const memory = takeMemory(8192);
    assert.equal(memory.bytes.length, 8192);
    memory.view.setUint8(8191, 7);
    assert.equal(memory.bytes[8191], 7);
    giveMemory(memory);
    assert.equal(takeMemory(8192), memory);
    assert.notEqual(takeMemory(8192), memory);
  });

  it("is kept in small numbers, of the sizes that arenas have", () => {
    const kept = (size: number, count: number): number => {
      const given = Array.from({ length: count }, () => takeMemory(size));
      for (const memory of given) giveMemory(memory);
      const taken = new Set<OutputMemory>(Array.from({ length: count }, () => takeMemory(size)));
      return given.filter((memory) => taken.has(memory)).length;
    };
    assert.equal(kept(1024, 100), 64);
    assert.equal(kept(8 * 1024, 100), 32);
    assert.equal(kept(64 * 1024, 100), 12);
    assert.equal(kept(128 * 1024, 3), 0);
    assert.equal(kept(100, 3), 0);
  });

  it("of none is nobody's to give", () => {
    giveMemory(noMemory);
    assert.notEqual(takeMemory(0), noMemory);
  });
});
