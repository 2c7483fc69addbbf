import assert from "node:assert/strict";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { Fixture, Waiter } from "./subchannel-fixture.js";

const closing = { code: StatusCode.CANCELLED, message: "closed" };

describe("Subchannel", () => {
  it("is idle until it is asked to connect, and ready with the server's SETTINGS", () => {
    const f = new Fixture();
    assert.equal(f.subchannel.state, "IDLE");
    assert.equal(f.subchannel.name, "10.0.0.1:443");
    assert.equal(f.connector.attempts.length, 0);
    f.subchannel.connect();
    f.subchannel.connect();
    assert.equal(f.connector.attempts.length, 1, "one attempt at a time");
    assert.equal(f.subchannel.state, "CONNECTING");
    f.connector.last.open();
    assert.equal(f.subchannel.state, "CONNECTING", "an open byte stream is not enough");
    assert.equal(f.subchannel.isOpen(), false);
    f.connector.last.listener.onReady();
    assert.equal(f.subchannel.state, "READY");
    assert.equal(f.subchannel.isOpen(), true);
    assert.equal(f.platform.timers, 0, "the attempt's timer is given back");
  });

  it("tells its listener of each state", () => {
    const f = new Fixture();
    f.subchannel.connect();
    f.connector.last.succeed().lose();
    assert.deepEqual(f.takeStates(), ["CONNECTING", "READY", "IDLE"]);
    f.subchannel.connect();
    f.connector.last.refuse();
    f.platform.advance(2000);
    assert.deepEqual(f.takeStates(), ["CONNECTING", "TRANSIENT_FAILURE", "IDLE"]);
  });

  it("backs off from the start of one attempt to the next: 1 s × 1.6 up to 120 s", () => {
    const f = new Fixture();
    for (let i = 0; i < 13; i++) {
      f.subchannel.connect();
      f.connector.last.refuse();
      assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
      f.subchannel.connect();
      f.platform.advance(f.platform.nextTimerAt - f.platform.now());
      assert.equal(f.subchannel.state, "IDLE");
    }
    const starts = f.connector.attempts.map((attempt) => attempt.at);
    assert.equal(starts.length, 13, "none during a backoff");
    const gaps = starts.slice(1).map((at, i) => Math.round(at - (starts[i] as number)));
    assert.deepEqual(gaps, [1000, 1600, 2560, 4096, 6554, 10486, 16777, 26844, 42950, 68719, 109951, 120000]);
  });

  it("counts the time of the attempt itself into the backoff", () => {
    const f = new Fixture();
    f.subchannel.connect();
    f.platform.advance(400);
    f.connector.last.refuse();
    f.platform.advance(599);
    assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
    f.platform.advance(1);
    assert.equal(f.subchannel.state, "IDLE");
  });

  it("spreads backoffs by ± 20 %", () => {
    for (const [dice, ms] of [
      [0, 800],
      [1, 1200],
    ] as const) {
      const f = new Fixture(dice);
      f.subchannel.connect();
      f.connector.last.refuse();
      assert.equal(Math.round(f.platform.nextTimerAt - f.platform.now()), ms);
    }
  });

  it("starts its backoff again once a connection was used", () => {
    const f = new Fixture();
    for (let i = 0; i < 5; i++) {
      f.subchannel.connect();
      f.connector.last.refuse();
      f.platform.advance(20_000);
    }
    f.subchannel.connect();
    const transport = f.connector.last.succeed();
    f.invoke();
    transport.lose();
    f.subchannel.connect();
    f.connector.last.refuse();
    assert.equal(Math.round(f.platform.nextTimerAt - f.platform.now()), 1000);
  });

  it("backs off from a server that accepts and leaves, from the second time on", () => {
    const f = new Fixture();
    for (let i = 0; i < 2; i++) {
      f.subchannel.connect();
      f.connector.last.succeed().lose();
      assert.equal(f.subchannel.state, "IDLE");
    }
    f.subchannel.connect();
    assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
    assert.equal(f.connector.attempts.length, 2);
    assert.match(f.subchannel.lastError ?? "", /./);
    f.platform.advance(1600);
    assert.equal(f.subchannel.state, "IDLE");
    f.subchannel.connect();
    assert.equal(f.connector.attempts.length, 3);
  });

  it("backs off from one that is asked for its health before it leaves, too", () => {
    const f = new Fixture();
    for (let i = 0; i < 2; i++) {
      f.subchannel.connect();
      const transport = f.connector.last.succeed();
      f.invoke({ isBackground: true });
      transport.lose();
    }
    f.subchannel.connect();
    assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
  });

  it("forgives a connection that was lost unused but has lived", () => {
    const f = new Fixture();
    for (let i = 0; i < 5; i++) {
      f.subchannel.connect();
      const transport = f.connector.last.succeed();
      f.platform.advance(1000);
      transport.lose();
    }
    f.subchannel.connect();
    assert.equal(f.subchannel.state, "CONNECTING");
  });

  it("R73 grpc-js #2785: gives an attempt 20 s to open", () => {
    const f = new Fixture();
    f.subchannel.connect();
    f.platform.advance(19_999);
    assert.equal(f.subchannel.state, "CONNECTING");
    f.platform.advance(1);
    assert.equal(f.subchannel.lastError, "connect to 10.0.0.1:443 timed out (limit 20 s)");
    assert.equal(f.connector.last.cancelled, true);
    assert.deepEqual(f.takeStates(), ["CONNECTING", "TRANSIENT_FAILURE", "IDLE"], "its backoff was over long ago");
  });

  it("gives a server 20 s from the start of the attempt for its SETTINGS", () => {
    const f = new Fixture();
    f.subchannel.connect();
    f.platform.advance(15_000);
    const transport = f.connector.last.open();
    f.platform.advance(5000);
    const error = "10.0.0.1:443 accepted the connection but sent no HTTP/2 SETTINGS (limit 20 s)";
    assert.equal(f.subchannel.lastError, error);
    assert.deepEqual(transport.log, [`close ${error}`]);
    f.connector.last.listener.onReady();
    assert.notEqual(f.subchannel.state, "READY", "too late");
  });

  it("gives an attempt as long as its backoff where that is longer", () => {
    const f = new Fixture();
    for (let i = 0; i < 8; i++) {
      f.subchannel.connect();
      f.connector.last.refuse();
      f.platform.advance(27_000);
    }
    f.subchannel.connect();
    f.platform.advance(42_900);
    assert.equal(f.subchannel.state, "CONNECTING");
    f.platform.advance(100);
    assert.match(f.subchannel.lastError ?? "", /timed out \(limit 42\.9\d* s\)/);
  });

  it("fails when the connection ends, or takes no calls, before it is ready", () => {
    const f = new Fixture();
    f.subchannel.connect();
    f.connector.last.open().lose("connection to 10.0.0.1:443 was reset");
    assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
    assert.equal(f.subchannel.lastError, "connection to 10.0.0.1:443 was reset");
    f.platform.advance(1000);
    f.subchannel.connect();
    const transport = f.connector.last.open();
    transport.goAway("the server is going away (ENHANCE_YOUR_CALM)");
    assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
    assert.deepEqual(transport.log, ["close the server is going away (ENHANCE_YOUR_CALM)"]);
  });

  it("is idle as soon as the server goes away, and connects anew while old calls go on", () => {
    const f = new Fixture();
    f.subchannel.connect();
    const old = f.connector.last.succeed();
    const call = f.invoke();
    old.goAway();
    assert.equal(f.subchannel.state, "IDLE");
    assert.equal(f.subchannel.lastError, "the server is going away (NO_ERROR)");
    f.subchannel.connect();
    const next = f.connector.last.succeed();
    assert.equal(f.subchannel.lastError, undefined);
    const second = f.invoke();
    assert.equal(next.calls.length, 1);
    old.calls[0]?.answer("late");
    assert.equal(call.outcome, "OK");
    old.lose();
    assert.equal(f.subchannel.state, "READY", "the old one's end is nobody's business");
    assert.equal(second.status, undefined);
  });

  it("ignores what comes from an attempt that it gave up", () => {
    const f = new Fixture();
    f.subchannel.connect();
    const old = f.connector.last;
    f.platform.advance(20_001);
    f.subchannel.connect();
    f.takeStates();
    old.listener.onConnectError("late");
    old.listener.onReady();
    old.listener.onSlots();
    assert.deepEqual(f.takeStates(), []);
    assert.equal(f.subchannel.state, "CONNECTING");
  });

  it("closes a transport that a cancelled attempt brings all the same", () => {
    const f = new Fixture();
    f.subchannel.connect();
    const attempt = f.connector.last;
    f.subchannel.release();
    attempt.cancelled = false;
    assert.deepEqual(attempt.open().log, ["close the connection is not needed any more"]);
  });

  it("refuses a call when it is not ready, so that it is picked again", () => {
    const f = new Fixture();
    const call = f.invoke();
    assert.deepEqual(call.status, {
      code: StatusCode.UNAVAILABLE,
      message: "there is no connection to 10.0.0.1:443",
      delivery: "not-sent",
    });
  });

  it("keeps no process alive with its timers", () => {
    const f = new Fixture();
    f.subchannel.connect();
    assert.deepEqual([f.platform.timers, f.platform.holdingTimers], [1, 0]);
    f.connector.last.refuse();
    assert.deepEqual([f.platform.timers, f.platform.holdingTimers], [1, 0]);
  });

  describe("slots", () => {
    it("go to those who wait, in order of arrival, and to nobody before them", () => {
      const f = new Fixture();
      f.subchannel.connect();
      const transport = f.connector.last.succeed(1);
      assert.equal(f.subchannel.isOpen(), true);
      f.invoke();
      assert.equal(f.subchannel.isOpen(), false);
      const log: string[] = [];
      const [a, b, c] = ["a", "b", "c"].map((name) => new Waiter(name, log, () => f.invoke()));
      assert.ok(a && b && c);
      for (const waiter of [a, b, c]) f.subchannel.waitForSlot(waiter);
      f.subchannel.leaveSlotQueue(b);
      transport.slots = 2;
      assert.equal(f.subchannel.isOpen(), false, "a and c came first");
      transport.freeSlots();
      assert.deepEqual(log, ["a slot"]);
      transport.slots = 4;
      transport.freeSlots();
      assert.deepEqual(log, ["a slot", "c slot"]);
      assert.equal(f.subchannel.isOpen(), true);
    });

    it("are not waited for on a connection that is gone", () => {
      const f = new Fixture();
      f.subchannel.connect();
      const transport = f.connector.last.succeed(0);
      const log: string[] = [];
      f.subchannel.waitForSlot(new Waiter("a", log));
      f.subchannel.waitForSlot(new Waiter("b", log));
      transport.goAway();
      assert.deepEqual(log, ["a no connection", "b no connection"]);
      f.subchannel.waitForSlot(new Waiter("c", log));
      assert.equal(log.at(-1), "c no connection");
      transport.freeSlots();
      assert.equal(log.length, 3);
    });

    it("stop being given when one who got a slot ends the connection", () => {
      const f = new Fixture();
      f.subchannel.connect();
      const transport = f.connector.last.succeed(0);
      const log: string[] = [];
      f.subchannel.waitForSlot(new Waiter("a", log, () => transport.lose()));
      f.subchannel.waitForSlot(new Waiter("b", log));
      transport.slots = 2;
      transport.freeSlots();
      assert.deepEqual(log, ["a slot", "b no connection"]);
    });
  });

  describe("release", () => {
    it("lets running calls go on, and is gone with the last connection", () => {
      const f = new Fixture();
      f.subchannel.connect();
      const transport = f.connector.last.succeed();
      const call = f.invoke();
      f.takeStates();
      f.subchannel.release();
      f.subchannel.release();
      assert.equal(f.subchannel.state, "SHUTDOWN");
      assert.deepEqual(transport.log, ["drain"]);
      assert.equal(f.gone, 0);
      transport.calls[0]?.answer("x");
      assert.equal(call.outcome, "OK");
      transport.lose("drained");
      assert.equal(f.gone, 1);
      assert.deepEqual(f.takeStates(), [], "its listener hears nothing more");
    });

    it("gives an attempt or a backoff up at once", () => {
      for (const prepare of [() => {}, (f: Fixture) => f.connector.last.refuse()]) {
        const f = new Fixture();
        f.subchannel.connect();
        prepare(f);
        f.subchannel.release();
        assert.ok(f.gone > 0);
        f.platform.assertQuiet();
        f.subchannel.connect();
        assert.equal(f.connector.attempts.length, 1);
      }
    });

    it("closes a connection that is not ready yet", () => {
      const f = new Fixture();
      f.subchannel.connect();
      const transport = f.connector.last.open();
      f.subchannel.release();
      assert.deepEqual(transport.log, ["close the connection is not needed any more"]);
      assert.ok(f.gone > 0);
    });
  });

  it("ends every call at its close, also those of a connection that drains", () => {
    const f = new Fixture();
    f.subchannel.connect();
    const old = f.connector.last.succeed();
    const calls = [f.invoke()];
    old.goAway();
    f.subchannel.connect();
    f.connector.last.succeed();
    calls.push(f.invoke());
    f.subchannel.close(closing);
    assert.deepEqual(
      calls.map((call) => call.outcome),
      ["CANCELLED: closed", "CANCELLED: closed"],
    );
    assert.ok(f.gone > 0);
    f.platform.assertQuiet();
  });
});
