import assert from "node:assert/strict";
import { simulate } from "./simulate.js";

/**
 * Seeds that have failed, and what they found. A change of the simulator changes what a seed means: what each found has
 * a test of its own beside the code that was mended.
 */
const regressions: readonly (readonly [seed: number, found: string])[] = [
  [121, "a handler whose call was over took the requests that it had read for all of them"],
  [55, "calls that waited for their request were not counted, and more handlers ran than maxConcurrentCalls allows"],
  [2, "a call cancelled behind an interceptor did not say whether the server may have acted"],
];

describe("the simulator's regressions", () => {
  for (const [seed, found] of regressions) {
    it(`seed ${seed}: ${found}`, async () => {
      assert.deepEqual((await simulate(seed)).violations, []);
    });
  }
});
