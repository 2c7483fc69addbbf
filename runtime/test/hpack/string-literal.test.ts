import assert from "node:assert/strict";
import { OctetReader } from "../../src/hpack/octet-reader.js";
import { latin1String, readString, writeString } from "../../src/hpack/string-literal.js";
import { huffmanLength, octets } from "./fields.js";
import { forSeeds } from "./random.js";

function written(text: string): Buffer {
  const out = Buffer.alloc(text.length + 5 + 2, 0xa5);
  const end = writeString(out, 1, text);
  assert.equal(out[0], 0xa5);
  assert.equal(out[end], 0xa5);
  return out.subarray(1, end);
}

function read(
  bytes: Uint8Array,
  room = 65536,
): { text: string | undefined; position: number; fault: string | undefined } {
  const reader = new OctetReader();
  reader.reset(bytes, 0, bytes.length);
  const text = readString(reader, room);
  return { text, position: reader.position, fault: reader.fault };
}

/** Length in octets of what was written, with its own length. */
function leastOctets(text: string): number {
  const size = Math.min(text.length, huffmanLength(text));
  return size + (size < 127 ? 1 : size < 255 ? 2 : size < 16511 ? 3 : 4);
}

describe("hpack string literal", () => {
  it("codes a text when that makes it shorter, and only then", () => {
    assert.equal(written("www.example.com").toString("hex"), "8cf1e3c2e5f23a6ba0ab90f4ff");
    assert.equal(written("307").toString("hex"), "03333037", "three octets either way");
    assert.equal(written("").toString("hex"), "00");
    assert.equal(written("a").toString("hex"), "0161");
    assert.equal(written("\x00\x01\x02").toString("hex"), "03000102");
  });

  it("round-trips every length around the edges, coded and not", () => {
    for (const char of ["a", "\xff"]) {
      for (const length of [
        0, 1, 2, 10, 11, 12, 13, 125, 126, 127, 128, 129, 200, 203, 204, 254, 255, 256, 1000, 20000,
      ]) {
        const text = char.repeat(length);
        const bytes = written(text);
        assert.ok(bytes.length <= leastOctets(text), `${length} times ${char}`);
        assert.deepEqual(read(bytes), { text, position: bytes.length, fault: undefined });
      }
    }
  });

  it("round-trips random text", () => {
    forSeeds(300, (random) => {
      const text = random.text(random.below(200), random.next() < 0.5 ? undefined : "abcdefghij0123456789-/ABC~");
      const bytes = written(text);
      assert.deepEqual(read(bytes), { text, position: bytes.length, fault: undefined });
    });
  });

  it("takes a coded text of no octets", () => {
    assert.deepEqual(read(octets("80")), { text: "", position: 1, fault: undefined });
  });

  it("says how many octets are missing", () => {
    assert.equal(read(octets("05 61 62")).fault, "HPACK string at octet 0 has 5 octets, the block 2 more");
    assert.equal(read(octets("85 61 62")).fault, "HPACK string at octet 0 has 5 octets, the block 2 more");
    assert.equal(read(octets("")).fault, "HPACK integer at octet 0 is cut off by the end of the header block");
    assert.equal(read(octets("7f ff ff ff ff 00")).fault, "HPACK integer at octet 0 is longer than 5 octets");
  });

  it("refuses a text over the room before it is decoded", () => {
    const fault = "HPACK string at octet 0 is over the 4 bytes left for the header list";
    assert.equal(read(octets("04 61626364"), 4).text, "abcd");
    assert.equal(read(octets("05 6162636465"), 4).fault, fault);
    // 20 octets of Huffman code stand for 6 octets at least. These are no code at all: nothing has looked at them.
    assert.equal(read(Buffer.concat([octets("94"), Buffer.alloc(20, 0xff)]), 4).fault, fault);
  });

  it("stops decoding at the room", () => {
    const fault = "HPACK string at octet 0 is over the 4 bytes left for the header list";
    assert.equal(read(octets("84 00000000"), 6).text, undefined); // 32 bits: six times "0" and two bits of bad padding
    assert.equal(read(octets("85 0000000000"), 8).text, "00000000");
    assert.equal(read(octets("85 0000000000"), 4).fault, fault);
    assert.equal(
      read(octets("81 07"), 0).fault,
      "HPACK string at octet 0 is over the 0 bytes left for the header list",
    );
  });

  it("says what is wrong with a Huffman code", () => {
    assert.equal(read(octets("81 00")).fault, "HPACK string at octet 0 has padding that is not up to 7 ones");
    assert.equal(read(octets("84 ffffffff")).fault, "HPACK string at octet 0 has the end-of-string symbol in its text");
  });

  it("reads octets as characters at every length and offset", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
    for (let start = 0; start < 20; start++) {
      for (let length = 0; length < 40; length++) {
        assert.equal(
          latin1String(all, 200 + start - length, 200 + start),
          all.toString("latin1", 200 + start - length, 200 + start),
        );
      }
    }
    assert.equal(latin1String(new Uint8Array([0xe9, 0x00, 0x41]), 0, 3), "\xe9\x00A");
    assert.equal(latin1String(new Uint8Array(20).fill(0xe9), 0, 20), "\xe9".repeat(20));
  });

  it("throws for text that is not octets, whichever way it is written", () => {
    const law = /one character U\+0000 to U\+00FF each/;
    for (const text of ["\u010a", "\xff\u010a", `${"a".repeat(50)}\u010a`, `${"\xff".repeat(200)}\u010a`]) {
      assert.throws(() => writeString(Buffer.alloc(300), 0, text), law);
    }
  });
});
