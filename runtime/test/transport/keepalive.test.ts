import assert from "node:assert/strict";
import { Keepalive } from "../../src/transport/keepalive.js";

const times = { timeMs: 1000, timeoutMs: 200 };

describe("keepalive", () => {
  it("asks when the peer has said nothing for the time", () => {
    const keepalive = new Keepalive(times, 0);
    assert.equal(keepalive.next, 1000);
    assert.equal(keepalive.onTimeout(999, 0), "nothing");
    assert.equal(keepalive.onTimeout(1000, 0), "ping");
    assert.equal(keepalive.next, 1200);
  });

  it("measures from the last byte, and looks no sooner than it has to", () => {
    const keepalive = new Keepalive(times, 0);
    assert.equal(keepalive.onTimeout(1000, 700), "nothing");
    assert.equal(keepalive.next, 1700);
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
      assert.equal(keepalive.next, heardAt + 1000);
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
    assert.equal(never.next, Number.POSITIVE_INFINITY);
    const patient = new Keepalive({ timeMs: 1000, timeoutMs: Number.POSITIVE_INFINITY }, 0);
    assert.equal(patient.onTimeout(1000, 0), "ping");
    assert.equal(patient.next, Number.POSITIVE_INFINITY);
  });
});
