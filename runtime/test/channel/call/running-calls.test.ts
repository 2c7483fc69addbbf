import assert from "node:assert/strict";
import { type RunningCall, RunningCalls } from "../../../src/channel/call/running-calls.js";

class Item implements RunningCall {
  previous: RunningCall | undefined = undefined;
  following: RunningCall | undefined = undefined;
  constructor(readonly name: string) {}
}

describe("RunningCalls", () => {
  it("gives back what is in it, whichever was taken out", () => {
    for (const gone of ["a", "b", "c"]) {
      const list = new RunningCalls<Item>();
      const items = ["a", "b", "c"].map((name) => new Item(name));
      for (const item of items) list.add(item);
      assert.equal(list.size, 3);
      const taken = items.find((item) => item.name === gone);
      assert.ok(taken);
      list.delete(taken);
      const left = list.toArray().map((item) => item.name);
      assert.deepEqual(
        left.sort(),
        ["a", "b", "c"].filter((name) => name !== gone),
      );
      assert.equal(list.size, 2);
      assert.deepEqual([taken.previous, taken.following], [undefined, undefined], "it holds no other call in memory");
      list.add(taken);
      assert.equal(list.toArray().length, 3);
    }
  });

  it("is empty when all have gone", () => {
    const list = new RunningCalls<Item>();
    const items = ["a", "b"].map((name) => new Item(name));
    for (const item of items) list.add(item);
    for (const item of items) list.delete(item);
    assert.deepEqual(list.toArray(), []);
    assert.equal(list.size, 0);
  });
});
