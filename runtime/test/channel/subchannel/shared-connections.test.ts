import assert from "node:assert/strict";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { Fixture, SharedWorld } from "./subchannel-fixture.js";

const closing = { code: StatusCode.CANCELLED, message: "closed" };

function two(): { world: SharedWorld; a: Fixture; b: Fixture } {
  const world = new SharedWorld();
  return { world, a: new Fixture(undefined, world), b: new Fixture(undefined, world) };
}

describe("connections that channels share", () => {
  it("are made once", () => {
    const { world, a, b } = two();
    a.subchannel.connect();
    b.subchannel.connect();
    assert.equal(world.connector.attempts.length, 1);
    const transport = world.connector.last.succeed();
    assert.deepEqual(
      [a.takeStates(), b.takeStates()],
      [
        ["CONNECTING", "READY"],
        ["CONNECTING", "READY"],
      ],
    );
    a.invoke();
    b.invoke();
    assert.equal(transport.calls.length, 2);
  });

  it("are IDLE to a policy that has not asked for them, and what they are to one that has", () => {
    const { world, a, b } = two();
    a.subchannel.connect();
    world.connector.last.succeed();
    assert.equal(b.subchannel.state, "IDLE");
    assert.equal(b.subchannel.isOpen(), false);
    assert.deepEqual(b.takeStates(), []);
    b.subchannel.connect();
    assert.equal(b.subchannel.state, "READY");
    assert.deepEqual(b.takeStates(), ["READY"]);
    assert.equal(world.connector.attempts.length, 1);
  });

  it("are in backoff for whoever asks", () => {
    const { world, a, b } = two();
    a.subchannel.connect();
    world.connector.last.refuse();
    b.subchannel.connect();
    assert.deepEqual(b.takeStates(), ["TRANSIENT_FAILURE"]);
    assert.equal(b.subchannel.lastError, "connect to 10.0.0.1:443 was refused (ECONNREFUSED)");
    world.platform.advance(1000);
    assert.deepEqual([a.takeStates().at(-1), b.takeStates().at(-1)], ["IDLE", "IDLE"]);
    a.subchannel.connect();
    assert.equal(b.subchannel.state, "IDLE", "until it asks again");
    b.subchannel.connect();
    assert.deepEqual([world.connector.attempts.length, b.takeStates()], [2, ["CONNECTING"]]);
  });

  it("tell everybody of one state before the next, whatever the first sets off", () => {
    const { world, a, b } = two();
    for (const f of [a, b]) f.subchannel.connect();
    const transport = world.connector.last.succeed();
    for (const f of [a, b]) {
      f.takeStates();
      f.onState = (state) => {
        if (state === "IDLE") f.subchannel.connect();
      };
    }
    a.invoke();
    transport.lose();
    assert.deepEqual(
      [a.takeStates(), b.takeStates()],
      [
        ["IDLE", "CONNECTING"],
        ["IDLE", "CONNECTING"],
      ],
    );
    assert.equal(world.connector.attempts.length, 2);
  });

  it("are not disturbed by a channel that closes, and close with the last", () => {
    const { world, a, b } = two();
    for (const f of [a, b]) f.subchannel.connect();
    const transport = world.connector.last.succeed();
    const call = b.invoke();
    a.subchannel.close(closing);
    assert.equal(a.gone, 1);
    assert.equal(a.subchannel.state, "SHUTDOWN");
    assert.deepEqual([transport.log, call.status], [[], undefined]);
    transport.calls[0]?.answer("x");
    b.subchannel.close(closing);
    assert.equal(transport.log.at(-1), "drain");
    assert.deepEqual([b.gone, world.pool.size], [1, 0]);
    world.platform.assertQuiet();
  });

  it("carry the calls of a channel that has released them to their end, though the last one closes", () => {
    const { world, a, b } = two();
    for (const f of [a, b]) f.subchannel.connect();
    const transport = world.connector.last.succeed();
    const call = a.invoke();
    a.subchannel.release();
    b.subchannel.close(closing);
    assert.deepEqual(transport.log, ["drain"]);
    assert.equal(b.gone, 1, "it does not wait for another channel's call");
    transport.calls[0]?.answer("x");
    assert.equal(call.outcome, "OK");
  });

  it("end what runs when only one channel has ever used them", () => {
    const a = new Fixture();
    a.subchannel.connect();
    a.connector.last.succeed();
    const call = a.invoke();
    a.create().release();
    a.subchannel.close(closing);
    assert.equal(call.outcome, "CANCELLED: closed");
  });

  it("are made anew for who comes after the last has left", () => {
    const { world, a, b } = two();
    a.subchannel.connect();
    const old = world.connector.last.succeed();
    old.goAway();
    a.subchannel.release();
    b.subchannel.release();
    assert.equal(world.pool.size, 0);
    a.subchannel = a.create();
    a.subchannel.connect();
    assert.equal(world.connector.attempts.length, 2);
  });

  it("remember an unusable server for all channels", () => {
    const { world, a, b } = two();
    for (const f of [a, b]) {
      f.subchannel.connect();
      world.connector.last.succeed().lose();
      f.subchannel.release();
      f.subchannel = f.create();
    }
    assert.equal(world.connector.attempts.length, 2);
    a.subchannel.connect();
    b.subchannel.connect();
    assert.equal(world.connector.attempts.length, 2);
    assert.deepEqual([a.takeStates().at(-1), b.takeStates().at(-1)], ["TRANSIENT_FAILURE", "TRANSIENT_FAILURE"]);
  });

  it("try at once for a subchannel that is made anew after a failure, as each pass over the addresses does", () => {
    const { world, a, b } = two();
    a.subchannel.connect();
    world.connector.last.refuse();
    for (const f of [a, b]) f.subchannel.release();
    a.subchannel = a.create();
    a.subchannel.connect();
    assert.deepEqual([a.subchannel.state, world.connector.attempts.length], ["CONNECTING", 2]);
    world.connector.last.refuse();
    assert.equal(a.subchannel.lastError, "connect to 10.0.0.1:443 was refused (ECONNREFUSED)");
  });

  it("send fewer pings once the server has complained, and say so once", () => {
    const { world, a } = two();
    for (const factor of [1, 2, 4]) {
      a.subchannel.connect();
      assert.equal(world.connector.last.pingFactor, factor);
      const transport = world.connector.last.succeed();
      a.invoke();
      transport.sayTooManyPings();
      transport.sayTooManyPings();
    }
    assert.equal(world.platform.warnings.length, 1, "and what one connection is told again is one complaint");
    assert.match(world.platform.warnings[0] ?? "", /^10\.0\.0\.1:443 ended a connection with GOAWAY too_many_pings: /);
  });
});
