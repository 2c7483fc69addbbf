import assert from "node:assert/strict";
import { parseOptions } from "../../micro/options.js";

describe("options of the micro benchmarks", () => {
  it("are a whole run by default, and a short one with --short", () => {
    const whole = parseOptions([]);
    const short = parseOptions(["--short"]);
    assert.ok(whole.launches > short.launches && whole.rounds > short.rounds && whole.roundMs > short.roundMs);
    assert.deepEqual(whole.only, []);
  });

  it("take parts of ids, more than one", () => {
    assert.deepEqual(parseOptions(["--only", "hpack", "--only", "timers"]).only, ["hpack", "timers"]);
  });

  it("say what is wrong with a number of launches", () => {
    for (const launches of ["0", "1.5", "many"]) {
      assert.throws(() => parseOptions(["--launches", launches]), {
        message: `--launches is ${launches}, expected 1 or more`,
      });
    }
  });

  it("record nothing but a whole run", () => {
    assert.throws(() => parseOptions(["--record", "--short"]), /not --short/);
    assert.throws(() => parseOptions(["--record", "--only", "hpack"]), /not --only some/);
    assert.equal(parseOptions(["--record"]).record, true);
  });
});
