import assert from "node:assert/strict";
import { copyPiece, copyRange, viewRange } from "../../src/codec/byte-range.js";

const source = Buffer.from(Array.from({ length: 5000 }, (_, i) => i & 0xff));

describe("codec/byte-range", () => {
  const ways = { copyRange, copyPiece };
  for (const [name, make] of Object.entries(ways)) {
    for (const size of [0, 1, 32, 33, 64, 65, 1023, 1024, 1025, 4500]) {
      it(`${name} copies ${size} bytes into a plain Uint8Array that shares nothing`, () => {
        const copies = Array.from({ length: 40 }, (_, i) => make(source, i, i + size));
        copies.forEach((copy, i) => {
          assert.equal(Object.getPrototypeOf(copy), Uint8Array.prototype);
          assert.deepEqual(Buffer.from(copy), source.subarray(i, i + size));
          assert.notEqual(copy.buffer, source.buffer);
          copy.fill(0xee);
        });
        for (const [i, copy] of copies.entries()) copy.fill(i);
        for (const [i, copy] of copies.entries()) assert.deepEqual(copy, new Uint8Array(size).fill(i));
      });
    }
  }

  it("keeps no more than 8 KiB alive for a small copy", () => {
    for (let size = 0; size <= 2000; size += 7) {
      assert.ok(copyRange(source, 0, size).buffer.byteLength <= Math.max(size, 8192));
    }
  });

  it("lets copies be seen as numbers of any size", () => {
    for (const size of [72, 80, 104]) {
      copyRange(source, 0, 65);
      const copy = copyRange(source, 0, size);
      assert.equal(new Float64Array(copy.buffer, copy.byteOffset, size / 8).length, size / 8);
    }
  });

  it("views bytes where they lie, never as a Buffer", () => {
    const view = viewRange(source.subarray(10), 2, 5);
    assert.equal(Object.getPrototypeOf(view), Uint8Array.prototype);
    assert.equal(view.buffer, source.buffer);
    assert.deepEqual([...view], [12, 13, 14]);
  });
});
