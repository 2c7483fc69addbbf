import assert from "node:assert/strict";
import { IdleTimer } from "../../src/channel/idle-timer.js";
import { FakePlatform } from "../support/fake-platform.js";

class Fixture {
  readonly platform = new FakePlatform();
  readonly calls = { size: 0, started: 0 };
  idleAt: number | undefined;
  readonly timer: IdleTimer;
  readonly #begin = this.platform.now();

  constructor(timeoutMs = 1600) {
    this.timer = new IdleTimer(this.platform, timeoutMs, this.calls, () => {
      this.idleAt = this.platform.now() - this.#begin;
    });
  }
}

describe("IdleTimer", () => {
  it("tells of a channel without a call, once", () => {
    const f = new Fixture();
    f.timer.start();
    f.platform.advance(5000);
    assert.equal(f.idleAt, 1600);
    f.platform.assertQuiet();
  });

  it("waits while a call runs, and then the whole time", () => {
    const f = new Fixture();
    f.timer.start();
    f.calls.size = 1;
    f.platform.advance(10_000);
    assert.equal(f.idleAt, undefined);
    f.calls.size = 0;
    f.platform.advance(1599);
    assert.equal(f.idleAt, undefined);
    f.platform.advance(101);
    assert.ok(f.idleAt !== undefined);
  });

  it("counts from the last call, a sixteenth late at most, though none ran when it looked", () => {
    const f = new Fixture();
    f.timer.start();
    f.platform.advance(1010);
    f.calls.started++;
    f.platform.advance(1600);
    assert.equal(f.idleAt, undefined);
    f.platform.advance(100);
    assert.equal(f.idleAt, 2700);
  });

  it("starts anew for whoever wants the channel", () => {
    const f = new Fixture();
    f.timer.start();
    f.platform.advance(1500);
    f.timer.start();
    f.platform.advance(1500);
    assert.equal(f.idleAt, undefined);
    f.platform.advance(100);
    assert.equal(f.idleAt, 3100);
  });

  it("holds no process, and ends when it is stopped", () => {
    const f = new Fixture();
    f.timer.start();
    assert.deepEqual([f.platform.timers, f.platform.holdingTimers], [1, 0]);
    f.timer.stop();
    f.platform.assertQuiet();
  });

  it("never tells with a timeout of Infinity", () => {
    const f = new Fixture(Number.POSITIVE_INFINITY);
    f.timer.start();
    f.platform.assertQuiet();
  });
});
