import assert from "node:assert/strict";
import { minimise } from "./minimise.js";

describe("minimise", () => {
  it("leaves what makes the input fail, as low and as short as may be", () => {
    const input = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) % 251);
    input[150] = 42;
    const fails = (tape: Uint8Array) => {
      const big = tape.findIndex((octet) => octet >= 200);
      return big >= 0 && tape.slice(big).some((octet) => octet === 42);
    };
    assert.ok(fails(input));
    const smallest = minimise(input, fails);
    assert.equal(smallest.length, 2);
    assert.ok((smallest[0] as number) >= 200);
    assert.equal(smallest[1], 42);
  });

  it("asks no more often than it may", () => {
    let asked = 0;
    const input = new Uint8Array(300).fill(255);
    minimise(
      input,
      () => {
        asked += 1;
        return false;
      },
      50,
    );
    assert.equal(asked, 50);
  });
});
