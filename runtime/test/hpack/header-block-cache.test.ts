import assert from "node:assert/strict";
import type { HpackDecoder } from "../../src/hpack/decoder.js";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { fingerprintOf, HeaderBlockCache } from "../../src/hpack/header-block-cache.js";
import { createDecoder, decodeBlock, fieldsOf, octets, wire } from "./fields.js";

/** Decodes until the block would be kept if it ever is. */
function decodeOften(decoder: HpackDecoder, bytes: Uint8Array): HeaderBlock {
  decodeBlock(decoder, bytes);
  decodeBlock(decoder, bytes);
  return decodeBlock(decoder, bytes);
}

function isKept(decoder: HpackDecoder, bytes: Uint8Array): boolean {
  const block = decodeOften(decoder, bytes);
  return decodeBlock(decoder, Buffer.from(bytes)) === block;
}

describe("hpack header block cache", () => {
  it("gives the same instance for the same octets, from the third time on", () => {
    const decoder = createDecoder();
    const bytes = octets("82 86 84");
    const first = decodeBlock(decoder, bytes);
    const second = decodeBlock(decoder, bytes);
    assert.notEqual(first, second, "nothing is kept of a block that came once");
    assert.equal(decodeBlock(decoder, bytes), second);
    assert.equal(decodeBlock(decoder, Buffer.from(bytes)), second);
    assert.deepEqual(fieldsOf(second), [":method", "GET", ":scheme", "http", ":path", "/"]);
  });

  it("keeps blocks with literals that are not indexed", () => {
    const bytes = Buffer.concat([wire.indexed(3), wire.withoutIndexing(4, "/a.B/C"), wire.indexed(7)]);
    assert.equal(isKept(createDecoder(), bytes), true);
  });

  it("keeps no block with a never-indexed literal", () => {
    const secret = Buffer.concat([wire.indexed(3), wire.neverIndexed(23, "Bearer 1")]);
    assert.equal(isKept(createDecoder(), secret), false);
    assert.equal(isKept(createDecoder(), wire.neverIndexed("x", "")), false);
  });

  it("keeps no block that changes the table or its size", () => {
    assert.equal(isKept(createDecoder(), wire.incremental("x", "1")), false);
    assert.equal(isKept(createDecoder(), wire.sizeUpdate(4096)), false);
    assert.equal(isKept(createDecoder(), Buffer.concat([wire.sizeUpdate(4096), wire.indexed(2)])), false);
    assert.equal(
      isKept(createDecoder(), wire.incremental("x", "v".repeat(5000))),
      false,
      "an insertion that did not fit",
    );
  });

  it("takes no block for another that differs from it in any one octet", () => {
    const idOf = (digits: string): Uint8Array => Buffer.concat([wire.indexed(3), wire.withoutIndexing("x-id", digits)]);
    const zeros = "0".repeat(80);
    for (let at = 0; at < zeros.length; at++) {
      const decoder = createDecoder();
      const other = idOf(`${zeros.slice(0, at)}1${zeros.slice(at + 1)}`);
      decodeBlock(decoder, idOf(zeros));
      const first = decodeBlock(decoder, other);
      assert.notEqual(decodeBlock(decoder, other), first, `digit ${at}: it was kept when it came once`);
    }
  });

  it("keeps no block that is too large in octets", () => {
    assert.equal(isKept(createDecoder(), wire.withoutIndexing("x", "v".repeat(251))), true);
    assert.equal(isKept(createDecoder(), wire.withoutIndexing("x", "v".repeat(252))), false);
  });

  it("keeps no block that was refused", () => {
    const decoder = createDecoder({ maxFields: 1 });
    const bytes = octets("82 86");
    for (let time = 0; time < 4; time++) assert.equal(decoder.decode(bytes, 0, 2).kind, "tooLarge");
  });

  it("forgets everything when the table changes, even where the octets mean the same", () => {
    const changes = [wire.incremental("y", "2"), wire.sizeUpdate(4000)];
    for (const change of changes) {
      const decoder = createDecoder();
      decodeBlock(decoder, wire.incremental("x", "1"));
      const bytes = Buffer.concat([wire.indexed(62), wire.indexed(2), wire.indexed(6)]);
      const before = decodeOften(decoder, bytes);
      decodeBlock(decoder, change);
      const after = decodeBlock(decoder, bytes);
      assert.notEqual(after, before);
      const expected = change === changes[0] ? ["y", "2"] : ["x", "1"];
      assert.deepEqual(after.fields.slice(0, 2), expected);
    }
  });

  it("gives all fields in one list, unless prefixes are to be shared", () => {
    const decoder = createDecoder();
    const head = octets("83 86 84");
    for (const timeout of ["1m", "2m", "3m", "4m"]) {
      const block = decodeBlock(decoder, Buffer.concat([head, wire.withoutIndexing("grpc-timeout", timeout)]));
      assert.equal(block.prefix, undefined);
      assert.deepEqual(block.fields, [":method", "POST", ":scheme", "http", ":path", "/", "grpc-timeout", timeout]);
    }
    assert.deepEqual(decodeBlock(decoder, head).fields, [":method", "POST", ":scheme", "http", ":path", "/"]);
  });

  it("shares the indexed head of blocks with different tails", () => {
    const decoder = createDecoder({ sharePrefixes: true });
    const head = octets("83 86 84");
    const blocks = ["1m", "2m", "3m", "4m"].map((timeout) =>
      decodeBlock(decoder, Buffer.concat([head, wire.withoutIndexing("grpc-timeout", timeout)])),
    );
    assert.equal(blocks[0]?.prefix, undefined);
    assert.notEqual(blocks[2]?.prefix, undefined);
    assert.equal(blocks[2]?.prefix, blocks[3]?.prefix);
    assert.deepEqual(blocks[3]?.prefix?.fields, [":method", "POST", ":scheme", "http", ":path", "/"]);
    assert.deepEqual(blocks[3]?.fields, ["grpc-timeout", "4m"]);
    assert.equal(blocks[3]?.prefix?.prefix, undefined);
    assert.equal(decodeBlock(decoder, head), blocks[3]?.prefix, "the head alone is the same block");
  });

  it("shares the head of blocks whose tail is a secret, and keeps nothing of the tail", () => {
    const decoder = createDecoder({ sharePrefixes: true });
    const bytes = Buffer.concat([octets("83 86 84"), wire.neverIndexed(23, "Bearer 1")]);
    const first = decodeOften(decoder, bytes);
    const second = decodeBlock(decoder, bytes);
    assert.notEqual(first, second);
    assert.notEqual(second.prefix, undefined);
    assert.equal(first.prefix, second.prefix);
    assert.equal(second.prefix?.get("authorization"), undefined);
  });

  it("does not take a head for known in a block that changes the table, but uses one", () => {
    const decoder = createDecoder({ sharePrefixes: true });
    const head = octets("83 86 84");
    for (let time = 0; time < 4; time++) {
      assert.equal(decodeBlock(decoder, Buffer.concat([head, wire.incremental("x", `${time}`)])).prefix, undefined);
    }
    const known = decodeOften(decoder, head);
    assert.equal(decodeBlock(decoder, Buffer.concat([head, wire.incremental("x", "new")])).prefix, known);
    assert.notEqual(decodeBlock(decoder, head), known);
  });

  it("does not confuse blocks that differ in one octet only, wherever that is", () => {
    const decoder = createDecoder();
    const value = Buffer.from("v".repeat(200), "latin1");
    const start = wire.withoutIndexing("x", "v".repeat(200)).length - 200;
    decodeOften(decoder, wire.withoutIndexing("x", value.toString("latin1")));
    for (let at = 0; at < 200; at++) {
      const other = wire.withoutIndexing("x", value.toString("latin1"));
      other[start + at] = 0x77;
      const expected = `${"v".repeat(at)}w${"v".repeat(199 - at)}`;
      for (let time = 0; time < 3; time++) assert.equal(decodeBlock(decoder, other).get("x"), expected);
    }
  });

  it("is bounded: one block for each of 32 places", () => {
    const cache = new HeaderBlockCache();
    cache.enter(1);
    const block = new HeaderBlock([]);
    const kept = Array.from({ length: 100 }, (_, i) => Uint8Array.of(0x82, i));
    for (const bytes of kept) {
      const fingerprint = fingerprintOf(bytes, 0, 2);
      cache.put(fingerprint, { bytes, result: { kind: "ok", block }, listBytes: 0, fieldCount: 0 });
      assert.notEqual(cache.find(fingerprint, bytes, 0, 2), undefined);
    }
    const found = kept.filter((bytes) => cache.find(fingerprintOf(bytes, 0, 2), bytes, 0, 2) !== undefined);
    assert.ok(found.length <= 32 && found.length > 8, `${found.length} found`);
    cache.enter(2);
    assert.ok(kept.every((bytes) => cache.find(fingerprintOf(bytes, 0, 2), bytes, 0, 2) === undefined));
  });

  it("has fingerprints that look at every part of a block", () => {
    for (const size of [1, 2, 15, 16, 17, 31, 33, 64, 256]) {
      const bytes = new Uint8Array(size).fill(0x61);
      const base = fingerprintOf(bytes, 0, size);
      assert.equal(fingerprintOf(Buffer.from(bytes), 0, size), base);
      let seen = 0;
      for (let at = 0; at < size; at++) {
        bytes[at] = 0x62;
        if (fingerprintOf(bytes, 0, size) !== base) seen++;
        bytes[at] = 0x61;
      }
      assert.ok(seen >= Math.min(size, 8), `${seen} of ${size}`);
    }
  });
});
