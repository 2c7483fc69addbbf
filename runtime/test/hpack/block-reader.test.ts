import assert from "node:assert/strict";
import type { DecodeResult, HpackDecoder } from "../../src/hpack/decoder.js";
import { createDecoder, decode, decodeBlock, decodeError, fieldsOf, octets, wire } from "./fields.js";

function decodeTooLarge(decoder: HpackDecoder, bytes: Uint8Array): Extract<DecodeResult, { kind: "tooLarge" }> {
  const result = decode(decoder, bytes);
  assert.equal(result.kind, "tooLarge");
  return result as Extract<DecodeResult, { kind: "tooLarge" }>;
}

function repeat(part: Buffer, count: number): Buffer {
  return Buffer.concat(new Array<Buffer>(count).fill(part));
}

describe("hpack limits of a header list", () => {
  it("takes a list of the very limit in bytes and refuses one byte more", () => {
    const limits = { maxListBytes: 100 };
    decodeBlock(createDecoder(limits), wire.withoutIndexing("name", "v".repeat(64)));
    const result = decodeTooLarge(createDecoder(limits), wire.withoutIndexing("name", "v".repeat(65)));
    assert.deepEqual(result, {
      kind: "tooLarge",
      listBytes: 101,
      fields: 1,
      message: "header list is 101 bytes, limit 100",
    });
  });

  it("takes as many fields as the limit and refuses one more", () => {
    decodeBlock(createDecoder(), repeat(wire.indexed(2), 128));
    const result = decodeTooLarge(createDecoder(), repeat(wire.indexed(2), 129));
    assert.deepEqual(result, {
      kind: "tooLarge",
      listBytes: 129 * 42,
      fields: 129,
      message: "header list has 129 fields, limit 128",
    });
  });

  it("counts the crumbs of a cookie as fields", () => {
    const result = decodeTooLarge(createDecoder(), repeat(wire.neverIndexed(32, "a=b"), 129));
    assert.equal(result.message, "header list has 129 fields, limit 128");
  });

  it("keeps the table right through a block that is too large", () => {
    const decoder = createDecoder({ maxListBytes: 200, maxFields: 3 });
    decodeBlock(decoder, wire.incremental("x-before", "1"));
    const result = decodeTooLarge(
      decoder,
      Buffer.concat([
        wire.incremental("x-in", "2"),
        wire.withoutIndexing("x-plain", "v".repeat(150)),
        wire.incremental("x-over", "3"),
        wire.incremental(63, "4"),
        wire.neverIndexed("x-secret", "5"),
      ]),
    );
    assert.equal(result.fields, 5);
    assert.deepEqual(
      fieldsOf(decodeBlock(decoder, Buffer.concat([wire.indexed(62), wire.indexed(63), wire.indexed(64)]))),
      ["x-in", "4", "x-over", "3", "x-in", "2"],
    );
    assert.deepEqual(fieldsOf(decodeBlock(decoder, wire.indexed(65))), ["x-before", "1"]);
  });

  it("finds an error behind the limit: it is one for the connection", () => {
    const decoder = createDecoder({ maxFields: 2 });
    const message = decodeError(decoder, Buffer.concat([repeat(wire.indexed(2), 4), octets("80")]));
    assert.equal(message, "HPACK index is 0, expected 1 to 61");
  });

  it("refuses the connection above four times the limit of fields", () => {
    decodeTooLarge(createDecoder(), repeat(wire.indexed(2), 387));
    // 512 fields of 42 bytes are within four times the limit of both.
    decodeTooLarge(createDecoder(), repeat(wire.indexed(2), 512));
    const message = decodeError(createDecoder(), repeat(wire.indexed(2), 513));
    assert.equal(message, "header list has over 512 fields, 4 times the limit");
  });

  it("refuses the connection above four times the limit in bytes, at the octet where that shows", () => {
    const limits = { maxListBytes: 100 };
    decodeTooLarge(createDecoder(limits), wire.withoutIndexing("name", "v".repeat(364)));
    assert.equal(
      decodeError(createDecoder(limits), wire.withoutIndexing("name", "v".repeat(365))),
      "HPACK string at octet 6 is over the 364 bytes left for the header list",
    );
    assert.equal(
      decodeError(createDecoder(limits), wire.withoutIndexing("n".repeat(369), "")),
      "HPACK string at octet 1 is over the 368 bytes left for the header list",
    );
  });

  it("R96 python-hpack CVE-2016-6581: refuses a bomb of references to one large entry", () => {
    const decoder = createDecoder();
    decodeBlock(decoder, wire.incremental("x", "v".repeat(4000)));
    decodeBlock(decoder, repeat(wire.indexed(62), 4));
    const result = decodeTooLarge(decoder, repeat(wire.indexed(62), 5));
    assert.equal(result.message, "header list is 20165 bytes, limit 16384");
    const message = decodeError(decoder, repeat(wire.indexed(62), 17));
    assert.equal(message, "header list is over 65536 bytes, 4 times the limit");
  });

  it("leaves no room below zero for a literal after a list at the hard limit", () => {
    const limits = { maxListBytes: 100 };
    const full = Buffer.concat([wire.withoutIndexing("n", "v".repeat(360)), octets("00 00 00")]);
    assert.equal(decodeError(createDecoder(limits), full), "header list is over 400 bytes, 4 times the limit");
    const more = Buffer.concat([wire.withoutIndexing("n", "v".repeat(360)), octets("00 01 61 00")]);
    assert.equal(
      decodeError(createDecoder(limits), more),
      "HPACK string at octet 367 is over the 0 bytes left for the header list",
    );
  });

  it("counts fields of a known prefix", () => {
    const decoder = createDecoder({ maxFields: 5 });
    const head = octets("82 86 84");
    for (let time = 0; time < 3; time++) {
      decodeBlock(decoder, Buffer.concat([head, wire.withoutIndexing("x", `${time}`)]));
    }
    const tail = repeat(wire.withoutIndexing("y", "1"), 3);
    const result = decodeTooLarge(decoder, Buffer.concat([head, tail]));
    assert.deepEqual([result.fields, result.listBytes], [6, 42 + 43 + 38 + 3 * 34]);
  });
});
