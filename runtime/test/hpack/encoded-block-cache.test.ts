import assert from "node:assert/strict";
import { EncodedBlockCache } from "../../src/hpack/encoded-block-cache.js";
import { HpackEncoder } from "../../src/hpack/encoder.js";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { createDecoder, decodeBlock, encode, fieldsOf } from "./fields.js";

function prefixOf(path: string): HeaderBlock {
  return new HeaderBlock([
    ":method",
    "POST",
    ":scheme",
    "http",
    ":path",
    path,
    ":authority",
    "localhost",
    "te",
    "trailers",
  ]);
}

describe("hpack encoded block cache", () => {
  const block = new HeaderBlock(["a", "b"]);

  it("keeps a copy of the octets with their epoch", () => {
    const cache = new EncodedBlockCache();
    const bytes = Buffer.from([1, 2, 3, 4]);
    cache.set(block, bytes, 1, 3, 7);
    bytes.fill(0);
    const cached = cache.get(block);
    assert.deepEqual([...(cached?.bytes ?? [])], [2, 3]);
    assert.equal(cached?.epoch, 7);
    assert.equal(cache.get(new HeaderBlock(["a", "b"])), undefined, "identity counts, not what it says");
  });

  it("is bounded in blocks, the first to come giving way, and in octets", () => {
    const cache = new EncodedBlockCache();
    const blocks = Array.from({ length: 129 }, () => new HeaderBlock([]));
    for (const each of blocks) cache.set(each, Buffer.alloc(4), 0, 4, 1);
    assert.equal(blocks.filter((each) => cache.get(each) !== undefined).length, 128);
    assert.equal(cache.get(blocks[0] as HeaderBlock), undefined);
    cache.set(blocks[1] as HeaderBlock, Buffer.alloc(4), 0, 4, 2);
    assert.equal(blocks.filter((each) => cache.get(each) !== undefined).length, 128, "a new epoch takes no new place");
    cache.set(block, Buffer.alloc(513), 0, 513, 1);
    assert.equal(cache.get(block), undefined);
    cache.set(block, Buffer.alloc(512), 0, 512, 1);
    assert.notEqual(cache.get(block), undefined);
  });

  it("knows a block again among the last few", () => {
    const cache = new EncodedBlockCache();
    assert.equal(cache.isRepeated(block), false);
    assert.equal(cache.isRepeated(block), true);
    for (let i = 0; i < 3; i++) cache.isRepeated(new HeaderBlock([]));
    assert.equal(cache.isRepeated(block), true);
    cache.isRepeated(new HeaderBlock([]));
    assert.equal(cache.isRepeated(block), false);
  });
});

describe("hpack encoder: blocks that come again", () => {
  it("writes the same octets for a prefix from the second time on, and a varying tail after it", () => {
    const encoder = new HpackEncoder();
    const decoder = createDecoder();
    const prefix = prefixOf("/a/B");
    for (let i = 0; i < 6; i++) {
      const block = new HeaderBlock(["grpc-timeout", `${100 + i}m`], prefix);
      const bytes = encode(encoder, block);
      assert.deepEqual(fieldsOf(decodeBlock(decoder, bytes)), fieldsOf(block));
      if (i > 0) assert.equal(bytes.subarray(0, 5).toString("hex"), "8386c1c0bf");
    }
  });

  it("is right after each kind of change to the table", () => {
    const encoder = new HpackEncoder();
    const decoder = createDecoder();
    const prefixes = [prefixOf("/a/B"), prefixOf("/a/C"), prefixOf("/a/D")];
    const constant = new HeaderBlock(["grpc-status", "0"]);
    const exchange = (block: HeaderBlock) => {
      assert.deepEqual(fieldsOf(decodeBlock(decoder, encode(encoder, block))), fieldsOf(block));
    };
    const changes = [
      () => exchange(new HeaderBlock(["x-new", "1"])),
      () => encoder.setMaxTableSize(200),
      () => encoder.setMaxTableSize(4096),
      () => encoder.setMaxTableSize(0),
      () => encoder.setMaxTableSize(300),
      () => exchange(new HeaderBlock(["x-other", "v".repeat(90)])),
      () => exchange(new HeaderBlock(["x-again", "v".repeat(90)])),
    ];
    for (const change of changes) {
      for (let time = 0; time < 4; time++) {
        for (const prefix of prefixes) exchange(new HeaderBlock(["grpc-timeout", `${time}S`], prefix));
        exchange(constant);
      }
      change();
    }
  });

  it("takes prefixes of prefixes", () => {
    const encoder = new HpackEncoder();
    const decoder = createDecoder();
    const inner = new HeaderBlock([":path", "/x"], new HeaderBlock([":method", "POST"], new HeaderBlock(["a", "b"])));
    for (let time = 0; time < 4; time++) {
      const block = new HeaderBlock(["x-time", `${time}`], inner);
      assert.deepEqual(fieldsOf(decodeBlock(decoder, encode(encoder, block))), fieldsOf(block));
    }
  });

  it("writes a constant from its kept octets once it came again", () => {
    const encoder = new HpackEncoder();
    const fields = ["grpc-status", "0"];
    const constant = new HeaderBlock(fields);
    for (let time = 0; time < 3; time++) encode(encoder, constant);
    assert.equal(encode(encoder, constant).toString("hex"), "be");
    // A block is immutable. A test may break that law, to see where the octets come from.
    fields[1] = "5";
    assert.equal(encode(encoder, constant).toString("hex"), "be");
    encode(encoder, new HeaderBlock(["x-new", "1"]));
    assert.notEqual(encode(encoder, constant).toString("hex"), "bf", "the table changed: encoded anew");
  });

  it("never keeps the octets of a never-indexed field", () => {
    const fields = [":method", "POST", "authorization", "Bearer 1"];
    for (const shape of ["prefix", "constant"]) {
      const encoder = new HpackEncoder();
      const shared = new HeaderBlock(fields);
      const block = shape === "prefix" ? new HeaderBlock([], shared) : shared;
      fields[3] = "Bearer 1";
      for (let time = 0; time < 4; time++) encode(encoder, block);
      fields[3] = "Bearer 2";
      const decoded = decodeBlock(createDecoder(), encode(encoder, block));
      assert.equal(decoded.get("authorization"), "Bearer 2", `${shape}: encoded anew each time`);
    }
  });
});
