import assert from "node:assert/strict";
import { errorOf } from "./failure-report.js";
import { loadTarget, type TargetName } from "./targets/index.js";

/**
 * Inputs that failed once, each with what it found. They mean something only to the grammar that they were found with:
 * what they show also stands as a test of its own beside the code that was mended.
 */
const regressions: readonly { readonly name: string; readonly target: TargetName; readonly input: string }[] = [
  {
    name: "a map entry without its value, as deep as a message may be: what is read back is one level too deep",
    target: "protobuf",
    input: "42ff000033ee007535",
  },
];

describe("inputs that fuzzing found", () => {
  for (const { name, target, input } of regressions) {
    it(`${target}: ${name}`, async () => {
      const words: string[] = [];
      const error = errorOf(await loadTarget(target), Buffer.from(input, "hex"), words);
      assert.equal(error, undefined, words.join("\n"));
    });
  }
});
