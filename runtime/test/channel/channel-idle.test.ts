import assert from "node:assert/strict";
import { ChannelFixture, configOf } from "./channel-fixture.js";

const minute = 60_000;

function idling(): ChannelFixture {
  return new ChannelFixture({ idleTimeoutMs: 30 * minute });
}

describe("an idle channel", () => {
  it("gives connections and resolver back, and wakes with the next call", async () => {
    const f = idling();
    const old = f.ready();
    f.call();
    old.calls[0]?.answer("x");
    f.platform.advance(32 * minute);
    assert.equal(f.channel.state(), "IDLE");
    assert.deepEqual(old.log, ["drain"]);
    assert.deepEqual([f.resolvers[0]?.closed, f.resolvers[1]?.starts], [true, 0]);
    assert.deepEqual(f.channel.describe().subchannels, []);
    f.platform.assertQuiet();
    const call = f.call();
    assert.equal(f.channel.state(), "CONNECTING");
    f.resolver.tellHosts("10.0.0.2");
    f.connector.last.succeed().calls[0]?.answer("y");
    assert.deepEqual(call.log, ["headers", "message y", "OK"]);
    await f.channel.close();
    f.platform.assertQuiet();
  });

  it("is none while a call runs or waits", () => {
    const f = idling();
    const transport = f.ready();
    f.call();
    f.platform.advance(100 * minute);
    assert.equal(f.channel.state(), "READY");
    transport.calls[0]?.answer("x");
    f.platform.advance(29 * minute);
    assert.equal(f.channel.state(), "READY");
    const waiting = idling();
    waiting.call({ waitForReady: true });
    waiting.platform.advance(100 * minute);
    assert.equal(waiting.channel.state(), "CONNECTING");
  });

  it("is one that never connects, too", () => {
    const f = idling();
    f.channel.connect();
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    f.platform.advance(31 * minute);
    assert.equal(f.channel.state(), "IDLE");
    f.platform.assertQuiet();
  });

  it("hears nothing of a resolver that it gave up", () => {
    const f = idling();
    f.ready();
    const [old] = f.resolvers;
    f.platform.advance(31 * minute);
    assert.equal(old?.tellHosts("10.0.0.9"), true);
    assert.equal(f.channel.state(), "IDLE");
    assert.equal(f.connector.attempts.length, 1);
  });

  it("keeps its configuration for the call that wakes it", () => {
    const f = new ChannelFixture({
      idleTimeoutMs: minute,
      serviceConfig: configOf({ methodConfig: [{ name: [{}], timeout: "3s" }] }),
    });
    f.ready();
    f.platform.advance(2 * minute);
    const call = f.call();
    f.platform.advance(3000);
    assert.match(call.outcome ?? "", /^DEADLINE_EXCEEDED: deadline of 3000 ms ran out while waiting for a connection/);
  });

  it("starts its time anew with connect", () => {
    const f = idling();
    f.ready();
    f.platform.advance(29 * minute);
    f.channel.connect();
    f.platform.advance(29 * minute);
    assert.equal(f.channel.state(), "READY");
  });

  it("does not become idle once more when it is closed", async () => {
    const f = idling();
    f.ready();
    await f.channel.close();
    f.platform.assertQuiet();
  });
});

describe("the states of a channel", () => {
  it("are told one after the other, the last among them", async () => {
    const f = idling();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const state of f.channel.states()) seen.push(state);
    })();
    await f.platform.settle();
    f.channel.connect();
    await f.platform.settle();
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    await f.platform.settle();
    transport.lose();
    await f.platform.settle();
    await f.channel.close();
    await watching;
    assert.deepEqual(seen, ["IDLE", "CONNECTING", "READY", "IDLE", "SHUTDOWN"]);
  });

  it("are waited for without connecting", async () => {
    const f = idling();
    assert.equal(await f.channel.waitForStateChange("READY"), true);
    const change = f.channel.waitForStateChange("IDLE");
    await f.platform.settle();
    assert.equal(f.resolver.starts, 0);
    f.channel.connect();
    assert.equal(await change, true);
  });
});
