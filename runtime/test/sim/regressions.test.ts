import assert from "node:assert/strict";
import { simulate } from "./simulate.js";

/**
 * What the simulator has found, each with a seed that finds it where it is planted again (test/plants). A change of the
 * scenarios changes what a seed means: what was found has a test of its own beside the code that was mended.
 */
const regressions: readonly (readonly [seed: number, plant: number, found: string])[] = [
  [74, 16, "a handler whose call was over took the requests that it had read for all of them"],
  [
    163,
    17,
    "calls that waited for their request were not counted, and more handlers ran than maxConcurrentCalls allows",
  ],
  [117, 22, "a call that was cancelled gave its place on the connection back twice"],
  [510, 26, "messages that waited for a turn were never given out when their connection had gone meanwhile"],
  [190, 27, "the last answer of a drained connection was cut off after a second, however slow the network"],
  [76, 65, "a caller that an attempt had told to wait did not hear that the next one takes more"],
  [724, 66, "a hedged call whose tokens were gone when its next attempt was due never ended"],
  [1, 28, "a call that was cancelled behind an interceptor did not say whether the server may have acted"],
];

describe("the simulator's regressions", () => {
  it("seed 28472: a message behind a compression was overtaken by those that its sender added meanwhile", async () => {
    assert.deepEqual((await simulate(28_472)).violations, []);
  });

  it("seed 9540: calls that waited for a stream of a connection that fell silent were never given one", async () => {
    assert.deepEqual((await simulate(9540)).violations, []);
  }).timeout(20_000);

  for (const [seed, plant, found] of regressions) {
    it(`seed ${seed} (plant ${plant}): ${found}`, async () => {
      assert.deepEqual((await simulate(seed)).violations, []);
    }).timeout(20_000);
  }
});
