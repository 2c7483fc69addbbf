import assert from "node:assert/strict";
import { readDer, readDerWithin, readOid } from "../../../src/credentials/x509/der-reader.js";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(" ", ""), "hex");
const contentsOf = (hex: string) =>
  readDer(bytes(hex))?.map(({ tag, contents }) => [tag, Buffer.from(contents).toString("hex")]);

describe("readDer", () => {
  it("reads elements side by side", () => {
    assert.deepEqual(contentsOf("05 00 04 02 ab cd 30 03 02 01 07"), [
      [5, ""],
      [4, "abcd"],
      [0x30, "020107"],
    ]);
    assert.deepEqual(contentsOf(""), []);
  });

  it("reads lengths of one byte and of more", () => {
    const long = "ab".repeat(128);
    assert.deepEqual(contentsOf(`04 81 80 ${long}`), [[4, long]]);
    const longer = "cd".repeat(256);
    assert.deepEqual(contentsOf(`04 82 01 00 ${longer}`), [[4, longer]]);
  });

  for (const [what, hex] of [
    ["a length beyond the end", "04 03 ab cd"],
    ["no length", "04"],
    ["an indefinite length", "30 80 00 00"],
    ["a length that one byte would do for", "04 81 01 ab"],
    ["a length with a zero in front", `04 82 00 80 ${"ab".repeat(128)}`],
    ["a length of five bytes", "04 85 00 00 00 00 01 ab"],
    ["a length that is cut", "04 82 01"],
    ["a tag of more than one byte", "1f 81 01 00"],
  ] as const) {
    it(`does not read ${what}`, () => assert.equal(readDer(bytes(hex)), undefined));
  }

  it("does not read what is cut anywhere", () => {
    const whole = bytes("30 0b 04 02 ab cd 30 05 02 01 07 05 00");
    for (let end = 1; end < whole.length; end++) assert.equal(readDer(whole.subarray(0, end)), undefined, `${end}`);
  });
});

describe("readDerWithin", () => {
  it("reads what is in the one element", () => {
    assert.deepEqual(
      readDerWithin(bytes("30 02 05 00"), 0x30)?.map(({ tag }) => tag),
      [5],
    );
  });

  it("reads nothing of another tag, nor of two", () => {
    assert.equal(readDerWithin(bytes("31 02 05 00"), 0x30), undefined);
    assert.equal(readDerWithin(bytes("30 00 30 00"), 0x30), undefined);
    assert.equal(readDerWithin(bytes(""), 0x30), undefined);
  });
});

describe("readOid", () => {
  for (const [hex, oid] of [
    ["55 1d 11", "2.5.29.17"],
    ["2a 86 48 86 f7 0d 01 01 0b", "1.2.840.113549.1.1.11"],
    ["09 92 26 89 93 f2 2c 64 01 19", "0.9.2342.19200300.100.1.25"],
    ["88 37", "2.999"],
  ] as const) {
    it(`reads ${oid}`, () => assert.equal(readOid(bytes(hex)), oid));
  }

  for (const hex of ["", "55 9d", "55 ff ff ff ff ff ff ff ff ff 7f"]) {
    it(`does not read "${hex}"`, () => assert.equal(readOid(bytes(hex)), undefined));
  }
});
