import assert from "node:assert/strict";
import { parseOptions } from "./options.js";

const parse = (text: string) => parseOptions(text.split(" "), 77);

describe("parseOptions of npm run fuzz", () => {
  it("takes a target and bounds", () => {
    assert.deepEqual(parse("--target hpack --inputs 10 --seed 3 --evidence fuzz-hpack"), {
      target: "hpack",
      seed: 3,
      seconds: Number.POSITIVE_INFINITY,
      inputs: 10,
      input: undefined,
      evidence: "fuzz-hpack",
    });
  });

  it("runs for a minute with a new seed where nothing is said", () => {
    const options = parse("--target frames");
    assert.ok(typeof options !== "string");
    assert.deepEqual([options.seed, options.seconds, options.inputs], [77, 60, Number.POSITIVE_INFINITY]);
  });

  it("says what is wrong", () => {
    assert.equal(
      parse("--target nothing"),
      "--target is nothing, expected one of frames, hpack, deframer, grpc-values, protobuf, splits, turns",
    );
    assert.equal(parse("--seeds 5"), "unknown option --seeds");
    assert.equal(parse("--target hpack --inputs many"), "--inputs is many, expected a number");
    assert.equal(parse("--target hpack --input 0g"), "--input is not hexadecimal");
    assert.equal(parse("--target hpack --evidence ../x"), "--evidence is not a name in kebab-case");
    assert.equal(parse("--target"), "--target has no value");
  });
});
