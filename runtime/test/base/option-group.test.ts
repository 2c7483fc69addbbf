import assert from "node:assert/strict";
import { checkBoolean, withDefaults } from "../../src/base/option-group.js";

describe("withDefaults", () => {
  const defaults = { timeMs: 5, permit: false };

  it("takes what is given, and the default for what is not", () => {
    assert.deepEqual(withDefaults("keepalive", undefined, defaults), defaults);
    assert.deepEqual(withDefaults("keepalive", { timeMs: 0, permit: undefined }, defaults), {
      timeMs: 0,
      permit: false,
    });
    assert.deepEqual(defaults, { timeMs: 5, permit: false });
  });

  it("refuses what is no object, and names that do not exist, those of every object among them", () => {
    const refuse = (given: unknown, message: string): void =>
      assert.throws(() => withDefaults("keepalive", given as object, defaults), new TypeError(message));
    refuse(true, "keepalive is true: expected an object");
    refuse(null, "keepalive is null: expected an object");
    refuse({ time: 1 }, "keepalive.time does not exist; there are: timeMs, permit");
    refuse({ toString: 1 }, "keepalive.toString does not exist; there are: timeMs, permit");
  });
});

describe("checkBoolean", () => {
  it("takes true and false and nothing else", () => {
    assert.deepEqual([checkBoolean("permit", true), checkBoolean("permit", false)], [true, false]);
    const expected = new TypeError("permit is 1: expected true or false");
    assert.throws(() => checkBoolean("permit", 1), expected);
  });
});
