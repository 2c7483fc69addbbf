import assert from "node:assert/strict";
import { ConnectionAge, type ConnectionAgeTimes } from "../../../src/transport/upkeep/connection-age.js";

const never = Number.POSITIVE_INFINITY;

function ageOf(times: Partial<ConnectionAgeTimes>, dice = 0.5): ConnectionAge {
  return new ConnectionAge({ maxIdleMs: never, maxAgeMs: never, graceMs: never, ...times }, 0, () => dice);
}

describe("connection age", () => {
  it("has no end by default", () => {
    assert.equal(ageOf({}).next, never);
    assert.equal(ageOf({}).watchesIdleness, false);
  });

  it("sends a client away at its age, spread by a tenth in either direction", () => {
    assert.equal(ageOf({ maxAgeMs: 1000 }, 0).next, 900);
    assert.equal(ageOf({ maxAgeMs: 1000 }, 0.5).next, 1000);
    assert.ok(ageOf({ maxAgeMs: 1000 }, 0.999_999).next > 1099);
    const age = ageOf({ maxAgeMs: 1000 });
    age.onBusy();
    assert.equal(age.onTimeout(999), "nothing");
    assert.equal(age.onTimeout(1000), "max_age");
    assert.equal(age.onTimeout(5000), "nothing");
    assert.equal(age.next, never, "the client has to answer first");
  });

  it("counts the grace from when the client knows", () => {
    const age = ageOf({ maxAgeMs: 1000, graceMs: 300 });
    assert.equal(age.onDrained(10), false);
    age.onTimeout(1000);
    assert.equal(age.onDrained(1050), true);
    assert.equal(age.onDrained(1060), false);
    assert.equal(age.next, 1350);
    assert.equal(age.onTimeout(1349), "nothing");
    assert.equal(age.onTimeout(1350), "end");
    assert.equal(age.next, never);
    assert.equal(age.onTimeout(9999), "nothing");
  });

  it("sends an idle client away, from the start and from its last call on", () => {
    const silent = ageOf({ maxIdleMs: 100 });
    assert.equal(silent.onTimeout(100), "max_idle");
    const age = ageOf({ maxIdleMs: 100 });
    age.onBusy();
    age.onIdle(60);
    assert.equal(age.onTimeout(100), "nothing");
    assert.equal(age.next, 160);
    assert.equal(age.onTimeout(160), "max_idle");
  });

  it("does not call a client idle whose call runs, however long", () => {
    const age = ageOf({ maxIdleMs: 100 });
    age.onBusy();
    for (let now = 100; now <= 1000; now += 100) {
      assert.equal(age.next, now);
      assert.equal(age.onTimeout(now), "nothing");
    }
    age.onIdle(1050);
    assert.equal(age.onTimeout(1100), "nothing");
    assert.equal(age.next, 1150);
    assert.equal(age.onTimeout(1150), "max_idle");
  });

  it("is not moved by calls that come and go", () => {
    const age = ageOf({ maxIdleMs: 100 });
    for (let now = 0; now < 99; now++) {
      age.onBusy();
      age.onIdle(now);
      assert.equal(age.next, 100);
    }
  });

  it("keeps out of a drain that is the server's, but not out of its own", () => {
    const young = ageOf({ maxAgeMs: 1000, maxIdleMs: 10, graceMs: 5 });
    young.onDrain();
    assert.equal(young.next, never);
    assert.equal(young.onDrained(20), false);
    const old = ageOf({ maxAgeMs: 1000, graceMs: 5 });
    old.onTimeout(1000);
    old.onDrain();
    assert.equal(old.onDrained(1001), true);
    old.onDrain();
    assert.equal(old.next, 1006);
  });
});
