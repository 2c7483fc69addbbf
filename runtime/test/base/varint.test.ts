import assert from "node:assert/strict";
import { maxVarintBytes, varintBytes, writeVarint } from "../../src/base/varint.js";

const values: readonly [value: number, hex: string][] = [
  [0, "00"],
  [1, "01"],
  [0x7f, "7f"],
  [0x80, "8001"],
  [300, "ac02"],
  [0x3fff, "ff7f"],
  [0x4000, "808001"],
  [0x1f_ffff, "ffff7f"],
  [0x20_0000, "80808001"],
  [0xfff_ffff, "ffffff7f"],
  [0x1000_0000, "8080808001"],
  [0xffff_ffff, "ffffffff0f"],
];

describe("base/varint", () => {
  for (const [value, hex] of values) {
    it(`writes ${value} as ${hex}`, () => {
      const bytes = Buffer.alloc(8, 0xee);
      assert.equal(writeVarint(bytes, 1, value), 1 + hex.length / 2);
      assert.equal(bytes.toString("hex"), `ee${hex}`.padEnd(16, "e"));
      assert.equal(varintBytes(value), hex.length / 2);
      assert.ok(hex.length / 2 <= maxVarintBytes);
    });
  }
});
