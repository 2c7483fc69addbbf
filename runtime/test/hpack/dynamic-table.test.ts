import assert from "node:assert/strict";
import { DynamicTable } from "../../src/hpack/dynamic-table.js";
import { forSeeds } from "./random.js";

type Entry = readonly [name: string, value: string];

function entriesOf(table: DynamicTable): Entry[] {
  return Array.from({ length: table.length }, (_, i) => [table.nameAt(i + 1), table.valueAt(i + 1)] as const);
}

/** RFC 7541 §4 said with arrays. */
class NaiveTable {
  entries: Entry[] = [];
  evicted: string[] = [];
  inserted = 0;
  constructor(public maxBytes: number) {}

  get bytes(): number {
    return this.entries.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  }

  insert(name: string, value: string): void {
    const size = name.length + value.length + 32;
    while (this.entries.length > 0 && this.bytes + size > this.maxBytes) this.evict();
    if (size > this.maxBytes) return;
    this.entries.unshift([name, value]);
    this.inserted++;
  }

  resize(maxBytes: number): void {
    this.maxBytes = maxBytes;
    while (this.bytes > maxBytes) this.evict();
  }

  private evict(): void {
    const sequence = this.inserted - this.entries.length + 1;
    const [name, value] = this.entries.pop() as Entry;
    this.evicted.push(`${sequence} ${name}=${value}`);
  }
}

describe("hpack dynamic table", () => {
  it("counts an entry as name, value and 32 bytes", () => {
    const table = new DynamicTable(4096);
    table.insert("custom-key", "custom-header");
    assert.equal(table.bytes, 55);
    assert.equal(table.freeBytes, 4041);
    assert.deepEqual(entriesOf(table), [["custom-key", "custom-header"]]);
  });

  it("has the newest entry at index 1", () => {
    const table = new DynamicTable(4096);
    table.insert("a", "1");
    table.insert("b", "2");
    assert.deepEqual(entriesOf(table), [
      ["b", "2"],
      ["a", "1"],
    ]);
  });

  it("takes an entry that fits exactly, and evicts for one byte more", () => {
    const table = new DynamicTable(68);
    table.insert("a", "1");
    table.insert("b", "2");
    assert.equal(table.length, 2);
    assert.equal(table.freeBytes, 0);
    table.insert("c", "");
    assert.deepEqual(entriesOf(table), [
      ["c", ""],
      ["b", "2"],
    ]);
  });

  it("is emptied by an entry larger than itself, which is no error (RFC 7541 §4.4)", () => {
    const table = new DynamicTable(64);
    table.insert("a", "1");
    table.insert("name", "x".repeat(29));
    assert.equal(table.length, 0);
    assert.equal(table.bytes, 0);
  });

  it("evicts on a resize, and holds nothing at 0", () => {
    const table = new DynamicTable(4096);
    table.insert("a", "1");
    table.insert("b", "2");
    table.resize(34);
    assert.deepEqual(entriesOf(table), [["b", "2"]]);
    table.resize(0);
    assert.equal(table.length, 0);
    table.insert("c", "3");
    assert.equal(table.length, 0);
    table.resize(4096);
    table.insert("d", "4");
    assert.deepEqual(entriesOf(table), [["d", "4"]]);
  });

  it("has a new epoch after each insertion, eviction and resize", () => {
    const table = new DynamicTable(64);
    const epochs = [table.epoch];
    table.insert("a", "1");
    epochs.push(table.epoch);
    table.insert("too", "large".repeat(20));
    epochs.push(table.epoch);
    table.resize(64);
    epochs.push(table.epoch);
    assert.equal(new Set(epochs).size, epochs.length);
    table.nameAt(1);
    assert.equal(table.epoch, epochs.at(-1));
  });

  it("does what a naive table does", () => {
    forSeeds(60, (random) => {
      const sizes = [0, 40, 100, 256, 1000, 4096, 65536];
      const maxBytes = random.pick(sizes);
      const naive = new NaiveTable(maxBytes);
      const evicted: string[] = [];
      const table = new DynamicTable(maxBytes, {
        onEvict: (name, value, sequence) => evicted.push(`${sequence} ${name}=${value}`),
      });
      for (let step = 0; step < 400; step++) {
        if (random.next() < 0.05) {
          const size = random.pick(sizes);
          table.resize(size);
          naive.resize(size);
        } else {
          const name = random.text(random.below(12), "abc");
          const value = random.text(random.below(random.next() < 0.1 ? 300 : 20), "xyz");
          table.insert(name, value);
          naive.insert(name, value);
        }
        assert.deepEqual(
          [table.length, table.bytes, table.maxBytes],
          [naive.entries.length, naive.bytes, naive.maxBytes],
        );
        if (step % 20 === 0) assert.deepEqual(entriesOf(table), naive.entries);
      }
      assert.deepEqual(entriesOf(table), naive.entries);
      assert.deepEqual(evicted, naive.evicted);
      assert.equal(table.insertCount, naive.inserted);
    });
  });
});
