import assert from "node:assert/strict";
import { decodeStatusMessage, encodeStatusMessage } from "../../src/wire/grpc-message.js";
import { maxStatusMessageBytes } from "../../src/wire/limits.js";
import { mulberry32 } from "./mulberry32.js";

describe("wire/grpc-message", () => {
  describe("encodeStatusMessage", () => {
    const cases: [text: string, encoded: string][] = [
      ["", ""],
      ["no such item", "no such item"],
      ["100%", "100%25"],
      ["a\nb\tc\r", "a%0Ab%09c%0D"],
      ["\u0000\u007f", "%00%7F"],
      ["é", "%C3%A9"],
      ["☺", "%E2%98%BA"],
      ["😀", "%F0%9F%98%80"],
      ["\ud83d", "%EF%BF%BD"],
      ["\ude00 low", "%EF%BF%BD low"],
      ["cut \ud83d", "cut %EF%BF%BD"],
      ["\ude00\ud83d", "%EF%BF%BD%EF%BF%BD"],
      [" both ends ", "%20both ends%20"],
      [" ", "%20"],
      ["  ", "%20%20"],
      ["\ufeffmark", "%EF%BB%BFmark"],
    ];
    for (const [text, encoded] of cases) {
      it(`encodes ${JSON.stringify(text)}`, () => assert.equal(encodeStatusMessage(text), encoded));
    }

    it("leaves 0x20 to 0x7e as they are but for %, and encodes all other bytes", () => {
      for (let code = 0; code < 128; code++) {
        const text = `x${String.fromCharCode(code)}x`;
        const hex = `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
        const plain = code >= 0x20 && code <= 0x7e && code !== 0x25;
        assert.equal(encodeStatusMessage(text), plain ? text : `x${hex}x`, `character ${code}`);
      }
    });

    it("always gives a field value that HTTP/2 allows", () => {
      const random = mulberry32(7);
      for (let i = 0; i < 2000; i++) {
        const units = Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 65536));
        assert.match(encodeStatusMessage(String.fromCharCode(...units)), /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/);
      }
    });

    it("keeps what just fits", () => {
      const ascii = "a".repeat(maxStatusMessageBytes);
      assert.equal(encodeStatusMessage(ascii), ascii);
      const encoded = encodeStatusMessage(`a${"é".repeat((maxStatusMessageBytes - 4) / 6)}aaa`);
      assert.equal(encoded.length, maxStatusMessageBytes);
      assert.ok(encoded.endsWith("%C3%A9aaa"));
    });

    it("cuts what is longer between two characters and says so", () => {
      const cut = encodeStatusMessage("a".repeat(maxStatusMessageBytes + 1));
      assert.equal(cut, `${"a".repeat(maxStatusMessageBytes - 3)}...`);
      for (let shift = 0; shift < 12; shift++) {
        const text = "x".repeat(shift) + "😀".repeat(1000);
        const encoded = encodeStatusMessage(text);
        assert.ok(encoded.length <= maxStatusMessageBytes);
        assert.ok(encoded.length > maxStatusMessageBytes - 12 - 3);
        const decoded = decodeStatusMessage(encoded);
        assert.ok(decoded.endsWith("😀..."), decoded.slice(-10));
        assert.ok(text.startsWith(decoded.slice(0, -3)));
      }
    });

    it("does not read the whole of a huge text", () => {
      assert.ok(encodeStatusMessage("é".repeat(20_000_000)).length <= maxStatusMessageBytes);
      assert.ok(encodeStatusMessage(" ".repeat(maxStatusMessageBytes + 5)).endsWith("..."));
    });
  });

  describe("decodeStatusMessage", () => {
    const cases: [value: string, text: string][] = [
      ["", ""],
      ["plain", "plain"],
      ["100%25", "100%"],
      ["a%20b", "a b"],
      ["%c3%a9", "é"],
      ["%C3%a9", "é"],
      ["%", "%"],
      ["%%", "%%"],
      ["%4", "%4"],
      ["%zz", "%zz"],
      ["%4z", "%4z"],
      ["%z4", "%z4"],
      ["%%41", "%A"],
      ["%2541", "%41"],
      ["x%41%", "xA%"],
      ["%41%4", "A%4"],
      ["% 41", "% 41"],
      ["%+1", "%+1"],
      ["%F0%9F%98%80", "😀"],
      ["%F0%9F%98", "\ufffd"],
      ["%C3", "\ufffd"],
      ["%C3x", "\ufffdx"],
      ["%FF", "\ufffd"],
      ["%ED%A0%80", "\ufffd\ufffd\ufffd"],
      ["%EF%BB%BFmark", "\ufeffmark"],
      ["\u00c3\u00a9", "é"],
      ["\u00c3%A9", "é"],
      ["\u00ff", "\ufffd"],
    ];
    for (const [value, text] of cases) {
      it(`decodes ${JSON.stringify(value)}`, () => assert.equal(decodeStatusMessage(value), text));
    }

    it("decodes each byte", () => {
      for (let byte = 0; byte < 256; byte++) {
        const hex = byte.toString(16).padStart(2, "0");
        const expected = byte < 128 ? String.fromCharCode(byte) : "\ufffd";
        assert.equal(decodeStatusMessage(`<%${hex}>`), `<${expected}>`);
        assert.equal(decodeStatusMessage(`<%${hex.toUpperCase()}>`), `<${expected}>`);
      }
    });

    it("never throws and never loses text, whatever comes", () => {
      const random = mulberry32(11);
      const alphabet = "%%%%0123456789abcdefABCDEFgz \u0000\u0080\u00ff";
      for (let i = 0; i < 20_000; i++) {
        let value = "";
        for (let n = Math.floor(random() * 12); n > 0; n--) value += alphabet[Math.floor(random() * alphabet.length)];
        const decoded = decodeStatusMessage(value);
        assert.equal(Buffer.from(decoded).toString(), decoded, "lone surrogate");
        assert.equal(decoded === "", value === "");
      }
    });
  });

  it("brings every well-formed text through unchanged", () => {
    const random = mulberry32(3);
    for (let i = 0; i < 3000; i++) {
      let text = "";
      for (let n = Math.floor(random() * 30); n > 0; n--) {
        const point = Math.floor(random() * (random() < 0.5 ? 0x80 : 0x110000));
        text += point >= 0xd800 && point < 0xe000 ? "" : String.fromCodePoint(point);
      }
      assert.equal(decodeStatusMessage(encodeStatusMessage(text)), text);
    }
  });
});
