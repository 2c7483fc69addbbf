import assert from "node:assert/strict";
import { reportFailure } from "./failure-report.js";
import { FuzzLoop } from "./fuzz-loop.js";
import { loadTarget, targetNames } from "./targets/index.js";

/** A short, unguided run of each target: long ones are made by `npm run fuzz`. */
const inputs = 4000;

describe("fuzz targets", () => {
  // Those two are played by split-invariance.test.ts.
  for (const name of targetNames.filter((target) => target !== "splits" && target !== "turns")) {
    it(`${name}: ${inputs} inputs`, async () => {
      const target = await loadTarget(name);
      const loop = new FuzzLoop(target, { seed: 1, distinctLogBits: 20 });
      while (loop.inputs < inputs) {
        const failure = loop.step(inputs - loop.inputs);
        if (failure === undefined) continue;
        assert.fail(reportFailure(target, failure, `npm run fuzz -- --target ${name} --input`).join("\n"));
      }
      assert.ok(loop.distinct.count > inputs / 2, `${loop.distinct.count} of them are different`);
    }).timeout(60_000);
  }
});
