import assert from "node:assert/strict";
import { noTimings } from "../../src/rpc/call-timings.js";
import type { RawInterceptor } from "../../src/rpc/interceptor.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { ChannelFixture } from "./channel-fixture.js";
import { doings } from "./described.js";
import { VirtualPair } from "./virtual-pair.js";

const closed = 'CANCELLED: channel to "shop" is closed';

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  for (let i = 0; i < 10; i++) await undefined;
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe("ClientChannel.close", () => {
  it("ends a channel that was never used", async () => {
    const f = new ChannelFixture();
    await f.channel.close();
    assert.equal(f.channel.state(true), "SHUTDOWN");
    assert.equal(f.resolver.starts, 0);
    assert.equal(f.resolver.closed, true);
    f.platform.assertQuiet();
  });

  it("ends running and waiting calls at once by default, and tells the server", async () => {
    const f = new ChannelFixture();
    const transport = f.ready(1);
    const running = f.call();
    const waiting = f.call();
    await f.channel.close();
    assert.equal(running.outcome, closed);
    assert.equal(waiting.outcome, closed);
    assert.equal(waiting.status?.delivery, "not-sent");
    assert.deepEqual(transport.calls[0]?.log, ['cancel 1 channel to "shop" is closed']);
    f.platform.assertQuiet();
    assert.deepEqual(doings(f.channel.describe()), {
      target: "shop",
      state: "SHUTDOWN",
      runningCalls: 0,
      waitingCalls: 0,
      resolver: { state: "resolved", endpoints: 1, lastError: undefined, note: undefined, configError: undefined },
      policy: "pick_first",
      subchannels: [],
    });
  });

  it("says GOAWAY once, whether calls run or not", async () => {
    for (const isBusy of [false, true]) {
      let settle = (): void => {};
      const held = new Promise<object>((resolve) => {
        settle = () => resolve({});
      });
      const pair = await VirtualPair.open({ unary: () => held });
      const call = isBusy ? assert.rejects(pair.echo.unary({}), { code: StatusCode.CANCELLED }) : undefined;
      await pair.platform.advanceAsync(1);
      const closed = pair.channel.close();
      await pair.platform.advanceAsync(2000);
      await closed;
      await call;
      const goAways = pair.endings.filter((ending) => ending.startsWith("GOAWAY"));
      assert.deepEqual(goAways, ["GOAWAY 0 NO_ERROR"]);
      settle();
      await pair.close();
    }
  });

  it("gives up an attempt to connect and a backoff", async () => {
    for (const refuse of [false, true]) {
      const f = new ChannelFixture();
      f.call({ waitForReady: true });
      f.resolver.tellHosts("10.0.0.1");
      if (refuse) f.connector.last.refuse();
      await f.channel.close();
      f.platform.assertQuiet();
    }
  });

  it("ends what waits for a connection below an interceptor that keeps the end to itself", async () => {
    const deaf: RawInterceptor = (next) => ({
      invoke(headers, options, sink) {
        const stream = next.invoke(headers, options, sink);
        return {
          send: (message, last) => stream.send(message, last),
          finish: () => stream.finish(),
          pull: (count) => stream.pull(count),
          cancel: () => {},
        };
      },
    });
    for (const waitForReady of [false, true]) {
      const f = new ChannelFixture({ interceptors: [{ raw: deaf }] });
      f.channel.connect();
      f.resolver.tellHosts("10.0.0.1");
      const call = f.call({ waitForReady });
      assert.equal(f.channel.describe().waitingCalls, 1);
      await f.channel.close();
      assert.equal(call.outcome, closed);
      assert.equal(f.channel.describe().waitingCalls, 0);
      f.platform.assertQuiet();
    }
  });

  it("gives up a resolution's backoff", async () => {
    const f = new ChannelFixture();
    f.channel.connect();
    f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such host" } } });
    assert.equal(f.platform.timers, 1);
    await f.channel.close();
    f.platform.assertQuiet();
    assert.equal(f.resolver.tellHosts("10.0.0.1"), true, "a result that comes late is of no consequence");
    assert.equal(f.connector.attempts.length, 0);
  });

  it("refuses new calls without touching the network", async () => {
    const f = new ChannelFixture();
    await f.channel.close();
    const call = f.call({ waitForReady: true });
    assert.deepEqual(call.status, {
      code: StatusCode.CANCELLED,
      message: 'channel to "shop" is closed',
      delivery: "not-sent",
      attempts: 0,
      timings: noTimings,
    });
  });

  it("lets calls come to their end within the grace", async () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    const done = f.channel.close({ graceMs: 1000 });
    assert.equal(f.call().outcome, closed, "no new ones");
    assert.equal(f.platform.holdingTimers, 1, "somebody awaits the end");
    f.platform.advance(999);
    assert.equal(await isSettled(done), false);
    transport.calls[0]?.answer("just in time");
    assert.equal(call.outcome, "OK");
    await done;
    f.platform.assertQuiet();
  });

  it("lets calls that wait for a connection go on within the grace", async () => {
    const f = new ChannelFixture();
    const call = f.call();
    const done = f.channel.close({ graceMs: 1000 });
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.succeed().calls[0]?.answer();
    assert.equal(call.outcome, "OK");
    await done;
  });

  it("cancels what has not ended when the grace is over", async () => {
    const f = new ChannelFixture();
    f.ready();
    const call = f.call();
    const done = f.channel.close({ graceMs: 1000 });
    f.platform.advance(1000);
    assert.equal(call.outcome, closed);
    await done;
    f.platform.assertQuiet();
  });

  it("waits as long as it takes with Infinity", async () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    const done = f.channel.close({ graceMs: Number.POSITIVE_INFINITY });
    f.platform.advance(1e9);
    assert.equal(await isSettled(done), false);
    transport.calls[0]?.answer();
    assert.equal(call.outcome, "OK");
    await done;
  });

  it("called again, shortens the grace but never lengthens it", async () => {
    const f = new ChannelFixture();
    f.ready();
    const call = f.call();
    const done = f.channel.close({ graceMs: 1000 });
    assert.equal(f.channel.close({ graceMs: 5000 }), done);
    f.channel.close({ graceMs: 100 });
    f.platform.advance(99);
    assert.equal(call.status, undefined);
    f.platform.advance(1);
    assert.equal(call.outcome, closed);
    await done;
    assert.equal(f.channel.close(), done);
  });

  it("at once, ends a grace that runs", async () => {
    const f = new ChannelFixture();
    f.ready();
    const call = f.call();
    void f.channel.close({ graceMs: 1000 });
    await f.channel[Symbol.asyncDispose]();
    assert.equal(call.outcome, closed);
    f.platform.assertQuiet();
  });

  it("waits for connections that drain", async () => {
    const f = new ChannelFixture();
    const old = f.ready();
    const call = f.call();
    old.goAway();
    f.channel.connect();
    f.connector.last.succeed();
    await f.channel.close();
    assert.equal(call.outcome, closed);
    assert.deepEqual(f.channel.describe().subchannels, []);
  });

  it("may be called from within the end of a call", async () => {
    const f = new ChannelFixture();
    f.ready();
    const [first, second] = [f.call(), f.call()];
    let done: Promise<void> | undefined;
    first.onEnd = () => {
      done = f.channel.close();
    };
    first.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    assert.equal(first.outcome, "CANCELLED: enough");
    assert.equal(second.outcome, closed);
    await done;
  });

  it("is not held up by a resolver that cannot close", async () => {
    const f = new ChannelFixture();
    f.resolver.close = () => Promise.reject(new Error("broken"));
    await f.channel.close();
    assert.equal(f.channel.state(), "SHUTDOWN");
  });
});
