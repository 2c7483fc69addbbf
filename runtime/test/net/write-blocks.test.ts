import assert from "node:assert/strict";
import { WriteBlocks } from "../../src/net/write-blocks.js";

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe("WriteBlocks", () => {
  it("gathers chunks in their order, in a block that is at least half full", () => {
    const gathered = new WriteBlocks().gather([bytes(9, 1), bytes(40_000, 2), bytes(9, 3)]);
    assert.ok(gathered !== undefined);
    assert.equal(gathered.byteLength, 40_018);
    assert.equal(gathered.block.length, 64 * 1024);
    const expected = Buffer.concat([bytes(9, 1), bytes(40_000, 2), bytes(9, 3)]);
    assert.deepEqual(gathered.block.subarray(0, gathered.byteLength), expected);
  });

  it("leaves alone what is one chunk, little, or more than a block holds", () => {
    const blocks = new WriteBlocks();
    assert.equal(blocks.gather([]), undefined);
    assert.equal(blocks.gather([bytes(100_000, 1)]), undefined);
    assert.equal(blocks.gather([bytes(9, 1), bytes(16_374, 1)]), undefined);
    assert.ok(blocks.gather([bytes(9, 1), bytes(16_375, 1)]) !== undefined);
    assert.ok(blocks.gather([bytes(9, 1), bytes(512 * 1024 - 9, 1)]) !== undefined);
    assert.equal(blocks.gather([bytes(9, 1), bytes(512 * 1024 - 8, 1)]), undefined);
  });

  it("uses a block again once it was given back, and not before", () => {
    const blocks = new WriteBlocks();
    const gather = (): Buffer | undefined => blocks.gather([bytes(9, 1), bytes(200_000, 1)])?.block;
    const [first, second] = [gather(), gather()];
    assert.notEqual(first, second);
    blocks.giveBack(first as Buffer);
    assert.equal(blocks.freeBytes, 256 * 1024);
    assert.equal(gather(), first);
    assert.equal(blocks.freeBytes, 0);
  });

  it("keeps no more than 2 MiB", () => {
    const blocks = new WriteBlocks();
    const taken = Array.from({ length: 20 }, () => blocks.gather([bytes(9, 1), bytes(200_000, 1)])?.block as Buffer);
    for (const block of taken) blocks.giveBack(block);
    assert.equal(blocks.freeBytes, 2 * 1024 * 1024);
  });
});
