import assert from "node:assert/strict";
import { messageOverheadBytes, ReplayBudget } from "../../src/retry/replay-budget.js";
import { ReplayLog } from "../../src/retry/replay-log.js";

describe("ReplayLog", () => {
  it("keeps the messages, and counts each once by its encoded size", () => {
    const budget = new ReplayBudget();
    const log = new ReplayLog(budget);
    assert.equal(log.keep("a"), true);
    assert.equal(log.onEncoded(0, 1000), true);
    assert.equal(log.onEncoded(0, 1000), true, "encoded again by the next attempt");
    log.keep("b");
    log.onEncoded(1, 10);
    assert.deepEqual(log.messages, ["a", "b"]);
    assert.equal(budget.heldBytes, 1010 + 2 * messageOverheadBytes);
    log.release();
    log.release();
    assert.deepEqual([budget.heldBytes, log.messages.length], [0, 0]);
  });

  it("says when a call keeps too much, to the byte", () => {
    const log = new ReplayLog(new ReplayBudget(1000));
    log.keep("a");
    assert.equal(log.onEncoded(0, 1000 - messageOverheadBytes), true);
    assert.equal(log.onEncoded(1, 1), false);
  });

  it("says when a channel keeps too much, and has room again when another call ends", () => {
    const budget = new ReplayBudget(1000, 1500);
    const first = new ReplayLog(budget);
    first.keep("a");
    first.onEncoded(0, 900);
    const second = new ReplayLog(budget);
    assert.equal(second.keep("b"), true);
    assert.equal(second.onEncoded(0, 900), false);
    first.release();
    assert.equal(second.onEncoded(1, 900), true);
  });

  it("has a limit for messages without bytes, too", () => {
    const log = new ReplayLog(new ReplayBudget(10 * messageOverheadBytes));
    for (let i = 0; i < 10; i++) assert.equal(log.keep(i), true);
    assert.equal(log.keep(10), false);
  });

  it("does not take a list from whoever goes through it", () => {
    const log = new ReplayLog(new ReplayBudget());
    log.keep("a");
    const { messages } = log;
    log.release();
    assert.deepEqual(messages, ["a"]);
  });
});
