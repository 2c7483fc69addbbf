import assert from "node:assert/strict";
import type { ScriptedTransport } from "../scripted-connector.js";
import { Fixture } from "./subchannel-fixture.js";

function connected(): { f: Fixture; old: ScriptedTransport } {
  const f = new Fixture();
  f.subchannel.connect();
  const old = f.connector.last.succeed();
  f.takeStates();
  return { f, old };
}

describe("a connection whose stream ids are nearly used", () => {
  it("carries calls until another one has taken over, and then only those that run", () => {
    const { f, old } = connected();
    old.wearOut();
    assert.equal(f.connector.attempts.length, 2);
    f.call();
    assert.equal(old.calls.length, 1, "the new one is not there yet");
    const next = f.connector.last.succeed();
    assert.deepEqual(old.log, ["drain"]);
    f.call();
    assert.equal(next.calls.length, 1);
    old.calls[0]?.answer("x");
    old.lose("drained");
    assert.deepEqual(f.takeStates(), [], "nobody notices");
    assert.equal(f.sentAway, 0);
    assert.equal(f.subchannel.connectionCount, 1);
  });

  it("goes on when the other one cannot be made, and tries again behind the backoff", () => {
    const { f, old } = connected();
    old.wearOut();
    f.connector.last.refuse();
    f.call();
    assert.equal(old.calls.length, 1);
    f.platform.advance(1600);
    assert.equal(f.connector.attempts.length, 3);
    f.connector.last.succeed();
    assert.deepEqual(old.log, ["drain"]);
  });

  it("leaves its calls to the attempt when they are used up before", () => {
    const { f, old } = connected();
    old.wearOut();
    old.goAway("all stream ids of the connection are used");
    f.subchannel.connect();
    assert.deepEqual(f.takeStates(), ["IDLE", "CONNECTING"]);
    f.connector.last.succeed();
    assert.deepEqual(f.takeStates(), ["READY"]);
    assert.equal(f.connector.attempts.length, 2);
  });

  it("is replaced although no more connections are allowed", () => {
    const { f, old } = connected();
    assert.equal(f.maxConnections, 1);
    old.wearOut();
    f.connector.last.succeed();
    assert.equal(f.subchannel.connectionCount, 1);
  });

  it("is asked for a sign of life although an attempt runs or has failed", () => {
    for (const fails of [false, true]) {
      const { f, old } = connected();
      old.wearOut();
      if (fails) f.connector.last.refuse();
      old.sleeps = "yes";
      f.call();
      assert.deepEqual(old.log, ["wake"]);
      old.answerPing();
      assert.equal(old.calls.length, 1);
    }
  });
});
