import assert from "node:assert/strict";
import { difference } from "../../src/codec/difference.js";

const proto = JSON.parse('{"__proto__": 1}');
const cases: readonly [a: unknown, b: unknown, expected: string | undefined][] = [
  [{ a: 1, b: ["x", { c: 2n }] }, { a: 1, b: ["x", { c: 2n }] }, undefined],
  [{ a: Number.NaN, b: Uint8Array.of(1) }, { a: Number.NaN, b: Uint8Array.of(1) }, undefined],
  [{ a: 1 }, { a: 2 }, "a is 1, protobuf-es has 2"],
  [{ a: -0 }, { a: 0 }, "a is -0, protobuf-es has 0"],
  [{ a: "1" }, { a: 1 }, 'a is "1", protobuf-es has 1'],
  [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, "a.b.1 is 2, protobuf-es has 3"],
  [{ a: undefined }, {}, 'the message, property number 0, is "a", protobuf-es has undefined'],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, 'the message, property number 0, is "a", protobuf-es has "b"'],
  [{ a: Object.create({ x: 1 }) }, { a: {} }, "a has another prototype"],
  [{ a: Buffer.of(1) }, { a: Uint8Array.of(1) }, "a has another prototype"],
  [{ a: Uint8Array.of(1) }, { a: Uint8Array.of(2) }, 'a is "01", protobuf-es has "02"'],
  [proto, JSON.parse('{"__proto__": 2}'), "__proto__ is 1, protobuf-es has 2"],
  [{ a: null }, { a: {} }, "a is null, protobuf-es has [object Object]"],
];

describe("codec/difference", () => {
  for (const [a, b, expected] of cases) {
    it(expected === undefined ? "finds nothing where nothing is" : `says ${expected}`, () => {
      assert.equal(difference(a, b, ""), expected);
    });
  }
});
