import assert from "node:assert/strict";
import { huffmanEncode } from "../../src/hpack/huffman.js";
import {
  decodeByAutomaton,
  huffmanBadPadding,
  huffmanEndOfString,
  huffmanTooLong,
} from "../../src/hpack/huffman-automaton.js";
import { huffmanDecode } from "../../src/hpack/huffman-decoder.js";
import { huffmanCodeBits, huffmanCodes } from "../../src/hpack/huffman-table.js";
import { huffmanLength, octets } from "./fields.js";
import { forSeeds } from "./random.js";

function encoded(text: string): Buffer {
  const out = Buffer.alloc(huffmanLength(text) + 2, 0xa5);
  const end = huffmanEncode(text, out, 1, out.length - 1);
  assert.equal(end, out.length - 1, `huffmanLength of ${JSON.stringify(text)}`);
  assert.equal(out[0], 0xa5);
  assert.equal(out[end], 0xa5);
  return out.subarray(1, end);
}

/** What both decoders say, which is the same. */
function decoded(bytes: Uint8Array, limit = 4096): string | number {
  const [first, second] = [huffmanDecode, decodeByAutomaton].map((decode) => {
    const out = Buffer.alloc(limit + 1, 0xa5);
    const count = decode(bytes, 0, bytes.length, out, limit);
    assert.equal(out[limit], 0xa5);
    return count < 0 ? count : out.toString("latin1", 0, count);
  });
  assert.equal(first, second);
  return first as string | number;
}

/** Bits written as "0" and "1", filled up with ones to `length` octets or to the next octet. */
function fromBits(bits: string, length = Math.ceil(bits.length / 8)): Buffer {
  const filled = bits.padEnd(length * 8, "1");
  return Buffer.from(Array.from({ length }, (_, i) => Number.parseInt(filled.slice(i * 8, i * 8 + 8), 2)));
}

function codeOf(symbol: number): string {
  return (huffmanCodes[symbol] as number).toString(2).padStart(huffmanCodeBits[symbol] as number, "0");
}

const allOctets = Array.from({ length: 256 }, (_, octet) => octet);

