import assert from "node:assert/strict";
import { encodeTimeout, parseTimeout } from "../../src/wire/grpc-timeout.js";
import { mulberry32 } from "./mulberry32.js";

const unitMs: Record<string, number> = { n: 1e-6, u: 1e-3, m: 1, S: 1000, M: 60_000, H: 3_600_000 };

describe("wire/grpc-timeout", () => {
  const encoded: [ms: number, value: string][] = [
    [1e-6, "1n"],
    [1e-9, "1n"],
    [Number.MIN_VALUE, "1n"],
    [0.5, "500000n"],
    [1, "1000000n"],
    [99.999999, "99999999n"],
    [99.9999991, "100000u"],
    [100, "100000u"],
    [500, "500000u"],
    [999.999, "999999u"],
    [999.9991, "1000000u"],
    [1000, "1000m"],
    [1000.001, "1001m"],
    [4999.998, "5000m"],
    [5000, "5000m"],
    [99_999.999, "100000m"],
    [100_000, "100000m"],
    [99_999_999, "99999999m"],
    [99_999_999.5, "100000S"],
    [100_000_000, "100000S"],
    [30 * 24 * 3_600_000, "2592000S"],
    [99_999_999_000, "99999999S"],
    [99_999_999_001, "1666667M"],
    [99_999_999 * 60_000, "99999999M"],
    [99_999_999 * 60_000 + 1, "1666667H"],
    [99_999_999 * 3_600_000, "99999999H"],
    [1e300, "99999999H"],
    [Number.POSITIVE_INFINITY, "99999999H"],
    [0, "1n"],
    [-5, "1n"],
    [Number.NaN, "1n"],
  ];
  for (const [ms, value] of encoded) {
    it(`encodes ${ms} ms as ${value}`, () => assert.equal(encodeTimeout(ms), value));
  }

  it("rounds up within the unit, at every magnitude", () => {
    const random = mulberry32(1);
    for (let exponent = -6; exponent <= 14; exponent++) {
      for (let i = 0; i < 500; i++) {
        const ms = (0.1 + random()) * 10 ** exponent;
        const value = encodeTimeout(ms);
        assert.match(value, /^[1-9]\d{0,7}[HMSmun]$/);
        const parsed = parseTimeout(value) ?? Number.NaN;
        const unit = unitMs[value.slice(-1)] ?? Number.NaN;
        // One part in 10^12 for the rounding of binary fractions.
        assert.ok(parsed >= ms * (1 - 1e-12), `${ms} ms became ${value}, which is less`);
        assert.ok(parsed <= (ms + unit) * (1 + 1e-12), `${ms} ms became ${value}, a unit too much`);
      }
    }
  });

  const parsed: [value: string, ms: number][] = [
    ["1n", 1e-6],
    ["0n", 0],
    ["00000001n", 1e-6],
    ["100u", 0.1],
    ["1m", 1],
    ["250m", 250],
    ["1S", 1000],
    ["5M", 300_000],
    ["1H", 3_600_000],
    ["720H", 30 * 24 * 3_600_000],
    ["99999999H", 99_999_999 * 3_600_000],
    ["99999999n", 99.999999],
  ];
  for (const [value, ms] of parsed) {
    it(`reads ${value} as ${ms} ms`, () => assert.equal(parseTimeout(value), ms));
  }

  const malformed = [
    "",
    "n",
    "1",
    "12345678",
    "123456789n",
    "1s",
    "1h",
    "1 m",
    " 1m",
    "1m ",
    "-1m",
    "+1m",
    "1.5S",
    "1e3m",
  ];
  for (const value of [...malformed, "0x1m", "1mm", "H1", "१m", "1\u0000"]) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.equal(parseTimeout(value), undefined));
  }

  it("takes nothing but digits and the six units, of all characters", () => {
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      assert.equal(parseTimeout(`1${character}`) !== undefined, "HMSmun".includes(character), `unit ${code}`);
      assert.equal(parseTimeout(`${character}m`) !== undefined, /\d/.test(character), `digit ${code}`);
    }
  });
});
