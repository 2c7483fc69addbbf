import assert from "node:assert/strict";
import { configuredDeadline, ownDeadline } from "../../../src/channel/call/call-deadline.js";
import type { CallOptions } from "../../../src/rpc/call-options.js";
import { noTimings } from "../../../src/rpc/call-timings.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { endpoints } from "../../balancer/fake-controller.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { ChannelFixture, configOf, type FixtureParts } from "../channel-fixture.js";
import { method } from "../recorded-call.js";

const never = Number.POSITIVE_INFINITY;
const { signal } = new AbortController();

describe("the deadline of a call", () => {
  const platform = new FakePlatform();
  const callDeadline = (given: number, options: CallOptions, config: number | undefined, usual: number): number =>
    configuredDeadline(ownDeadline(given, options, platform), platform.now(), config, usual);
  const now = platform.now();
  const date = (ms: number) => new Date(platform.wallClock() + ms);
  const context = (ms: number) => ({ timeoutMs: () => ms, signal });

  const cases: readonly [
    what: string,
    options: CallOptions,
    config: number | undefined,
    usual: number,
    expected: number,
  ][] = [
    ["nothing", {}, undefined, never, never],
    ["the default", {}, undefined, 100, 100],
    ["a timeout", { timeoutMs: 200 }, undefined, 100, 200],
    ["an explicit Infinity, against the default", { timeoutMs: never }, undefined, 100, never],
    ["a date", { deadline: date(300) }, undefined, 100, 300],
    ["the sooner of timeout and date", { timeoutMs: 200, deadline: date(300) }, undefined, 100, 200],
    ["the sooner of date and timeout", { timeoutMs: 400, deadline: date(300) }, undefined, 100, 300],
    ["the method config", {}, 50, 100, 50],
    ["the method config, against an explicit Infinity", { timeoutMs: never }, 50, 100, 50],
    ["the sooner of method config and timeout", { timeoutMs: 20 }, 50, 100, 20],
    ["the context", { context: context(70) }, undefined, 100, 70],
    ["the sooner of context and timeout", { context: context(70), timeoutMs: 80 }, undefined, 100, 70],
    ["the default, with a context without a deadline", { context: context(never) }, undefined, 100, 100],
    [
      "Infinity, with a context without a deadline",
      { context: context(never), timeoutMs: never },
      undefined,
      100,
      never,
    ],
    ["zero", { timeoutMs: 0 }, undefined, 100, 0],
  ];
  for (const [what, options, config, usual, expected] of cases) {
    it(`is ${what}`, () => assert.equal(callDeadline(never, options, config, usual), now + expected));
  }

  it("is the headers' where that is sooner", () => {
    assert.equal(callDeadline(now + 5, { timeoutMs: 10 }, undefined, never), now + 5);
    assert.equal(callDeadline(now + 50, { timeoutMs: 10 }, undefined, never), now + 10);
    assert.equal(callDeadline(now + 500, {}, undefined, 100), now + 500, "the default is not asked");
  });

  it("is NaN for what is no time", () => {
    assert.ok(Number.isNaN(callDeadline(never, { timeoutMs: Number.NaN }, undefined, never)));
    assert.ok(Number.isNaN(callDeadline(never, { deadline: new Date("never") }, undefined, never)));
  });
});

