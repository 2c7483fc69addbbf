import assert from "node:assert/strict";
import { StreamTable } from "../../../src/http2/stream/stream-table.js";

interface Stream {
  readonly id: number;
}

describe("StreamTable", () => {
  it("finds what was added, by its id alone", () => {
    const table = new StreamTable<Stream>();
    const stream = { id: 1 };
    table.add(stream);
    assert.equal(table.get(1), stream);
    assert.equal(table.get(33), undefined, "the same slot, another id");
    assert.equal(table.get(3), undefined);
    assert.equal(table.size, 1);
  });

  it("takes no memory for streams before there is one, and gives it back at rest when there is none", () => {
    const table = new StreamTable<Stream>();
    assert.equal(table.get(1), undefined);
    assert.equal(table.delete(1), false);
    assert.deepEqual(table.values(), []);
    for (let id = 1; id < 200; id += 2) table.add({ id });
    table.rest();
    assert.equal(table.size, 100);
    assert.equal(table.get(151)?.id, 151);
    for (let id = 1; id < 200; id += 2) assert.ok(table.delete(id));
    table.rest();
    assert.equal(table.get(151), undefined);
    table.add({ id: 201 });
    assert.equal(table.get(201)?.id, 201);
    assert.equal(table.size, 1);
  });

  it("deletes once", () => {
    const table = new StreamTable<Stream>();
    table.add({ id: 5 });
    assert.equal(table.delete(5), true);
    assert.equal(table.delete(5), false);
    assert.equal(table.delete(37), false);
    assert.equal(table.size, 0);
  });

  it("keeps a stream whose slot is wanted by many later ones", () => {
    const table = new StreamTable<Stream>();
    const old = { id: 1 };
    table.add(old);
    for (let id = 3; id < 100_000; id += 2) {
      table.add({ id });
      table.delete(id);
    }
    assert.equal(table.get(1), old);
    assert.deepEqual(table.values(), [old]);
    assert.equal(table.delete(1), true);
    assert.equal(table.size, 0);
  });

  it("is a Map to whoever looks at it", () => {
    let seed = 20_240_917;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const table = new StreamTable<Stream>();
    const model = new Map<number, Stream>();
    let next = 1;
    for (let step = 0; step < 50_000; step++) {
      if (random(100) < 52) {
        const stream = { id: next };
        next += 2;
        table.add(stream);
        model.set(stream.id, stream);
      } else {
        const id = 1 + 2 * random(next / 2);
        assert.equal(table.delete(id), model.delete(id));
      }
      const asked = 1 + 2 * random(next / 2);
      assert.equal(table.get(asked), model.get(asked));
      assert.equal(table.size, model.size);
    }
    assert.deepEqual(
      table
        .values()
        .map(({ id }) => id)
        .sort((a, b) => a - b),
      [...model.keys()],
    );
  });
});
