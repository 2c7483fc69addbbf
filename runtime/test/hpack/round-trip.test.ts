import assert from "node:assert/strict";
import { HpackEncoder } from "../../src/hpack/encoder.js";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { createDecoder, decode, decodeBlock, encode, encodeFields, fieldsOf } from "./fields.js";
import { forSeeds, type SeededRandom } from "./random.js";

const names = [
  ":path",
  ":method",
  "grpc-timeout",
  "x-a",
  "x-b",
  "authorization",
  "cookie",
  "user-agent",
  "x-long-name",
];
const values = ["", "/", "POST", "0", "1", "same", "v".repeat(40), "V\xff".repeat(30), "w".repeat(1000)];

function randomFields(random: SeededRandom): string[] {
  const fields: string[] = [];
  for (let left = random.below(10); left > 0; left--) {
    const name = random.next() < 0.9 ? random.pick(names) : `x-${random.below(1000)}`;
    const value = random.next() < 0.7 ? random.pick(values) : random.text(random.below(60));
    fields.push(name, value);
  }
  return fields;
}

describe("hpack encoder to decoder", () => {
  it("carries random blocks over random table sizes, and both tables agree", () => {
    forSeeds(150, (random) => {
      const encoder = new HpackEncoder();
      const decoder = createDecoder({ maxListBytes: 1 << 16, sharePrefixes: random.next() < 0.5 });
      const shared = Array.from({ length: 5 }, () => new HeaderBlock(randomFields(random)));
      for (let step = 0; step < 120; step++) {
        for (let changes = random.next() < 0.1 ? 1 + random.below(3) : 0; changes > 0; changes--) {
          encoder.setMaxTableSize(random.pick([0, 31, 64, 100, 300, 1000, 4096, 10000]));
        }
        const kind = random.below(3);
        const block =
          kind === 0
            ? random.pick(shared)
            : new HeaderBlock(randomFields(random), kind === 1 ? random.pick(shared) : undefined);
        const bytes = encode(encoder, block);
        assert.deepEqual(fieldsOf(decodeBlock(decoder, bytes)), fieldsOf(block));
        assert.equal(decoder.tableBytes, encoder.tableBytes);
      }
    });
  });

  it("goes on as before when either of them has come to rest", () => {
    forSeeds(100, (random) => {
      const encoder = new HpackEncoder();
      const decoder = createDecoder({ maxListBytes: 1 << 16, sharePrefixes: true });
      const shared = Array.from({ length: 3 }, () => new HeaderBlock(randomFields(random)));
      for (let step = 0; step < 120; step++) {
        if (random.next() < 0.2) encoder.rest();
        if (random.next() < 0.2) decoder.rest();
        const prefix = random.pick(shared);
        const block = random.next() < 0.5 ? prefix : new HeaderBlock(randomFields(random), prefix);
        const bytes = encode(encoder, block);
        assert.deepEqual(fieldsOf(decodeBlock(decoder, bytes)), fieldsOf(block));
        assert.equal(decoder.tableBytes, encoder.tableBytes);
      }
    });
  });

  it("finds at rest what both tables have", () => {
    const encoder = new HpackEncoder();
    const block = new HeaderBlock([":path", "/a.B/C", "x-a", "1", "x-b", "1", "x-a", "2", "x-a", "2"]);
    for (let i = 0; i < 3; i++) encode(encoder, block);
    const before = encode(encoder, block);
    encoder.rest();
    assert.deepEqual(encode(encoder, block), before);
  });

  it("survives random octets: a result each time, never a throw", () => {
    const kinds = { ok: 0, tooLarge: 0, error: 0 };
    forSeeds(3000, (random) => {
      const decoder = createDecoder({ maxListBytes: 400, maxFields: 8 });
      for (let block = 0; block < 4; block++)
        kinds[decode(decoder, random.bytes(random.below(random.pick([4, 12, 60])))).kind]++;
      assert.ok(decoder.tableBytes <= 4096);
    });
    assert.ok(kinds.ok > 100 && kinds.error > 1000, JSON.stringify(kinds));
  });

  it("survives mutations of good blocks, and what it takes is within the limits", () => {
    const kinds = { ok: 0, tooLarge: 0, error: 0 };
    forSeeds(1500, (random) => {
      const encoder = new HpackEncoder();
      const decoder = createDecoder({ maxListBytes: 1000, maxFields: 8 });
      for (let block = 0; block < 6; block++) {
        const bytes = encodeFields(encoder, ...randomFields(random));
        for (let flips = random.below(3); flips > 0 && bytes.length > 0; flips--) {
          const at = random.below(bytes.length);
          bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        }
        const result = decode(decoder, bytes);
        kinds[result.kind]++;
        if (result.kind === "ok") {
          assert.ok(result.block.listBytes <= 1000);
          assert.ok(fieldsOf(result.block).length <= 16);
        }
        if (result.kind === "tooLarge") assert.ok(result.listBytes <= 4000 && result.fields <= 32);
      }
    });
    assert.ok(Math.min(kinds.ok, kinds.tooLarge, kinds.error) > 50, JSON.stringify(kinds));
  });

  it("decodes the same with a cache as without: octets repeat, tables change", () => {
    forSeeds(200, (random) => {
      const cached = createDecoder({ sharePrefixes: random.next() < 0.5 });
      const history: Buffer[] = [];
      const pool = Array.from({ length: 6 }, () => randomBlock(random));
      for (let step = 0; step < 40; step++) {
        const bytes = random.next() < 0.9 ? random.pick(pool) : randomBlock(random);
        const result = decode(cached, bytes);
        // A decoder that sees each block for the first time, but for what it needs to have the same table.
        const fresh = createDecoder();
        for (const earlier of history) fresh.decode(Buffer.concat([earlier]), 0, earlier.length);
        const expected = decode(fresh, bytes);
        assert.equal(result.kind, expected.kind);
        if (result.kind === "ok" && expected.kind === "ok")
          assert.deepEqual(fieldsOf(result.block), fieldsOf(expected.block));
        if (result.kind === "error") return;
        if (changesTable(bytes)) history.push(bytes);
      }
    });
  });
});

/** A few representations, short enough that they repeat: an indexed run, then literals. */
function randomBlock(random: SeededRandom): Buffer {
  const octets: number[] = [];
  for (let run = random.below(6); run > 0; run--) octets.push(0x80 + 1 + random.below(random.next() < 0.1 ? 63 : 61));
  if (random.next() < 0.6) octets.push(random.pick([0x00, 0x10]), 1, 0x61 + random.below(2), 1, 0x30 + random.below(3));
  if (random.next() < 0.15) octets.push(0x40, 1, 0x61 + random.below(2), 1, 0x30 + random.below(3));
  return Buffer.from(octets);
}

function changesTable(bytes: Buffer): boolean {
  return bytes.includes(0x40);
}
