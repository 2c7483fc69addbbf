import assert from "node:assert/strict";
import { type KeepaliveOptions, resolveLiveness } from "../../../src/transport/upkeep/liveness-settings.js";
import { frames, frameType } from "../../support/frames.js";
import { ClientFixture, outcome, responseHeaders } from "../client-fixture.js";

const eager: KeepaliveOptions = { timeMs: 30_000, timeoutMs: 20_000, verifyIdleMs: Number.POSITIVE_INFINITY };

/** PINGs that have come since the last look. */
function pings(f: ClientFixture): Buffer[] {
  return f.server
    .take()
    .filter(({ type, flags }) => type === frameType.PING && flags === 0)
    .map(({ payload }) => payload);
}

function answerPing(f: ClientFixture, payload: Buffer): void {
  f.server.send(frames.pingAck(payload));
}

describe("keepalive of a client", () => {
  it("asks a silent server while calls run, and ends them when it does not answer", () => {
    const f = new ClientFixture({ keepalive: eager });
    const call = f.openCall();
    f.platform.advance(29_999);
    assert.equal(pings(f).length, 0);
    f.platform.advance(1);
    assert.equal(pings(f).length, 1);
    f.platform.advance(19_999);
    assert.equal(outcome(call), undefined);
    f.platform.advance(1);
    const sentence = "the server has sent nothing within 20 s after a PING (keepalive.timeoutMs)";
    assert.equal(outcome(call), `UNAVAILABLE: the connection was lost: ${sentence} (unknown)`);
    assert.deepEqual(f.heard, [`draining ${sentence}`, `closed ${sentence}`]);
    f.platform.assertQuiet();
  });

  it("goes on with a server that answers the ping", () => {
    const f = new ClientFixture({ keepalive: eager });
    const call = f.openCall();
    for (let i = 0; i < 5; i++) {
      f.platform.advance(30_000);
      const [payload] = pings(f);
      assert.ok(payload, `ping ${i}`);
      answerPing(f, payload);
    }
    assert.equal(outcome(call), undefined);
  });

  it("does not take a server for dead whose answer is there, and was not read because this process was blocked", () => {
    const f = new ClientFixture({ keepalive: eager });
    const call = f.openCall();
    // It has come by the time at which the timer fires, and the turn in which it is read is that of the verdict.
    f.platform.setTimer(f.platform.now() + 50_000, () =>
      f.server.sendNow(frames.pingAck(pings(f)[0] ?? Buffer.alloc(8))),
    );
    f.platform.advance(50_000);
    assert.equal(outcome(call), undefined);
    assert.deepEqual(f.heard, []);
  });

  it("asks nobody who talks: any byte counts", () => {
    const f = new ClientFixture({ keepalive: eager });
    f.openCall();
    for (let i = 0; i < 10; i++) {
      f.platform.advance(20_000);
      f.server.send(frames.windowUpdate(0, 1));
    }
    assert.equal(pings(f).length, 0);
  });

  it("asks nobody without calls, and at once when a call starts behind a long silence", () => {
    const f = new ClientFixture({ keepalive: eager });
    f.platform.advance(100_000);
    assert.equal(pings(f).length, 0);
    f.call();
    f.platform.advance(0);
    assert.equal(pings(f).length, 1);
  });

  it("asks without calls where that is permitted", () => {
    const f = new ClientFixture({ keepalive: { ...eager, permitWithoutCalls: true } });
    f.platform.advance(30_000);
    assert.equal(pings(f).length, 1);
    f.platform.advance(20_000);
    assert.match(f.heard.join(), /closed the server has sent nothing within 20 s/);
  });

  it("arms no timer unless it was asked for", () => {
    const f = new ClientFixture({ keepalive: { verifyIdleMs: Number.POSITIVE_INFINITY } });
    f.openCall();
    f.platform.advance(2000);
    assert.equal(f.platform.timers, 0);
  });

  it("holds no process", () => {
    const f = new ClientFixture({ keepalive: eager });
    f.openCall();
    assert.deepEqual([f.platform.timers, f.platform.holdingTimers], [1, 0]);
  });

  it("tells of too_many_pings before the connection takes no more calls", () => {
    const f = new ClientFixture();
    f.server.send(frames.goAway(0, 0xb, "too_many_pings"));
    assert.deepEqual(f.heard.slice(0, 2), [
      "too many pings",
      "draining the server is going away (ENHANCE_YOUR_CALM): too_many_pings",
    ]);
    const other = new ClientFixture();
    other.server.send(frames.goAway(0, 0xb, "too_many_cats"));
    assert.match(other.heard[0] ?? "", /^draining/);
  });
});