describe("a deadline", () => {
  it("that is 0 or has passed fails the call without touching the network", () => {
    const f = new ChannelFixture();
    assert.equal(
      f.call({ timeoutMs: 0 }).outcome,
      "DEADLINE_EXCEEDED: deadline of 0 ms had run out before the call started",
    );
    const call = f.call({ deadline: new Date(f.platform.wallClock() - 5000) });
    assert.equal(call.outcome, "DEADLINE_EXCEEDED: deadline of 0 ms had run out before the call started");
    const { delivery, attempts, timings } = call.status ?? {};
    assert.deepEqual({ delivery, attempts, timings }, { delivery: "not-sent", attempts: 0, timings: noTimings });
    assert.equal(f.resolver.starts, 0);
    f.platform.assertQuiet();
  });

  describe("that the .proto gives", () => {
    const hurried = { method: { ...method, timeoutMs: 80 } };
    const config = (timeout: string) => ({ methodConfig: [{ name: [{}], timeout }] });
    const timeoutOf = (options: CallOptions, parts: FixtureParts = {}, resolved?: string): number => {
      const f = new ChannelFixture({ defaultTimeoutMs: 900, ...parts });
      f.channel.connect();
      const serviceConfig = resolved === undefined ? {} : { serviceConfig: { value: config(resolved) } };
      f.resolver.tell({ endpoints: { value: endpoints("10.0.0.1") }, ...serviceConfig });
      f.connector.last.succeed();
      const call = f.call(options, hurried);
      const startedAt = f.platform.now();
      for (; call.status === undefined; f.platform.advance(1));
      return f.platform.now() - startedAt;
    };
    const own = (timeout: string) => ({ serviceConfig: configOf(config(timeout)) });
    const rows: readonly [what: string, timeoutMs: number, expected: number][] = [
      ["holds before the channel's default", timeoutOf({}), 80],
      ["gives way to the call's, sooner or later", timeoutOf({ timeoutMs: 200 }), 200],
      ["gives way to the channel's service config", timeoutOf({}, own("0.3s")), 300],
      ["gives way to the resolver's service config", timeoutOf({}, {}, "0.25s"), 250],
      ["gives way to the sooner of both: the channel's", timeoutOf({}, own("0.1s"), "0.25s"), 100],
      ["gives way to the sooner of both: the resolver's", timeoutOf({}, own("0.3s"), "0.2s"), 200],
      ["gives way to the sooner of all: the call's", timeoutOf({ timeoutMs: 50 }, own("0.3s"), "0.2s"), 50],
      ["gives way to a deadline that goes on", timeoutOf({ context: { timeoutMs: () => 120, signal } }), 120],
    ];
    for (const [what, timeoutMs, expected] of rows) it(what, () => assert.equal(timeoutMs, expected));
  });

  it("that is no time fails the call", () => {
    const f = new ChannelFixture();
    const call = f.call({ timeoutMs: Number.NaN });
    assert.equal(
      call.outcome,
      "INTERNAL: the call's timeoutMs or deadline is not a time: expected a number of milliseconds or a valid Date",
    );
  });

  it("has one timer, which keeps no process alive and goes with the call", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    f.call({ timeoutMs: 500 });
    assert.deepEqual([f.platform.timers, f.platform.holdingTimers], [1, 0]);
    transport.calls[0]?.answer();
    f.platform.assertQuiet();
  });

  it("says that the server did not answer, and tells it", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call({ timeoutMs: 500 });
    call.stream?.send("a", true);
    f.platform.advance(500);
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for the server's answer (sent 1 message, received 0)",
    );
    assert.equal(call.status?.delivery, "unknown");
    assert.deepEqual(transport.calls[0]?.log, ["send a last", "cancel 4 deadline of 500 ms ran out"]);
  });

  it("counts what was sent and received", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call({ timeoutMs: 500 });
    call.stream?.send("a", false);
    call.stream?.send("b", false);
    const scripted = transport.calls[0];
    assert.ok(scripted);
    scripted.sink.onHeaders(call as never, transport.peer);
    for (const message of ["x", "y", "z"]) scripted.sink.onMessage(message);
    f.platform.advance(500);
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for the server's answer (sent 2 messages, received 3)",
    );
    assert.equal(call.status?.delivery, "processed");
  });

  it("says that there was no connection", () => {
    const f = new ChannelFixture();
    const call = f.call({ timeoutMs: 500 });
    f.resolver.tellHosts("10.0.0.1");
    f.platform.advance(500);
    assert.equal(
      call.outcome,
      'DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for a connection to "shop" (connecting to 10.0.0.1:1)',
    );
    assert.equal(call.status?.delivery, "not-sent");
  });

  it("says why there was no connection", () => {
    const f = new ChannelFixture();
    const call = f.call({ timeoutMs: 500, waitForReady: true });
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    f.platform.advance(500);
    assert.equal(
      call.outcome,
      'DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for a connection to "shop" (connect to 10.0.0.1:1 was refused (ECONNREFUSED))',
    );
  });

  it("R75 grpc-js 1.14.7: says that the call was queued for a stream slot", () => {
    const f = new ChannelFixture();
    f.ready(1);
    f.call();
    const call = f.call({ timeoutMs: 500 });
    f.platform.advance(500);
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 500 ms ran out while queued 500 ms for a stream slot of 10.0.0.1:1",
    );
    assert.equal(call.status?.delivery, "not-sent");
  });

  it("says how long it was queued for a stream slot before it reached the server", () => {
    const f = new ChannelFixture();
    const transport = f.ready(1);
    f.call();
    const call = f.call({ timeoutMs: 500 });
    f.platform.advance(300);
    transport.calls[0]?.answer();
    transport.freeSlots();
    f.platform.advance(200);
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for the server's answer (sent 0 messages, received 0); 300 ms queued for a stream slot, 200 ms waiting for the answer",
    );
  });

  it("is why the server has cancelled the call in the same moment, its timer ahead of ours", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const cancelled = { code: StatusCode.CANCELLED, message: "peer reset the stream with CANCEL (8)" };
    f.platform.setTimer(f.platform.now() + 499, () => transport.calls[0]?.end(cancelled));
    f.platform.setTimer(f.platform.now() + 500, () => transport.calls[1]?.end(cancelled));
    const early = f.call({ timeoutMs: 500 });
    const call = f.call({ timeoutMs: 500 });
    call.stream?.send("a", true);
    f.platform.advance(500);
    assert.equal(early.outcome, "CANCELLED: peer reset the stream with CANCEL (8)");
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for the server's answer (sent 1 message, received 0)",
    );
    assert.equal(call.status?.delivery, "unknown");
    f.platform.assertQuiet();
  });

  it("is why a proxy has answered UNAVAILABLE in the same moment, for its server has reset the call", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const answered = { code: StatusCode.UNAVAILABLE, message: "HTTP status 502" };
    f.platform.setTimer(f.platform.now() + 499, () => transport.calls[0]?.end(answered));
    f.platform.setTimer(f.platform.now() + 500, () => transport.calls[1]?.end(answered));
    const early = f.call({ timeoutMs: 500 });
    const call = f.call({ timeoutMs: 500 });
    f.platform.advance(500);
    assert.equal(early.outcome, "UNAVAILABLE: HTTP status 502");
    assert.match(call.outcome, /^DEADLINE_EXCEEDED: deadline of 500 ms ran out/);
    assert.equal(call.status?.delivery, "unknown");
    f.platform.assertQuiet();
  });

  it("holds once more when the call has ended in the same moment", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call({ timeoutMs: 500 });
    f.platform.setTimer(f.platform.now() + 500, () => transport.calls[0]?.answer());
    f.platform.advance(1000);
    assert.equal(call.status?.code, StatusCode.DEADLINE_EXCEEDED, "the deadline was first");
  });
});
