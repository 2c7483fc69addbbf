import assert from "node:assert/strict";
import { parseFlags, wholeNumber } from "./flags.js";

const defaults = { server_port: "10000", use_tls: "false", test_case: "large_unary" };

describe("flags of the official programs", () => {
  it("are read as the programs of other languages read theirs", () => {
    for (const args of [
      ["--server_port=1", "--use_tls=true", "--test_case=a,b"],
      ["--server_port", "1", "--use_tls", "--test_case", "a,b"],
      ["-server_port=1", "-use_tls", "true", "-test_case=a,b"],
    ]) {
      assert.deepEqual(parseFlags(args, defaults), { server_port: "1", use_tls: "true", test_case: "a,b" });
    }
    assert.deepEqual(parseFlags([], defaults), defaults);
    assert.deepEqual(parseFlags(["--use_tls", "false"], defaults), defaults);
  });

  it("that do not exist, or lack their value, are said", () => {
    assert.throws(
      () => parseFlags(["--port=1"], defaults),
      /"--port=1" is no flag; there are: --server_port --use_tls/,
    );
    assert.throws(() => parseFlags(["large_unary"], defaults), /"large_unary" is no flag/);
    assert.throws(() => parseFlags(["--test_case"], defaults), /--test_case has no value/);
    assert.equal(wholeNumber("port", "80"), 80);
    assert.throws(() => wholeNumber("port", "-1"), /--port is -1: expected a whole number/);
  });
});
