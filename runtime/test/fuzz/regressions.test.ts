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
  {
    name: "a value that a closed enum of another's type does not have: protobuf-es loses it beside unknown fields",
    target: "protobuf",
    input: "f9005c0000000000002900890100d100f09500000000000000000025006a0a000044",
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
