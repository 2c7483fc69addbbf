import assert from "node:assert/strict";
import { Keepalive } from "../../../src/transport/upkeep/keepalive.js";

const times = { timeMs: 1000, timeoutMs: 200 };

describe("keepalive", () => {
  it("asks when the peer has said nothing for the time", () => {
    const keepalive = new Keepalive(times, 0);
    assert.equal(keepalive.nextTimeout(), 1000);
    assert.equal(keepalive.onTimeout(999, 0), "nothing");
    assert.equal(keepalive.onTimeout(1000, 0), "ping");
    assert.equal(keepalive.nextTimeout(), 1200);
  });

  it("measures from the last byte, and looks no sooner than it has to", () => {
    const keepalive = new Keepalive(times, 0);
    assert.equal(keepalive.onTimeout(1000, 700), "nothing");
    assert.equal(keepalive.nextTimeout(), 1700);
    assert.equal(keepalive.onTimeout(1700, 700), "ping");
  });

  it("gives a peer up that does not answer in time", () => {
    const keepalive = new Keepalive(times, 0);
    keepalive.onTimeout(1000, 0);
    assert.equal(keepalive.onTimeout(1199, 0), "nothing");
    assert.equal(keepalive.onTimeout(1200, 999), "dead");
  });

  it("takes any byte for an answer, one of the same instant too", () => {
    for (const heardAt of [1000, 1100]) {
      const keepalive = new Keepalive(times, 0);
      keepalive.onTimeout(1000, 0);
      assert.equal(keepalive.onTimeout(1200, heardAt), "nothing");
      assert.equal(keepalive.nextTimeout(), heardAt + 1000);
      assert.equal(keepalive.onTimeout(heardAt + 1000, heardAt), "ping");
    }
  });

  it("asks again at once when the time is shorter than the wait for the answer", () => {
    const keepalive = new Keepalive({ timeMs: 100, timeoutMs: 1000 }, 0);
    assert.equal(keepalive.onTimeout(100, 0), "ping");
    assert.equal(keepalive.onTimeout(1100, 101), "ping");
    assert.equal(keepalive.onTimeout(2100, 101), "dead");
  });

  it("never asks with a time of Infinity, and waits for ever with a timeout of Infinity", () => {
    const never = new Keepalive({ timeMs: Number.POSITIVE_INFINITY, timeoutMs: 1 }, 0);
    assert.equal(never.nextTimeout(), Number.POSITIVE_INFINITY);
    const patient = new Keepalive({ timeMs: 1000, timeoutMs: Number.POSITIVE_INFINITY }, 0);
    assert.equal(patient.onTimeout(1000, 0), "ping");
    assert.equal(patient.onTimeout(2000, 0), "nothing");
    assert.equal(patient.nextTimeout(), Number.POSITIVE_INFINITY);
  });

  it("asks as soon as the next silence is too long, although the time for the last answer is not over", () => {
    const keepalive = new Keepalive({ timeMs: 100, timeoutMs: 1000 }, 0);
    assert.equal(keepalive.onTimeout(100, 0), "ping");
    assert.equal(keepalive.nextTimeout(), 200);
    assert.equal(keepalive.onTimeout(200, 105), "nothing");
    assert.equal(keepalive.nextTimeout(), 205);
  });

  describe("that may not ask", () => {
    it("asks as soon as it may, if the silence lasts", () => {
      const keepalive = new Keepalive(times, 0);
      assert.equal(keepalive.onTimeout(1000, 0, false), "nothing");
      assert.equal(keepalive.nextTimeout(false), Number.POSITIVE_INFINITY);
      assert.equal(keepalive.nextTimeout(true), 1000, "in the past by then");
      assert.equal(keepalive.onTimeout(7000, 0, true), "ping");
    });

    it("does not ask when something has come meanwhile", () => {
      const keepalive = new Keepalive(times, 0);
      keepalive.onTimeout(1000, 0, false);
      assert.equal(keepalive.onTimeout(7000, 6900, true), "nothing");
      assert.equal(keepalive.nextTimeout(true), 7900);
    });

    it("waits for an answer all the same that it asked for when it might", () => {
      const keepalive = new Keepalive(times, 0);
      keepalive.onTimeout(1000, 0, true);
      assert.equal(keepalive.onTimeout(1200, 0, false), "dead");
    });
  });
});
