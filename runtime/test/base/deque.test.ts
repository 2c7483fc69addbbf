import assert from "node:assert/strict";
import { Deque } from "../../src/base/deque.js";

describe("Deque", () => {
  it("is empty at first", () => {
    const deque = new Deque<number>();
    assert.deepEqual([deque.length, deque.peek(), deque.shift()], [0, undefined, undefined]);
  });

  it("keeps order over growth and wrap-around", () => {
    const deque = new Deque<number>();
    for (let i = 0; i < 6; i++) deque.push(i);
    for (let i = 0; i < 5; i++) assert.equal(deque.shift(), i);
    for (let i = 6; i < 100; i++) deque.push(i);
    for (let i = 5; i < 100; i++) assert.equal(deque.shift(), i);
    assert.equal(deque.length, 0);
  });

  it("can be used again after clear", () => {
    const deque = new Deque<string>();
    for (let i = 0; i < 20; i++) deque.push(`${i}`);
    deque.clear();
    assert.deepEqual([deque.length, deque.peek(), deque.shift()], [0, undefined, undefined]);
    deque.unshift("b");
    deque.unshift("a");
    assert.deepEqual([deque.shift(), deque.shift(), deque.length], ["a", "b", 0]);
  });

  it("does what an array does (seeded)", () => {
    const deque = new Deque<number>();
    const model: number[] = [];
    let state = 42;
    for (let i = 0; i < 20_000; i++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const action = (state >> 8) % 100;
      // Longer runs of filling than of emptying, and the other way round, so that the ring grows and turns.
      const filling = (i >> 9) % 2 === 0 ? 60 : 35;
      if (action === 99) {
        deque.clear();
        model.length = 0;
      } else if (action < filling / 2) {
        deque.unshift(i + 1);
        model.unshift(i + 1);
      } else if (action < filling) {
        deque.push(i + 1);
        model.push(i + 1);
      } else {
        assert.equal(deque.shift(), model.shift());
      }
      assert.equal(deque.length, model.length);
      assert.equal(deque.peek(), model[0]);
    }
  });
});
