import assert from "node:assert/strict";
import { arenaBytes, OutputArena } from "../../src/base/output-arena.js";
import { forSeeds, type SeededRandom } from "../hpack/random.js";

const joined = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks).toString("latin1");

function write(arena: OutputArena, text: string): void {
  arena.append(Buffer.from(text, "latin1"));
}

/** Writes as encoders do: room first, then bytes at the cursor. */
function encode(arena: OutputArena, bytes: Uint8Array): void {
  arena.ensure(bytes.length);
  arena.bytes.set(bytes, arena.position);
  arena.position += bytes.length;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

describe("OutputArena", () => {
  it("takes what was appended, once, in one piece", () => {
    const arena = new OutputArena();
    write(arena, "ab");
    write(arena, "cd");
    assert.equal(arena.pendingBytes, 4);
    const chunks = arena.take();
    assert.equal(chunks.length, 1);
    assert.equal(joined(chunks), "abcd");
    assert.equal(arena.pendingBytes, 0);
    assert.deepEqual(arena.take(), []);
  });

  it("appends behind what was taken and not yet released", () => {
    const arena = new OutputArena();
    write(arena, "ab");
    const first = arena.take();
    write(arena, "cd");
    assert.equal(joined(arena.take()), "cd");
    assert.equal(joined(first), "ab");
  });

  it("has no memory before there is something to write, then little, then more", () => {
    const arena = new OutputArena(16);
    assert.equal(arena.bytes.length, 0);
    write(arena, "ab");
    assert.equal(arena.bytes.length, 16);
    write(arena, "c".repeat(20));
    assert.equal(arena.bytes.length, 128);
    for (let i = 0; i < 10; i++) write(arena, "d".repeat(arenaBytes / 2));
    assert.equal(arena.bytes.length, arenaBytes);
    assert.equal(joined(arena.take()).length, 22 + 5 * arenaBytes);
  });

  it("starts over at its beginning when everything is released", () => {
    const arena = new OutputArena();
    write(arena, "ab");
    const { bytes } = arena;
    arena.take();
    arena.release();
    assert.equal(arena.position, 0);
    write(arena, "cd");
    assert.equal(arena.bytes, bytes);
    assert.equal(joined(arena.take()), "cd");
  });

  it("leaves its memory to others when everything is released, and has as much the next time", () => {
    const arena = new OutputArena();
    const other = new OutputArena();
    write(arena, "a".repeat(5000));
    const { bytes } = arena;
    arena.take();
    assert.equal(arena.bytes, bytes);
    arena.release();
    assert.equal(arena.bytes.length, 0);
    write(other, "b".repeat(5000));
    assert.equal(other.bytes, bytes);
    write(arena, "c");
    assert.equal(arena.bytes.length, bytes.length);
    assert.notEqual(arena.bytes, bytes);
  });

  it("leaves the memory that is full to others as well, but for what was detached from", () => {
    const arena = new OutputArena();
    write(arena, "a");
    const first = arena.bytes;
    write(arena, "b".repeat(1024));
    const second = arena.bytes;
    arena.begin(0);
    encode(arena, Buffer.from("detached"));
    const { chunks } = arena.detach(0);
    write(arena, "c".repeat(arenaBytes - 1024));
    assert.notEqual(arena.bytes, second);
    const taken = arena.take();
    arena.release();
    const others = Array.from({ length: 4 }, () => new OutputArena());
    for (const other of others) write(other, "d");
    assert.ok(others.some(({ bytes }) => bytes === first));
    for (const other of others) write(other, "e".repeat(2000));
    assert.ok(!others.some(({ bytes }) => bytes === second));
    assert.equal(joined(chunks), "detached");
    assert.equal(joined(taken).length, 1 + 1024 + arenaBytes - 1024);
  });

  it("does not start over while output waits to be taken", () => {
    const arena = new OutputArena();
    write(arena, "ab");
    arena.release();
    assert.equal(arena.position, 2);
    arena.appendReference(Buffer.from("x"));
    arena.release();
    assert.equal(joined(arena.take()), "abx");
  });

  it("does not start over amid a message", () => {
    const arena = new OutputArena();
    arena.begin(2);
    arena.release();
    write(arena, "ab");
    arena.commit();
    assert.equal(arena.pendingBytes, 4);
  });

  it("puts chunks into the output by reference, in their place", () => {
    const arena = new OutputArena();
    const reference = Buffer.from("reference");
    write(arena, "a");
    arena.appendReference(reference);
    write(arena, "b");
    assert.equal(arena.pendingBytes, 11);
    const chunks = arena.take();
    assert.equal(joined(chunks), "areferenceb");
    assert.equal(chunks[1], reference);
  });

  it("copies large chunks too when no message is being written", () => {
    const arena = new OutputArena();
    const large = Buffer.alloc(20_000, 1);
    arena.append(large);
    large.fill(2);
    assert.ok(arena.take().every((chunk) => chunk.every((byte) => byte === 1)));
  });

  describe("at rest", () => {
    it("has no memory, and takes some when there is something to write", () => {
      const arena = new OutputArena(16);
      write(arena, "before");
      arena.take();
      arena.rest();
      assert.equal(arena.bytes.length, 0);
      write(arena, "behind");
      assert.deepEqual(arena.take().map(String), ["behind"]);
    });

    it("leaves to others what they have taken, and what was detached", () => {
      const arena = new OutputArena();
      write(arena, "taken");
      const taken = arena.take();
      arena.begin(0);
      write(arena, "detached");
      const { chunks } = arena.detach(0);
      arena.rest();
      assert.equal(arena.bytes.length, 0);
      write(arena, "something that is longer than both");
      assert.deepEqual([...taken, ...chunks].map(String), ["taken", "detached"]);
    });

    it("does not come while there is output, or a message is being written", () => {
      const arena = new OutputArena();
      write(arena, "waits");
      arena.rest();
      assert.equal(arena.pendingBytes, 5);
      arena.take();
      arena.begin(2);
      write(arena, "amid");
      arena.rest();
      assert.equal(arena.messageBytes, 6);
    });
  });

  describe("messages", () => {
    it("are committed where they lie, behind their reserved bytes", () => {
      const arena = new OutputArena();
      write(arena, "x");
      arena.begin(3);
      assert.ok(arena.writing && arena.contiguous);
      assert.equal(arena.messageStart, 1);
      encode(arena, Buffer.from("body"));
      assert.equal(arena.messageBytes, 7);
      assert.equal(arena.pendingBytes, 1, "what is being written is not pending");
      arena.bytes.write("pre", arena.messageStart, "latin1");
      arena.commit();
      assert.ok(!arena.writing);
      assert.equal(joined(arena.take()), "xprebody");
    });

    it("find room for their reserved bytes", () => {
      const firstBytes = 64;
      for (const left of [0, 1, 8, 9, 10]) {
        const arena = new OutputArena(firstBytes);
        write(arena, "x".repeat(firstBytes - left));
        arena.begin(9);
        arena.bytes.write("reserved.", arena.messageStart, "latin1");
        arena.commit();
        assert.equal(joined(arena.take()).slice(-10), "xreserved.");
      }
    });

    it("leave no trace when they are aborted", () => {
      const arena = new OutputArena();
      write(arena, "x");
      arena.begin(3);
      encode(arena, Buffer.alloc(100_000));
      arena.append(Buffer.alloc(50_000));
      arena.abort();
      assert.ok(!arena.writing);
      assert.equal(arena.pendingBytes, 1);
      arena.begin(0);
      assert.ok(arena.contiguous);
      assert.equal(arena.messageBytes, 0);
      write(arena, "y");
      arena.commit();
      assert.equal(joined(arena.take()), "xy");
    });

    it("move along when the arena grows, and what is before them stays", () => {
      const arena = new OutputArena();
      const { bytes } = arena;
      const before = "b".repeat(8000);
      write(arena, before);
      arena.begin(5);
      encode(arena, Buffer.from("m".repeat(100)));
      encode(arena, Buffer.from("n".repeat(200_000)));
      assert.notEqual(arena.bytes, bytes);
      arena.bytes.write("front", arena.messageStart, "latin1");
      assert.equal(arena.messageBytes, 200_105);
      assert.equal(arena.view.buffer, arena.bytes.buffer);
      arena.commit();
      assert.equal(joined(arena.take()), `${before}front${"m".repeat(100)}${"n".repeat(200_000)}`);
    });

    it("refer to large chunks, copy small ones, and are then detached in pieces", () => {
      const arena = new OutputArena();
      const large = Buffer.alloc(16 * 1024, "L");
      arena.begin(9);
      write(arena, "head");
      arena.append(large);
      assert.ok(!arena.contiguous);
      arena.append(large);
      write(arena, "tail");
      assert.equal(arena.messageBytes, 9 + 8 + 2 * large.length);
      const { chunks, byteLength } = arena.detach(9);
      assert.equal(byteLength, 8 + 2 * large.length);
      assert.deepEqual(
        chunks.map((chunk) => chunk.length),
        [4, large.length, large.length, 4],
      );
      assert.equal(chunks[1], large);
      assert.equal(joined(chunks), `head${large}${large}tail`);
      assert.equal(arena.pendingBytes, 0);
      assert.ok(!arena.writing);
    });

    for (const size of [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      it(`have the length of a part of ${size} bytes before it`, () => {
        const arena = new OutputArena();
        arena.begin(9);
        write(arena, "head");
        const start = arena.openLength();
        encode(arena, Buffer.alloc(size, "x"));
        arena.closeLength(start);
        write(arena, "tail");
        const expected = Buffer.concat([
          ...[Buffer.from("head"), varint(size)],
          ...[Buffer.alloc(size, "x"), Buffer.from("tail")],
        ]);
        assert.ok(Buffer.concat(arena.detach(9).chunks).equals(expected));
      });
    }

    it("count what they refer to in the lengths of all parts around it, and in no other", () => {
      const arena = new OutputArena();
      const large = Buffer.alloc(20_000, "L");
      arena.begin(0);
      arena.append(large);
      const outer = arena.openLength();
      const before = arena.openLength();
      write(arena, "b");
      arena.closeLength(before);
      const inner = arena.openLength();
      arena.append(large);
      write(arena, "i");
      arena.closeLength(inner);
      arena.closeLength(outer);
      arena.append(large);
      const nested = Buffer.concat([varint(1), Buffer.from("b"), varint(20_001), large, Buffer.from("i")]);
      const expected = Buffer.concat([large, varint(nested.length), nested, large]);
      assert.equal(arena.messageBytes, expected.length);
      const { chunks } = arena.detach(0);
      assert.ok(Buffer.concat(chunks).equals(expected));
      assert.equal(chunks.filter((chunk) => chunk === large).length, 3);
    });

    it("are detached without their skipped bytes, a reference at either end too", () => {
      const arena = new OutputArena();
      const large = Buffer.alloc(16 * 1024, "L");
      arena.begin(9);
      arena.append(large);
      assert.deepEqual(arena.detach(9).chunks, [large]);
      arena.begin(9);
      assert.deepEqual(arena.detach(9), { chunks: [], byteLength: 0 });
    });

    it("that are detached stay as they are, whatever is written and released after them", () => {
      const arena = new OutputArena();
      write(arena, "before");
      arena.begin(9);
      write(arena, "detached");
      const { chunks } = arena.detach(9);
      write(arena, "after");
      assert.equal(joined(arena.take()), "beforeafter");
      for (let i = 0; i < 100; i++) {
        arena.release();
        arena.append(Buffer.alloc(5000, "x"));
        arena.take();
      }
      assert.equal(joined(chunks), "detached");
    });

    it("that were detached do not keep the arena from starting over for ever", () => {
      const arena = new OutputArena();
      arena.begin(0);
      write(arena, "detached");
      arena.detach(0);
      arena.append(Buffer.alloc(arenaBytes));
      arena.take();
      arena.release();
      assert.equal(arena.position, 0, "new memory, nothing outside lies in it");
    });
  });

  it("gives memory back that one large message needed", () => {
    for (const end of ["abort", "commit", "detach"] as const) {
      const arena = new OutputArena();
      arena.begin(0);
      encode(arena, Buffer.alloc(1 << 20, 1));
      const { chunks } = end === "detach" ? arena.detach(0) : { chunks: [] };
      if (end === "abort") arena.abort();
      if (end === "commit") arena.commit();
      arena.take();
      arena.release();
      assert.ok(arena.bytes.length <= arenaBytes, `${end}: ${arena.bytes.length} bytes are kept`);
      assert.equal(arena.position, 0);
      assert.equal(arena.view.byteLength, arena.bytes.length);
      write(arena, "next");
      assert.equal(joined(arena.take()), "next");
      assert.ok(chunks.every((chunk) => chunk.every((byte) => byte === 1)));
    }
  });

  it("asserts its order of calls", () => {
    const arena = new OutputArena();
    arena.begin(1);
    assert.throws(() => arena.begin(1), /one message is written at a time/);
    assert.throws(() => arena.take(), /no output is taken between/);
    assert.throws(() => arena.appendReference(Buffer.alloc(1)), /no output goes between/);
  });
});

/** Plays random commands against a plain list of bytes. */
class ArenaModel {
  readonly #arena = new OutputArena();
  readonly #expected: Buffer[] = [];
  /** Memory that nobody may write to until then, and what is in it. */
  #taken: [Uint8Array, Buffer][] = [];
  #detached: [Uint8Array, Buffer][] = [];

  constructor(readonly random: SeededRandom) {}

  play(steps: number): void {
    const moves = [this.append, this.reference, this.message, this.message, this.take, this.release, this.send];
    for (let step = 0; step < steps; step++) {
      this.random.pick(moves).call(this);
      const pending = this.#expected.reduce((sum, chunk) => sum + chunk.length, 0);
      assert.equal(this.#arena.pendingBytes, pending);
    }
    this.take();
    this.#checkUntouched();
  }

  append(): void {
    const bytes = this.#someBytes();
    this.#expected.push(Buffer.from(bytes));
    this.#arena.append(bytes);
    bytes.fill(0);
  }

  reference(): void {
    const bytes = this.#someBytes();
    this.#expected.push(Buffer.from(bytes));
    this.#arena.appendReference(bytes);
  }

  message(): void {
    const arena = this.#arena;
    const reserve = this.random.below(20);
    const parts: Buffer[] = [Buffer.alloc(reserve, 0x52)];
    arena.begin(reserve);
    for (let i = this.random.below(6); i > 0; i--) parts.push(this.#part());
    arena.bytes.fill(0x52, arena.messageStart, arena.messageStart + reserve);
    const message = Buffer.concat(parts);
    assert.equal(arena.messageBytes, message.length);
    const end = this.random.below(3);
    if (end === 0) {
      arena.abort();
    } else if (end === 1 && arena.contiguous) {
      arena.commit();
      this.#expected.push(message);
    } else {
      const { chunks, byteLength } = arena.detach(reserve);
      assert.equal(byteLength, message.length - reserve);
      assert.ok(Buffer.concat(chunks).equals(message.subarray(reserve)));
      for (const chunk of chunks) this.#detached.push([chunk, Buffer.from(chunk)]);
    }
  }

  /** Writes bytes, in one of the ways there are, or parts behind their length; returns what was written. */
  #part(): Buffer {
    const arena = this.#arena;
    if (this.random.below(4) === 0) {
      const start = arena.openLength();
      const inner = Buffer.concat(Array.from({ length: this.random.below(3) }, () => this.#part()));
      arena.closeLength(start);
      return Buffer.concat([varint(inner.length), inner]);
    }
    const bytes = this.#someBytes();
    if (this.random.below(2) === 0) encode(arena, bytes);
    else arena.append(bytes);
    return Buffer.from(bytes);
  }

  /** A detached chunk becomes output, in two pieces, as a stream's queue is sent. */
  send(): void {
    const [chunk, copy] = this.#detached.shift() ?? [Buffer.alloc(0), Buffer.alloc(0)];
    const cut = this.random.below(chunk.length + 1);
    for (const piece of [chunk.subarray(0, cut), chunk.subarray(cut)]) {
      if (piece.length < 2048) this.#arena.append(piece);
      else this.#arena.appendReference(piece);
    }
    this.#expected.push(copy);
  }

  take(): void {
    const chunks = this.#arena.take();
    assert.ok(Buffer.concat(chunks).equals(Buffer.concat(this.#expected.splice(0))), "output is what was written");
    for (const chunk of chunks) this.#taken.push([chunk, Buffer.from(chunk)]);
  }

  release(): void {
    this.#checkUntouched();
    this.#taken = [];
    this.#arena.release();
  }

  #checkUntouched(): void {
    for (const [chunk, copy] of [...this.#taken, ...this.#detached]) {
      assert.ok(copy.equals(chunk), "memory was overwritten while it was in use");
    }
  }

  #someBytes(): Buffer {
    const size = this.random.below(this.random.pick([2, 50, 50, 3000, 20_000, 80_000]));
    return Buffer.alloc(size, 1 + this.random.below(255));
  }
}

describe("OutputArena against a list of bytes", () => {
  it("gives the same output and never overwrites what is in use", () => {
    forSeeds(150, (random) => new ArenaModel(random).play(120));
  });
});
