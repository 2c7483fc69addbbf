import assert from "node:assert/strict";
import { type SimResult, simulate } from "./simulate.js";

const seeds = 40;

function describeFailure({ seed, violations }: SimResult): string {
  const laws = violations.map(({ law, atMs, message }) => `${law} at ${atMs} ms: ${message}`);
  return [`seed ${seed} broke a law; npm run sim -- --seeds 1 --from ${seed} --verbose`, ...laws].join("\n");
}

describe("the simulator", () => {
  const hashes = new Map<number, string>();

  it(`finds nothing wrong in ${seeds} seeds`, async () => {
    let calls = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const result = await simulate(seed);
      assert.deepEqual(result.violations, [], describeFailure(result));
      hashes.set(seed, result.traceHash);
      calls += result.calls;
    }
    assert.equal(new Set(hashes.values()).size, seeds, "no two seeds live the same life");
    assert.ok(calls > 5 * seeds, `${calls} calls were made`);
  }).timeout(60_000);

  it("lives the same life again with the same seed, whatever came before", async () => {
    for (let seed = seeds; seed > 0; seed -= 4) {
      assert.equal((await simulate(seed)).traceHash, hashes.get(seed), `seed ${seed}`);
    }
  }).timeout(60_000);
});
