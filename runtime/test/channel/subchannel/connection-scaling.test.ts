import assert from "node:assert/strict";
import type { RecordedCall } from "../recorded-call.js";
import type { ScriptedTransport } from "../scripted-connector.js";
import { Fixture, SharedWorld } from "./subchannel-fixture.js";

/** Connected, with one stream a connection. */
function scaling(maxConnections: number): { f: Fixture; first: ScriptedTransport } {
  const f = new Fixture();
  f.maxConnections = maxConnections;
  f.subchannel.onMaxConnections();
  f.subchannel.connect();
  const first = f.connector.last.succeed(1);
  f.takeStates();
  return { f, first };
}

function end(transport: ScriptedTransport): void {
  transport.active[0]?.answer("x");
  transport.freeSlots();
}

describe("connection scaling (gRFC A105)", () => {
  it("opens another connection when every stream is taken and a call waits", () => {
    const { f, first } = scaling(3);
    f.call();
    assert.equal(f.connector.attempts.length, 1, "a full connection alone is no reason");
    f.call();
    assert.equal(f.connector.attempts.length, 2);
    assert.deepEqual(f.takeStates(), [], "the subchannel is READY all the while");
    const second = f.connector.last.succeed(1);
    assert.equal(first.calls.length, 1);
    assert.equal(second.calls.length, 1);
    assert.equal(f.subchannel.connectionCount, 2);
  });

  it("does not, unless it is allowed to", () => {
    const { f, first } = scaling(1);
    f.call();
    const waiting = f.call();
    assert.equal(f.connector.attempts.length, 1);
    end(first);
    assert.equal(first.calls.length, 2);
    assert.equal(waiting.status, undefined);
  });

  it("makes one attempt at a time, and another as long as calls wait, up to the limit", () => {
    const { f } = scaling(3);
    for (let i = 0; i < 5; i++) f.call();
    assert.equal(f.connector.attempts.length, 2);
    f.connector.last.succeed(1);
    assert.equal(f.connector.attempts.length, 3);
    f.connector.last.succeed(1);
    assert.equal(f.connector.attempts.length, 3);
    assert.equal(f.subchannel.connectionCount, 3);
  });

  it("gives a call to the oldest connection with a free stream", () => {
    const { f, first } = scaling(2);
    f.call();
    f.call();
    const second = f.connector.last.succeed(2);
    end(first);
    f.call();
    assert.equal(first.calls.length, 2);
    f.call();
    assert.equal(second.calls.length, 2);
  });

  it("serves those who wait in their order, from whichever connection has a stream", () => {
    const { f, first } = scaling(2);
    const calls = Array.from({ length: 4 }, () => f.call());
    const second = f.connector.last.succeed(1);
    const started = (): (RecordedCall | undefined)[] =>
      [...first.calls, ...second.calls].map(({ sink }) => calls.find((call) => call === sink));
    assert.deepEqual(started(), calls.slice(0, 2));
    end(second);
    assert.equal(second.calls[1]?.sink, calls[2]);
    end(first);
    assert.equal(first.calls[1]?.sink, calls[3]);
  });

  it("shares one backoff among all connections", () => {
    const { f, first } = scaling(3);
    f.call();
    f.call();
    f.connector.last.refuse();
    assert.deepEqual(f.takeStates(), [], "a connection stands");
    f.call();
    assert.equal(f.connector.attempts.length, 2, "a failed attempt has to be waited for");
    f.platform.advance(1000);
    assert.equal(f.connector.attempts.length, 3, "calls wait yet");
    f.connector.last.refuse();
    end(first);
    end(first);
    end(first);
    f.platform.advance(1600);
    assert.equal(f.connector.attempts.length, 3, "nobody waits any more");
    assert.equal(f.platform.timers, 0);
  });

  it("is IDLE when the last connection is lost amid an attempt, which goes on for whoever asks", () => {
    const { f, first } = scaling(2);
    f.call();
    f.call();
    first.lose();
    assert.deepEqual(f.takeStates(), ["IDLE"]);
    assert.equal(f.sentAway, 1, "who waited picks again");
    f.subchannel.connect();
    assert.deepEqual(f.takeStates(), ["CONNECTING"]);
    assert.equal(f.connector.attempts.length, 2);
    f.connector.last.succeed(1);
    assert.deepEqual(f.takeStates(), ["READY"]);
  });

  it("is IDLE when it is lost amid a backoff, which holds for whoever asks", () => {
    const { f, first } = scaling(2);
    f.call();
    f.call();
    f.connector.last.refuse();
    first.lose();
    assert.deepEqual(f.takeStates(), ["IDLE"]);
    f.subchannel.connect();
    assert.deepEqual(f.takeStates(), ["TRANSIENT_FAILURE"]);
    f.platform.advance(1000);
    assert.deepEqual(f.takeStates(), ["IDLE"]);
  });

  it("stays READY, and lets nobody pick again, as long as one connection stands", () => {
    const { f, first } = scaling(2);
    f.call();
    f.call();
    const second = f.connector.last.succeed(1);
    const waiting = f.call();
    first.goAway();
    assert.deepEqual(f.takeStates(), []);
    assert.equal(f.sentAway, 0);
    assert.equal(f.connector.attempts.length, 3, "it is replaced because somebody waits");
    end(second);
    assert.equal(second.calls[1]?.sink, waiting);
  });

  it("closes no connection because the limit fell, and opens more when it rises", () => {
    const { f } = scaling(2);
    f.call();
    f.call();
    const second = f.connector.last.succeed(1);
    f.maxConnections = 1;
    f.subchannel.onMaxConnections();
    assert.deepEqual(second.log, []);
    assert.equal(f.subchannel.connectionCount, 2);
    f.call();
    assert.equal(f.connector.attempts.length, 2);
    f.maxConnections = 3;
    f.subchannel.onMaxConnections();
    assert.equal(f.connector.attempts.length, 3);
  });

  it("takes the highest limit of all channels that share it", () => {
    const world = new SharedWorld();
    const modest = new Fixture(undefined, world);
    const greedy = new Fixture(undefined, world);
    greedy.maxConnections = 2;
    greedy.subchannel.onMaxConnections();
    for (const f of [modest, greedy]) f.subchannel.connect();
    world.connector.last.succeed(1);
    modest.call();
    modest.call();
    assert.equal(world.connector.attempts.length, 2);
    world.connector.last.succeed(1);
    greedy.subchannel.release();
    modest.call();
    assert.equal(world.connector.attempts.length, 2, "what it allowed is gone with it");
  });

  it("asks a connection that was silent for too long before it opens another", () => {
    const { f, first } = scaling(2);
    first.sleeps = "yes";
    const call = f.call();
    f.call();
    assert.deepEqual(first.log, ["wake"]);
    assert.equal(f.connector.attempts.length, 1);
    first.answerPing();
    assert.equal(first.calls[0]?.sink, call);
    assert.equal(f.connector.attempts.length, 2, "for the second one there is no stream");
  });

  it("closes every connection when the last channel releases it", () => {
    const { f, first } = scaling(2);
    f.call();
    f.call();
    const second = f.connector.last.succeed(1);
    f.subchannel.release();
    assert.deepEqual([first.log, second.log], [["drain"], ["drain"]]);
    assert.equal(f.gone, 0);
    first.active[0]?.answer("x");
    first.lose("drained");
    second.lose("drained");
    assert.equal(f.gone, 1);
  });
});
