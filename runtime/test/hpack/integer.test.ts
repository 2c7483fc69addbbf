import assert from "node:assert/strict";
import { integerOctets, maxInteger, readInteger, writeInteger } from "../../src/hpack/integer.js";
import { OctetReader } from "../../src/hpack/octet-reader.js";
import { octets } from "./fields.js";

const masks = [0x0f, 0x1f, 0x3f, 0x7f, 0xff];

function read(bytes: Uint8Array, mask: number): { value: number; position: number; fault: string | undefined } {
  const reader = new OctetReader();
  reader.reset(bytes, 0, bytes.length);
  const value = readInteger(reader, mask);
  return { value, position: reader.position, fault: reader.fault };
}

function written(flags: number, mask: number, value: number): Buffer {
  const out = Buffer.alloc(8, 0xa5);
  const end = writeInteger(out, 1, flags, mask, value);
  assert.equal(out[0], 0xa5);
  assert.equal(out[end], 0xa5);
  assert.equal(integerOctets(mask, value), end - 1);
  return out.subarray(1, end);
}

describe("hpack integer", () => {
  it("does RFC 7541 C.1.1: 10 with a 5-bit prefix", () => {
    assert.deepEqual(written(0, 0x1f, 10), octets("0a"));
    assert.equal(read(octets("0a"), 0x1f).value, 10);
  });

  it("does RFC 7541 C.1.2: 1337 with a 5-bit prefix", () => {
    assert.deepEqual(written(0, 0x1f, 1337), octets("1f9a0a"));
    assert.deepEqual(read(octets("1f9a0a"), 0x1f), { value: 1337, position: 3, fault: undefined });
  });

  it("does RFC 7541 C.1.3: 42 at an octet boundary", () => {
    assert.deepEqual(written(0, 0xff, 42), octets("2a"));
    assert.equal(read(octets("2a"), 0xff).value, 42);
  });

  it("keeps the bits above the prefix out of the value and in the octet", () => {
    assert.deepEqual(written(0xe0, 0x1f, 10), octets("ea"));
    assert.deepEqual(written(0xe0, 0x1f, 1337), octets("ff9a0a"));
    assert.equal(read(octets("ea"), 0x1f).value, 10);
    assert.equal(read(octets("ff9a0a"), 0x1f).value, 1337);
  });

  it("round-trips around every boundary with every prefix", () => {
    for (const mask of masks) {
      const edges = [0, 1, mask, mask + 127, mask + 128, mask + 16383, mask + 16384, mask + 2097151, maxInteger];
      for (const edge of edges) {
        for (const value of [edge - 1, edge, edge + 1]) {
          if (value < 0 || value > maxInteger) continue;
          const bytes = written(0, mask, value);
          assert.deepEqual(read(bytes, mask), { value, position: bytes.length, fault: undefined });
        }
      }
    }
  });

  it("takes leading zeros within five octets", () => {
    assert.deepEqual(read(octets("1f 80 80 80 00"), 0x1f), { value: 31, position: 5, fault: undefined });
  });

  it("refuses a sixth octet", () => {
    const fault = "HPACK integer at octet 0 is longer than 5 octets";
    assert.deepEqual(read(octets("1f 80 80 80 80 00"), 0x1f), { value: -1, position: 5, fault });
    assert.equal(read(octets("1f ff ff ff ff ff ff ff ff 7f"), 0x1f).fault, fault);
  });

  it("refuses what is above the limit in five octets", () => {
    const excess = octets("1f e2 ff ff 7f"); // 31 + 0xfffffe2 = 2^28 + 1
    assert.equal(read(excess, 0x1f).fault, "HPACK integer at octet 0 is 268435457, limit 268435456");
    assert.equal(read(octets("1f e1 ff ff 7f"), 0x1f).value, maxInteger);
    assert.equal(read(octets("ff ff ff ff 7f"), 0xff).value, -1);
  });

  it("says where an integer is cut off, at every octet", () => {
    const whole = octets("1f 9a 9a 9a 0a");
    for (let length = 0; length < whole.length; length++) {
      const { value, fault } = read(whole.subarray(0, length), 0x1f);
      assert.equal(value, -1);
      assert.equal(fault, "HPACK integer at octet 0 is cut off by the end of the header block");
    }
    assert.equal(read(whole, 0x1f).fault, undefined);
  });

  it("keeps the first fault", () => {
    const reader = new OctetReader();
    reader.reset(new Uint8Array(0), 0, 0);
    reader.fail("first");
    assert.equal(readInteger(reader, 0x1f), -1);
    assert.equal(reader.fault, "first");
  });
});