describe("hpack huffman", () => {
  it("has the codes of RFC 7541 Appendix B", () => {
    // At least one of each length, and both neighbours where a length changes within a run of symbols.
    const published: [symbol: number, code: number, bits: number][] = [
      [48, 0x0, 5],
      [116, 0x9, 5],
      [32, 0x14, 6],
      [117, 0x2d, 6],
      [58, 0x5c, 7],
      [122, 0x7b, 7],
      [38, 0xf8, 8],
      [90, 0xfd, 8],
      [33, 0x3f8, 10],
      [63, 0x3fc, 10],
      [39, 0x7fa, 11],
      [124, 0x7fc, 11],
      [35, 0xffa, 12],
      [62, 0xffb, 12],
      [0, 0x1ff8, 13],
      [126, 0x1ffd, 13],
      [94, 0x3ffc, 14],
      [125, 0x3ffd, 14],
      [60, 0x7ffc, 15],
      [96, 0x7ffd, 15],
      [123, 0x7ffe, 15],
      [92, 0x7fff0, 19],
      [208, 0x7fff2, 19],
      [128, 0xfffe6, 20],
      [230, 0x1fffe8, 21],
      [129, 0x3fffd2, 22],
      [1, 0x7fffd8, 23],
      [9, 0xffffea, 24],
      [199, 0x1ffffec, 25],
      [192, 0x3ffffe0, 26],
      [203, 0x7ffffde, 27],
      [2, 0xfffffe2, 28],
      [254, 0x7fffff0, 27],
      [255, 0x3ffffee, 26],
      [10, 0x3ffffffc, 30],
      [22, 0x3ffffffe, 30],
      [256, 0x3fffffff, 30],
    ];
    for (const [symbol, code, bits] of published) {
      assert.deepEqual([huffmanCodes[symbol], huffmanCodeBits[symbol]], [code, bits], `symbol ${symbol}`);
    }
  });

  it("has a complete code: no bit pattern is without meaning", () => {
    assert.equal(huffmanCodeBits.length, 257);
    let patterns = 0;
    for (const bits of huffmanCodeBits) patterns += 2 ** (30 - bits);
    assert.equal(patterns, 2 ** 30);
  });

  it("does the strings of RFC 7541 C.4 and C.6", () => {
    const examples: [text: string, hex: string][] = [
      ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
      ["no-cache", "a8eb10649cbf"],
      ["custom-key", "25a849e95ba97d7f"],
      ["custom-value", "25a849e95bb8e8b4bf"],
      ["302", "6402"],
      ["307", "640eff"],
      ["private", "aec3771a4b"],
      ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
      ["https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"],
      ["gzip", "9bd9ab"],
      [
        "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
      ],
    ];
    for (const [text, hex] of examples) {
      assert.equal(encoded(text).toString("hex"), hex);
      assert.equal(decoded(octets(hex)), text);
    }
  });

  it("round-trips every octet alone, and every octet after every other", () => {
    for (const first of allOctets) {
      const alone = String.fromCharCode(first);
      assert.equal(decoded(encoded(alone)), alone);
      for (const second of allOctets) {
        const pair = String.fromCharCode(first, second);
        assert.equal(decoded(encoded(pair)), pair);
      }
    }
  });

  it("round-trips random octets", () => {
    forSeeds(200, (random) => {
      const text = random.text(random.below(300));
      assert.equal(decoded(encoded(text)), text);
    });
  });

  it("writes one code behind the other, wherever rare octets stand", () => {
    forSeeds(300, (random) => {
      const alphabet = random.pick(["0123456789abcdef", "az09-/ABC~+", "\x00 ~{}\xffabc", undefined]);
      const text = random.text(random.below(60), alphabet);
      const bits = [...text].map((char) => codeOf(char.charCodeAt(0))).join("");
      assert.deepEqual(encoded(text), fromBits(bits));
    });
  });

  it("says the same in both ways of decoding, of any octets and at any limit", () => {
    forSeeds(400, (random) => {
      const bytes = encoded(random.text(random.below(40), random.pick(["0123456789abcdef", "abc{}+~", undefined])));
      if (bytes.length > 0 && random.next() < 0.5) bytes[random.below(bytes.length)] = random.below(256);
      for (let limit = 0; limit < 45; limit++) decoded(bytes, limit);
    });
  });

  it("codes the empty text as nothing", () => {
    assert.equal(huffmanLength(""), 0);
    assert.equal(encoded("").length, 0);
    assert.equal(decoded(Buffer.alloc(0)), "");
  });

  it("takes 0 to 7 ones as padding after every octet, and no more", () => {
    for (const octet of allOctets) {
      const text = String.fromCharCode(octet);
      const code = codeOf(octet);
      const least = Math.ceil(code.length / 8);
      assert.equal(decoded(fromBits(code)), text);
      assert.equal(decoded(fromBits(code, least + 1)), huffmanBadPadding, `8 or more ones after ${octet}`);
    }
    assert.equal(decoded(octets("ff")), huffmanBadPadding);
    assert.equal(decoded(octets("ffff")), huffmanBadPadding);
    assert.equal(decoded(octets("ffffff")), huffmanBadPadding);
  });

  it("refuses padding that is not all ones, each bit of it", () => {
    let refused = 0;
    for (const octet of allOctets) {
      const code = codeOf(octet);
      const padding = (8 - (code.length % 8)) % 8;
      for (let pattern = 0; pattern < 2 ** padding - 1; pattern++) {
        const bits = code + pattern.toString(2).padStart(padding, "0");
        const result = decoded(fromBits(bits));
        // Five bits and more may be a code of their own: then these octets are the code of a longer text.
        if (typeof result === "string") assert.deepEqual(encoded(result), fromBits(bits));
        else assert.equal(result, huffmanBadPadding);
        if (result === huffmanBadPadding) refused++;
      }
    }
    assert.ok(refused > 2000, `${refused} refused`);
  });

  it("refuses a code that is cut off", () => {
    for (const octet of allOctets) {
      const code = codeOf(octet);
      for (let octetsKept = 1; octetsKept * 8 < code.length; octetsKept++) {
        assert.equal(decoded(fromBits(code.slice(0, octetsKept * 8))), huffmanBadPadding);
      }
    }
  });

  it("refuses the end-of-string symbol at every bit offset, and whatever comes after it", () => {
    const endOfString = "1".repeat(30);
    for (const lead of ["", "0", "00", "a", "&", "0a", "00a", "aaa"]) {
      const bits = [...lead].map((char) => codeOf(char.charCodeAt(0))).join("");
      assert.equal(decoded(fromBits(bits + endOfString)), huffmanEndOfString);
      assert.equal(decoded(fromBits(bits + endOfString + codeOf(97))), huffmanEndOfString);
      assert.equal(decoded(fromBits(`${bits + endOfString}0000000000000000`)), huffmanEndOfString);
    }
  });

  it("writes no more than the limit and says so", () => {
    const zeros = octets("00000000 00"); // eight times "0"
    assert.equal(decoded(zeros, 8), "00000000");
    for (let limit = 0; limit < 8; limit++) assert.equal(decoded(zeros, limit), huffmanTooLong);
  });

  it("gives up where it would write at the limit", () => {
    for (const text of ["www.example.com", "\x00\x01\n\xff", "~~~~"]) {
      const length = huffmanLength(text);
      const out = Buffer.alloc(length + 1, 0xa5);
      for (let limit = 0; limit < length; limit++) {
        out.fill(0xa5);
        assert.equal(huffmanEncode(text, out, 0, limit), -1);
        assert.ok(
          out.subarray(limit).every((octet) => octet === 0xa5),
          "nothing behind the limit",
        );
      }
      assert.equal(huffmanEncode(text, out, 0, length), length);
    }
  });

  it("throws for text that is not octets: our own fault", () => {
    const law = /one character U\+0000 to U\+00FF each/;
    for (const text of ["a\u010a", "\u0100", "abcdefgh\u0161", "\u0161bcdefgh", "a\u0161cdefgh"]) {
      assert.throws(() => huffmanEncode(text, Buffer.alloc(30), 0, 30), law);
    }
  });
});