describe("the trust of a client in its connection", () => {
  it("ends with a minute of silence: no slots until the server has answered a ping", () => {
    const f = new ClientFixture();
    f.platform.advance(60_000);
    assert.equal(f.transport.streamSlots(), 0);
    assert.equal(pings(f).length, 0, "nobody has asked");
    assert.equal(f.transport.wake(), true);
    assert.equal(f.transport.wake(), true);
    const found = pings(f);
    assert.equal(found.length, 1);
    assert.deepEqual(f.heard, []);
    answerPing(f, found[0] as Buffer);
    assert.deepEqual(f.heard, ["slots"]);
    assert.ok(f.transport.streamSlots() > 0);
    assert.equal(f.transport.wake(), false);
  });

  it("stays while calls are answered", () => {
    const f = new ClientFixture();
    for (let i = 0; i < 5; i++) {
      f.platform.advance(40_000);
      f.server.send(frames.windowUpdate(0, 1));
    }
    assert.ok(f.transport.streamSlots() > 0);
    assert.equal(f.transport.wake(), false);
  });

  it("replaces a connection that does not answer, and ends what runs on it", () => {
    const f = new ClientFixture();
    const call = f.openCall();
    f.platform.advance(60_000);
    assert.equal(f.transport.streamSlots(), 0);
    f.transport.wake();
    f.platform.advance(5_000);
    const sentence = "the server has sent nothing within 5 s after a PING (keepalive.verifyTimeoutMs)";
    assert.equal(outcome(call), `UNAVAILABLE: the connection was lost: ${sentence} (unknown)`);
    assert.deepEqual(f.heard, [`draining ${sentence}`, `closed ${sentence}`]);
    assert.equal(f.transport.wake(), false);
    f.platform.assertQuiet();
  });

  it("does not touch calls that run when it ends", () => {
    const f = new ClientFixture();
    const call = f.openCall();
    call.stream.pull(1);
    f.platform.advance(70_000);
    f.server.send(responseHeaders(), frames.data(1, Buffer.from([0, 0, 0, 0, 0])));
    assert.equal(outcome(call), undefined);
    assert.equal(call.response.messages.length, 1);
  });

  it("asks a connection that is full of calls nothing more than it has to", () => {
    const f = new ClientFixture({ settings: [3, 1] });
    f.openCall();
    assert.equal(f.transport.streamSlots(), 0);
    assert.equal(f.transport.wake(), false, "its slots come as calls end");
  });
});

describe("resolveLiveness", () => {
  it("has gRFC A8's defaults and least time", () => {
    const { timeMs, timeoutMs, permitWithoutCalls } = resolveLiveness(undefined);
    assert.deepEqual([timeMs, timeoutMs, permitWithoutCalls], [Number.POSITIVE_INFINITY, 20_000, false]);
    const { timeMs: time, verifyIdleMs } = resolveLiveness({ timeMs: 1, verifyIdleMs: 1 });
    assert.deepEqual([time, verifyIdleMs], [10_000, 10_000]);
    assert.equal(resolveLiveness({ timeMs: Number.POSITIVE_INFINITY }).timeMs, Number.POSITIVE_INFINITY);
  });

  it("refuses what is no time", () => {
    for (const timeMs of [0, -1, Number.NaN]) {
      const message = `keepalive.timeMs is ${timeMs}: expected a number of milliseconds above 0`;
      assert.throws(() => resolveLiveness({ timeMs }), new TypeError(message));
    }
  });

  it("refuses what is no option: who misspells a time would find out when a server is gone", () => {
    const options = { time: 60_000 } as unknown as KeepaliveOptions;
    const names = "timeMs, timeoutMs, permitWithoutCalls, verifyIdleMs, verifyTimeoutMs";
    const message = `keepalive.time does not exist; there are: ${names}`;
    assert.throws(() => resolveLiveness(options), new TypeError(message));
    const unclear = { permitWithoutCalls: "yes" } as unknown as KeepaliveOptions;
    const expected = "keepalive.permitWithoutCalls is yes: expected true or false";
    assert.throws(() => resolveLiveness(unclear), new TypeError(expected));
  });
});
