import assert from "node:assert/strict";
import { createDecoder, decode, decodeBlock, decodeError, fieldsOf, octets, wire } from "./fields.js";

function join(...parts: Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

describe("hpack decoder: representations", () => {
  it("takes names by index from both tables, in every literal", () => {
    const decoder = createDecoder();
    const block = join(
      wire.incremental("x-a", "1"),
      wire.incremental(62, "2"),
      wire.withoutIndexing(63, "3"),
      wire.neverIndexed(62, "4"),
      wire.incremental(31, "application/grpc"),
    );
    const fields = ["x-a", "1", "x-a", "2", "x-a", "3", "x-a", "4", "content-type", "application/grpc"];
    assert.deepEqual(fieldsOf(decodeBlock(decoder, block)), fields);
    assert.equal(decoder.tableBytes, 2 * 36 + 60);
  });

  it("takes the name of an entry that the insertion evicts (RFC 7541 §4.4)", () => {
    const decoder = createDecoder();
    decodeBlock(decoder, join(wire.sizeUpdate(100), wire.incremental("x-name", "v".repeat(60))));
    assert.deepEqual(fieldsOf(decodeBlock(decoder, wire.incremental(62, "w".repeat(60)))), ["x-name", "w".repeat(60)]);
    assert.deepEqual(fieldsOf(decodeBlock(decoder, wire.indexed(62))), ["x-name", "w".repeat(60)]);
    assert.match(decodeError(decoder, wire.indexed(63)), /expected 1 to 62/);
  });

  it("keeps the order of fields, duplicates and empty text", () => {
    const decoder = createDecoder();
    const block = join(wire.withoutIndexing("b", ""), wire.withoutIndexing("a", "1"), wire.withoutIndexing("b", ""));
    assert.deepEqual(fieldsOf(decodeBlock(decoder, block)), ["b", "", "a", "1", "b", ""]);
    assert.deepEqual(fieldsOf(decodeBlock(decoder, wire.withoutIndexing("", "x"))), ["", "x"], "for HTTP/2 to refuse");
  });

  it("keeps octets above 0x7f, CR, LF and NUL as they are: for HTTP/2 to refuse", () => {
    const value = "\x00\r\n\xe9\xff";
    assert.deepEqual(fieldsOf(decodeBlock(createDecoder(), wire.withoutIndexing("x", value))), ["x", value]);
  });

  it("takes an empty block", () => {
    assert.deepEqual(fieldsOf(decodeBlock(createDecoder(), Buffer.alloc(0))), []);
  });

  it("reads only what it is given of a chunk, Buffer or not, and keeps nothing of it", () => {
    const inner = join(wire.indexed(2), wire.incremental("x-some-long-name", "some long value of many octets"));
    const chunk = new Uint8Array(inner.length + 2).fill(0xff);
    chunk.set(inner, 1);
    const decoder = createDecoder();
    const result = decoder.decode(chunk, 1, 1 + inner.length);
    assert.equal(result.kind, "ok");
    chunk.fill(0);
    const entry = ["x-some-long-name", "some long value of many octets"];
    assert.deepEqual(result.kind === "ok" && fieldsOf(result.block), [":method", "GET", ...entry]);
    assert.deepEqual(fieldsOf(decodeBlock(decoder, wire.indexed(62))), entry);
  });
});

describe("hpack decoder: errors", () => {
  const cases: [what: string, bytes: Buffer, message: string][] = [
    ["index 0", octets("80"), "HPACK index is 0, expected 1 to 61"],
    ["an index behind the table", octets("be"), "HPACK index is 62, expected 1 to 61"],
    ["a name index behind the table", octets("7e 01 61"), "HPACK index is 62, expected 1 to 61"],
    ["a name index without indexing", octets("0f 2f 01 61"), "HPACK index is 62, expected 1 to 61"],
    ["a huge index", octets("ff ff ff ff 0f"), "HPACK index is 33554558, expected 1 to 61"],
    ["an index of six octets", octets("ff 80 80 80 80 00"), "HPACK integer at octet 0 is longer than 5 octets"],
    ["a cut integer", octets("82 ff"), "HPACK integer at octet 1 is cut off by the end of the header block"],
    ["a missing name", octets("40"), "HPACK integer at octet 1 is cut off by the end of the header block"],
    ["a missing value", octets("41"), "HPACK integer at octet 1 is cut off by the end of the header block"],
    ["a cut value", octets("82 41 03 61"), "HPACK string at octet 2 has 3 octets, the block 1 more"],
    ["bad padding", octets("41 81 00"), "HPACK string at octet 1 has padding that is not up to 7 ones"],
    ["end of string", octets("41 84 ff ff ff ff"), "HPACK string at octet 1 has the end-of-string symbol in its text"],
    ["a size over the limit", octets("3f e2 1f"), "HPACK table size update is 4097 bytes, limit 4096"],
    ["a late size update", octets("82 20"), "HPACK table size update at octet 1 follows a header field"],
    ["a third size update", octets("20 20 20"), "header block begins with more than 2 HPACK table size updates"],
    ["a cut size update", octets("3f"), "HPACK integer at octet 0 is cut off by the end of the header block"],
  ];
  for (const [what, bytes, message] of cases) {
    it(`refuses ${what}`, () => {
      assert.equal(decodeError(createDecoder(), bytes), message);
    });
  }

  it("gives the same error ever after: the table is not to be trusted", () => {
    const decoder = createDecoder();
    const message = decodeError(decoder, octets("80"));
    assert.equal(decodeError(decoder, octets("82")), message);
    assert.equal(decodeError(decoder, Buffer.alloc(0)), message);
  });

  it("names octets from the start of the block, also behind a prefix that it knows", () => {
    const decoder = createDecoder();
    const head = octets("82 86 84 87");
    for (let time = 0; time < 3; time++) decodeBlock(decoder, join(head, wire.withoutIndexing("x", `${time}`)));
    assert.equal(
      decodeError(decoder, join(head, octets("41 03"))),
      "HPACK string at octet 5 has 3 octets, the block 0 more",
    );
  });

  it("refuses a block cut at every octet but between fields, and never throws", () => {
    const block = octets(`8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff 5886 a8eb 1064 9cbf 4088 25a8 49e9 5ba9 7d7f
      8925 a849 e95b b8e8 b4bf 0f0d 0331 3233 1008 7061 7373 776f 7264 0673 6563 7265 74`);
    const boundaries = new Set([0, 1, 2, 3, 17, 25, 45, 51, 68]);
    for (let length = 0; length <= block.length; length++) {
      const { kind } = decode(createDecoder(), block.subarray(0, length));
      assert.equal(kind, boundaries.has(length) ? "ok" : "error", `cut at ${length}`);
    }
  });
});

describe("hpack decoder: table size (RFC 7541 §4.2)", () => {
  it("takes two updates at the beginning of a block and nothing else in it", () => {
    const decoder = createDecoder();
    decodeBlock(decoder, wire.incremental("x", "1"));
    decodeBlock(decoder, join(wire.sizeUpdate(0), wire.sizeUpdate(4096)));
    assert.equal(decoder.tableBytes, 0);
    assert.equal(decode(decoder, wire.indexed(62)).kind, "error");
  });

  it("takes a size up to the one announced, also one above 4096", () => {
    const decoder = createDecoder({ maxTableSize: 8192 });
    decodeBlock(decoder, wire.sizeUpdate(8192));
    decodeBlock(decoder, wire.incremental("x", "v".repeat(6000)));
    assert.equal(decoder.tableBytes, 6033);
    assert.equal(decodeError(decoder, wire.sizeUpdate(8193)), "HPACK table size update is 8193 bytes, limit 8192");
  });

  it("does not let an entry over 4096 in before the peer said that it grew the table", () => {
    const decoder = createDecoder({ maxTableSize: 8192 });
    decodeBlock(decoder, wire.incremental("x", "v".repeat(6000)));
    assert.equal(decoder.tableBytes, 0);
  });

  it("takes 4096 until a smaller size is acknowledged", () => {
    const decoder = createDecoder({ maxTableSize: 100 });
    decodeBlock(decoder, wire.incremental("x", "v".repeat(200)));
    assert.equal(decoder.tableBytes, 233);
    assert.deepEqual(fieldsOf(decodeBlock(decoder, wire.indexed(62))), ["x", "v".repeat(200)]);
  });

  it("wants the next block to begin with an update once a smaller size is acknowledged (RFC 9113 §4.3.1)", () => {
    const message =
      "header block begins without the HPACK table size update to at most 100 bytes that SETTINGS asked for";
    for (const bytes of [octets("82"), Buffer.alloc(0)]) {
      const decoder = createDecoder({ maxTableSize: 100 });
      decodeBlock(decoder, octets("82"));
      decodeBlock(decoder, octets("82"));
      decoder.settingsAcknowledged();
      assert.equal(decodeError(decoder, bytes), message);
    }
    const decoder = createDecoder({ maxTableSize: 100 });
    decoder.settingsAcknowledged();
    decodeBlock(decoder, join(wire.sizeUpdate(50), wire.indexed(2)));
    decodeBlock(decoder, wire.indexed(2));
    assert.equal(decodeError(decoder, wire.sizeUpdate(101)), "HPACK table size update is 101 bytes, limit 100");
  });

  it("wants no update when the table is not larger, however often SETTINGS are acknowledged", () => {
    const decoder = createDecoder();
    decoder.settingsAcknowledged();
    decodeBlock(decoder, wire.indexed(2));
    const small = createDecoder({ maxTableSize: 100 });
    decodeBlock(small, wire.sizeUpdate(80));
    small.settingsAcknowledged();
    assert.deepEqual(fieldsOf(decodeBlock(small, wire.indexed(2))), [":method", "GET"]);
  });
});
