import assert from "node:assert/strict";
import { parseOptions } from "../../macro/options.js";
import { rows } from "../../macro/rows.js";

const idsOf = (...args: string[]): string[] => parseOptions(args).rows.map(({ id }) => id);

describe("options of the macro benchmark", () => {
  it("choose rows by their id, or by a part of it", () => {
    assert.deepEqual(idsOf("--only", "headline-1"), ["headline-1"]);
    assert.deepEqual(idsOf("--only", "bare-10", "--only", "ping"), ["bare-10", "ping-pong"]);
    assert.ok(idsOf("--only", "headline").length > 4);
    assert.throws(() => parseOptions(["--only", "nothing"]), /^Error: no row is called nothing$/);
  });

  it("leave out what is measured on request alone", () => {
    const usual = rows.filter(({ onlyOnRequest }) => onlyOnRequest !== true).map(({ id }) => id);
    assert.deepEqual(idsOf(), usual);
    assert.deepEqual(idsOf("--only", "headline-1k"), ["headline-1k-100"]);
    assert.deepEqual(idsOf("--only", "headline-1k-1"), ["headline-1k-1"]);
  });

  it("name the pairings", () => {
    const { rows: chosen } = parseOptions(["--only", "bare-1", "--pairings", "grpc-js,godwit/grpc-js"]);
    assert.deepEqual(chosen[0]?.pairings, ["grpc-js", "godwit/grpc-js"]);
    // Who cannot do a row does not take part in it.
    assert.deepEqual(idsOf("--only", "large", "--only", "ping", "--pairings", "raw-net"), [
      "large-1",
      "large-8",
      "tls-large-1",
    ]);
    assert.throws(() => parseOptions(["--pairings", "godwit,other"]), /there is no subject other/);
  });

  it("count rounds", () => {
    assert.equal(parseOptions([]).rounds, 5);
    assert.equal(parseOptions(["--quick"]).rounds, 3);
    assert.equal(parseOptions(["--quick", "--rounds", "7"]).rounds, 7);
    assert.throws(() => parseOptions(["--rounds", "0"]), /--rounds is 0, expected 1 or more/);
  });
});

describe("rows of the macro benchmark", () => {
  it("have ids of their own, and compare to the first pairing", () => {
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
    for (const { id, pairings } of rows) {
      assert.ok(pairings.length > 0, id);
      assert.equal(new Set(pairings).size, pairings.length, id);
    }
  });
});
