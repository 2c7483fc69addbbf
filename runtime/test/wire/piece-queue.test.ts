import assert from "node:assert/strict";
import { PieceQueue } from "../../src/wire/piece-queue.js";
import { mulberry32 } from "./mulberry32.js";

/** Everything in the queue, read to its end. */
function drain(queue: PieceQueue): number[] {
  const all: number[] = [];
  while (queue.bytes > 0) {
    const { head } = queue;
    all.push(...head.bytes.subarray(head.start, head.end));
    queue.advance(head.end - head.start);
  }
  return all;
}

/** The distinct memory that pieces keep alive, seen by reading the queue to its end. */
function retainedBytes(queue: PieceQueue): number {
  const buffers = new Set<ArrayBufferLike>();
  while (queue.bytes > 0) {
    buffers.add(queue.head.bytes.buffer);
    queue.advance(queue.head.end - queue.head.start);
  }
  return [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
}

describe("wire/piece-queue", () => {
  it("gives a lone piece where it lies", () => {
    const queue = new PieceQueue();
    const chunk = Uint8Array.of(0, 1, 2, 3);
    queue.push(chunk, 1, 3);
    assert.equal(queue.head.bytes, chunk);
    assert.deepEqual([queue.head.start, queue.head.end, queue.bytes], [1, 3, 2]);
    queue.advance(2);
    assert.equal(queue.bytes, 0);
    assert.notEqual(queue.head.bytes, chunk);
    assert.equal(queue.head.bytes.byteLength, 0);
  });

  it("keeps large pieces where they lie and copies small ones that wait", () => {
    const queue = new PieceQueue();
    const large = new Uint8Array(64 * 1024).fill(7);
    queue.push(large, 10, 20);
    queue.push(large, 0, 2048);
    assert.notEqual(queue.head.bytes, large);
    queue.advance(10);
    assert.equal(queue.head.bytes, large);
    queue.settle();
    assert.equal(queue.head.bytes, large);
    queue.advance(2000);
    queue.settle();
    assert.notEqual(queue.head.bytes, large);
    assert.deepEqual(drain(queue), new Array(48).fill(7));
  });

  it("keeps little memory alive for tiny pieces of large chunks", () => {
    for (const count of [1, 10, 1000, 100_000]) {
      const queue = new PieceQueue();
      const chunk = new Uint8Array(64 * 1024);
      for (let i = 0; i < count; i++) queue.push(chunk, i % 1000, (i % 1000) + 1);
      queue.settle();
      assert.equal(queue.bytes, count);
      const retained = retainedBytes(queue);
      assert.ok(retained <= 256 + 4 * count, `${retained} bytes for ${count}`);
    }
  });

  it("knows the memory that it keeps alive, each chunk once", () => {
    const queue = new PieceQueue();
    assert.equal(queue.memoryBytes, 0);
    const [first, second] = [new Uint8Array(64 * 1024), new Uint8Array(16 * 1024)];
    queue.push(first, 0, 10_000);
    queue.push(first, 10_000, 20_000);
    assert.equal(queue.memoryBytes, 64 * 1024);
    queue.push(second, 0, 10_000);
    queue.push(second, 12_000, 12_010);
    assert.equal(queue.memoryBytes, 80 * 1024 + 256, "ten bytes were copied");
    queue.advance(10_000);
    assert.equal(queue.memoryBytes, 80 * 1024 + 256);
    queue.advance(10_000);
    assert.equal(queue.memoryBytes, 16 * 1024 + 256);
    queue.advance(9990);
    queue.settle();
    assert.equal(queue.memoryBytes, 512 + 256, "ten bytes more were copied");
    queue.advance(10);
    assert.equal(queue.memoryBytes, 256);
    queue.push(first, 0, 10_000);
    queue.clear();
    assert.equal(queue.memoryBytes, 0);
  });

  it("still counts a chunk whose first piece was copied", () => {
    const queue = new PieceQueue();
    const chunk = new Uint8Array(64 * 1024);
    queue.push(chunk, 0, 10);
    queue.push(chunk, 10, 5000);
    assert.equal(queue.memoryBytes, 64 * 1024 + 256);
    queue.advance(10);
    assert.equal(queue.memoryBytes, 64 * 1024);
  });

  it("is empty after clear and works on", () => {
    const queue = new PieceQueue();
    const chunk = new Uint8Array(5000).fill(1);
    for (let i = 0; i < 3; i++) queue.push(chunk, 0, 5000);
    queue.clear();
    assert.equal(queue.bytes, 0);
    assert.equal(queue.head.end, 0);
    queue.push(Uint8Array.of(9), 0, 1);
    assert.deepEqual(drain(queue), [9]);
  });

  it("ignores empty pieces", () => {
    const queue = new PieceQueue();
    queue.push(new Uint8Array(4), 2, 2);
    assert.equal(queue.bytes, 0);
    assert.equal(queue.head.bytes.byteLength, 0);
  });

  it("gives every byte once and in order, however it is fed, settled and read", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = mulberry32(seed);
      const queue = new PieceQueue();
      let written = 0;
      let read = 0;
      for (let step = 0; step < 300; step++) {
        const choice = random();
        if (choice < 0.6) {
          const size = Math.floor(random() ** 4 * 3000);
          const pad = Math.floor(random() * 5);
          const chunk = new Uint8Array(size + 2 * pad);
          for (let i = 0; i < size; i++) chunk[pad + i] = written++ % 251;
          queue.push(chunk, pad, pad + size);
        } else if (choice < 0.7) {
          queue.settle();
        } else {
          for (let left = Math.floor(random() * 3000); left > 0 && queue.bytes > 0; ) {
            const { head } = queue;
            const size = Math.min(left, head.end - head.start);
            for (let i = 0; i < size; i++) assert.equal(head.bytes[head.start + i], read++ % 251, `seed ${seed}`);
            queue.advance(size);
            left -= size;
          }
        }
        assert.equal(queue.bytes, written - read, `seed ${seed}`);
        assert.ok(queue.memoryBytes >= queue.bytes, `seed ${seed}`);
        assert.equal(queue.memoryBytes === 0, queue.bytes === 0, `seed ${seed}`);
      }
      assert.deepEqual(
        drain(queue),
        Array.from({ length: written - read }, (_, i) => (read + i) % 251),
      );
    }
  });
});
