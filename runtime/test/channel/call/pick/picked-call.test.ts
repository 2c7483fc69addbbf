import assert from "node:assert/strict";
import { maxKeptMessages } from "../../../../src/channel/call/pick/picked-call.js";
import { throttlesOf } from "../../../../src/retry/throttle-registry.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { ChannelFixture } from "../../channel-fixture.js";

describe("a call without a connection", () => {
  const refused = "connect to 10.0.0.1:1 was refused (ECONNREFUSED)";

  it("fails with the target, the addresses and the reason", () => {
    const f = new ChannelFixture();
    const call = f.call();
    f.resolver.tellHosts("10.0.0.1");
    assert.deepEqual(call.log, [], "it waits for the first attempt");
    f.connector.last.refuse();
    assert.equal(call.outcome, `UNAVAILABLE: no connection to "shop": ${refused}`);
    assert.equal(call.status?.delivery, "not-sent");
    assert.equal(f.call().outcome, `UNAVAILABLE: no connection to "shop": ${refused}`, "and so does the next");
  });

  it("that fails at once says so a turn later: who calls again and again leaves timers and sockets their time", () => {
    const f = new ChannelFixture();
    f.call();
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    const call = f.call();
    assert.deepEqual(call.log, []);
    call.stream?.send("x", true);
    call.stream?.cancel({ code: StatusCode.CANCELLED, message: "left" });
    f.platform.runTurns();
    assert.deepEqual(
      call.log,
      [`UNAVAILABLE: no connection to "shop": ${refused}`],
      "it had ended before it was cancelled",
    );
  });

  it("fails with what the resolver said", () => {
    const f = new ChannelFixture();
    const call = f.call();
    f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "cannot resolve shop" } } });
    assert.equal(call.outcome, 'UNAVAILABLE: no connection to "shop": cannot resolve shop');
  });

  it("passes on what the resolver notes", () => {
    const f = new ChannelFixture();
    const call = f.call();
    const endpoints = { value: [{ addresses: [{ transport: "tcp", host: "10.0.0.1", port: 1 }] as const }] };
    f.resolver.tell({ endpoints, note: "the target names no port, so 443 was used" });
    f.connector.last.refuse();
    assert.equal(
      call.outcome,
      `UNAVAILABLE: no connection to "shop": ${refused}; the target names no port, so 443 was used`,
    );
  });

  it("waits when it is told to, through every failure", () => {
    const f = new ChannelFixture();
    const call = f.call({ waitForReady: true });
    f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "cannot resolve shop" } } });
    f.resolver.tellHosts("10.0.0.1");
    for (let i = 0; i < 5; i++) {
      f.connector.last.refuse();
      f.platform.advance(10_000);
    }
    assert.equal(call.status, undefined);
    f.connector.last.succeed().calls[0]?.answer("at last");
    assert.deepEqual(call.log, ["headers", "message at last", "OK"]);
  });

  it("keeps the process alive while it waits, and no longer", () => {
    const f = new ChannelFixture();
    f.call({ waitForReady: true });
    assert.equal(f.platform.holdingTimers, 1);
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    f.platform.advance(86_400_000);
    assert.equal(f.platform.holdingTimers, 1, "a day later too");
    f.connector.last.succeed();
    assert.equal(f.platform.holdingTimers, 0);
  });

  it("starts in order of arrival", () => {
    const f = new ChannelFixture();
    const calls = [1, 2, 3].map((id) => f.call({ compression: String(id) }));
    calls[1]?.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    assert.deepEqual(
      transport.calls.map((call) => call.options.compression),
      ["1", "3"],
    );
  });

  it("keeps what is said and says it once there is one", () => {
    const f = new ChannelFixture();
    const call = f.call();
    assert.equal(call.stream?.send("a", false), false, "wait for onWritable");
    call.stream?.pull(1);
    call.stream?.send("b", true);
    call.stream?.pull(2);
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    assert.deepEqual(transport.calls[0]?.log, ["pull 3", "send a", "send b last"]);
    assert.deepEqual(call.log, ["writable"]);
  });

  it("half-closes with no message, or behind the last", () => {
    const f = new ChannelFixture();
    const [empty, full] = [f.call(), f.call()];
    empty.stream?.finish();
    full.stream?.send("a", false);
    full.stream?.finish();
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    assert.deepEqual(transport.calls[0]?.log, ["finish"]);
    assert.deepEqual(transport.calls[1]?.log, ["send a", "finish"]);
    assert.deepEqual(empty.log, [], "nothing waited for onWritable");
  });

  it("keeps everything that is said while it waits", () => {
    const f = new ChannelFixture();
    const call = f.call();
    const count = 3 * maxKeptMessages;
    for (let i = 0; i < count; i++) call.stream?.send(i, false);
    f.resolver.tellHosts("10.0.0.1");
    assert.equal(f.connector.last.succeed().calls[0]?.log.length, count);
  });

  it("may be ended by what it is told while it starts", () => {
    const f = new ChannelFixture();
    const [first, second] = [f.call(), f.call()];
    first.onEnd = () => second.stream?.cancel({ code: StatusCode.CANCELLED, message: "both" });
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    assert.equal(second.outcome, "CANCELLED: both");
    f.platform.advance(0);
    assert.equal(f.platform.holdingTimers, 0);
  });
});

describe("a stream slot", () => {
  it("is waited for in order of arrival, and given up with the call", () => {
    const f = new ChannelFixture();
    const transport = f.ready(1);
    const calls = [1, 2, 3, 4].map((id) => f.call({ compression: String(id) }));
    assert.equal(f.channel.describe().waitingCalls, 3);
    calls[2]?.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    for (let i = 0; i < 3; i++) {
      transport.calls[i]?.answer();
      transport.freeSlots();
    }
    assert.deepEqual(
      transport.calls.map((call) => call.options.compression),
      ["1", "2", "4"],
    );
    assert.deepEqual(
      calls.map((call) => call.outcome),
      ["OK", "OK", "CANCELLED: enough", "OK"],
    );
    assert.equal(f.platform.holdingTimers, 0);
  });

  it("is not taken by a new call while another waits for it", () => {
    const f = new ChannelFixture();
    const transport = f.ready(1);
    f.call({ compression: "1" });
    f.call({ compression: "2" });
    transport.calls[0]?.answer();
    f.call({ compression: "3" });
    assert.equal(transport.calls.length, 1, "onSlots has not come yet");
    transport.freeSlots();
    assert.equal(transport.calls[1]?.options.compression, "2");
  });

  it("is looked for elsewhere when the connection ends", () => {
    const f = new ChannelFixture();
    const old = f.ready(1);
    f.call();
    const call = f.call();
    call.stream?.send("a", true);
    old.goAway();
    const transport = f.connector.last.succeed();
    assert.deepEqual(transport.calls[0]?.log, ["send a last"]);
  });
});

describe("a request that never left", () => {
  it("is sent again on the next connection, with all that was said", () => {
    const f = new ChannelFixture();
    const old = f.ready();
    const call = f.call();
    call.stream?.pull(2);
    call.stream?.send("a", false);
    call.stream?.send("b", true);
    old.goAway();
    old.calls[0]?.endUnsent();
    assert.equal(call.status, undefined);
    const transport = f.connector.last.succeed();
    assert.deepEqual(transport.calls[0]?.log, ["pull 2", "send a", "send b last"]);
    transport.calls[0]?.answer("x");
    assert.deepEqual(call.log, ["headers", "message x", "OK"]);
  });

  it("lets a caller go on that the connection before had told to wait", () => {
    const f = new ChannelFixture();
    const old = f.ready();
    const call = f.call();
    const [first] = old.calls;
    assert.ok(first);
    first.writable = false;
    assert.equal(call.stream?.send("a", false), false);
    first.endUnsent();
    old.lose();
    f.connector.last.succeed();
    assert.deepEqual(call.log, ["writable"]);
  });

  it("waits for a new picker: the old one would pick the same connection for ever", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    transport.calls[0]?.endUnsent();
    assert.equal(transport.calls.length, 1);
    assert.equal(f.channel.describe().waitingCalls, 1);
    transport.lose();
    f.connector.last.succeed().calls[0]?.answer();
    assert.equal(call.outcome, "OK");
  });

  it("may be refused before invoke returns", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    transport.refuseNext = { code: StatusCode.UNAVAILABLE, message: "no more calls", delivery: "not-sent" };
    const call = f.call();
    assert.equal(call.status, undefined);
    call.stream?.send("a", true);
    transport.lose();
    assert.deepEqual(f.connector.last.succeed().calls[0]?.log, ["send a last"]);
  });

  it("is tried as often as it takes, until the deadline", () => {
    const f = new ChannelFixture();
    f.ready();
    const call = f.call({ timeoutMs: 1000 });
    for (let i = 0; i < 20; i++) {
      const { transport } = f.connector.last;
      transport?.calls[0]?.endUnsent();
      transport?.lose();
      f.connector.last.succeed();
    }
    f.connector.last.transport?.calls[0]?.endUnsent();
    f.platform.advance(1000);
    assert.equal(
      call.outcome,
      'DEADLINE_EXCEEDED: deadline of 1000 ms ran out while waiting for a connection to "shop" (the connection was lost)',
    );
    assert.equal(f.connector.attempts.length, 21);
  });

  for (const delivery of ["unknown", "processed"] as const) {
    it(`is something else than one whose delivery is ${delivery}`, () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      const call = f.call();
      transport.calls[0]?.end({ code: StatusCode.UNAVAILABLE, message: "reset", delivery });
      assert.equal(call.outcome, "UNAVAILABLE: reset");
    });
  }

  it("takes its history with it when it fails in the end", () => {
    const f = new ChannelFixture();
    const old = f.ready();
    const call = f.call();
    f.platform.advance(10);
    old.calls[0]?.endUnsent();
    old.lose();
    f.platform.advance(5);
    const transport = f.connector.last.succeed();
    f.platform.advance(20);
    transport.calls[0]?.end({ code: StatusCode.UNAVAILABLE, message: "reset", delivery: "unknown" });
    const { attempts, history } = call.status ?? {};
    assert.equal(attempts, 2);
    assert.deepEqual(
      history?.map(({ message, delivery, startedAt, endedAt }) => [message, delivery, startedAt, endedAt]),
      [
        ["the connection was lost", "not-sent", 0, 10],
        ["reset", "unknown", 15, 35],
      ],
    );
  });

  it("is not sent again when it was the request's fault", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    transport.calls[0]?.end({ code: StatusCode.INTERNAL, message: "cannot encode", delivery: "not-sent" });
    assert.equal(call.outcome, "INTERNAL: cannot encode");
  });

  it("is not sent again when more was said than is kept", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    for (let i = 0; i <= maxKeptMessages; i++) call.stream?.send(i, false);
    transport.calls[0]?.endUnsent();
    assert.equal(call.outcome, "UNAVAILABLE: the connection was lost");
  });

  it("may be as long as is kept", () => {
    const f = new ChannelFixture();
    const old = f.ready();
    const call = f.call();
    for (let i = 0; i < maxKeptMessages; i++) call.stream?.send(i, false);
    old.goAway();
    old.calls[0]?.endUnsent();
    assert.equal(f.connector.last.succeed().calls[0]?.log.length, maxKeptMessages);
  });
});

describe("a request that the server refused (gRFC A6, transparent retries)", () => {
  const refused = { code: StatusCode.UNAVAILABLE, message: "refused", delivery: "not-processed" } as const;

  it("vector 8: REFUSED once only, at once, whatever the method", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    call.stream?.send("a", true);
    transport.calls[0]?.end(refused);
    assert.equal(transport.calls.length, 2, "the connection is the same");
    assert.deepEqual(transport.calls[1]?.log, ["send a last"]);
    assert.equal(transport.calls[1]?.headers.previousAttempts, undefined);
    transport.calls[1]?.end(refused);
    assert.equal(call.outcome, "UNAVAILABLE: refused");
    assert.deepEqual([call.status?.delivery, call.status?.attempts], ["not-processed", 2]);
  });

  it("is what it is: had it run once, it would not be told as not processed", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    transport.calls[0]?.end(refused);
    transport.calls[1]?.end({ code: StatusCode.UNAVAILABLE, message: "reset", delivery: "unknown" });
    assert.equal(call.status?.delivery, "unknown");
  });

  it("does not touch the throttle", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    f.call();
    transport.calls[0]?.end(refused);
    assert.equal(throttlesOf(f.platform).acquire("shop").tokens, 100);
  });

  it("is not tried again with another code: a server of this process that has no such method says so", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    transport.calls[0]?.end({ ...refused, code: StatusCode.UNIMPLEMENTED });
    assert.equal(call.outcome, "UNIMPLEMENTED: refused");
  });

  it("is not tried again once more was sent than is kept", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    for (let i = 0; i <= maxKeptMessages; i++) call.stream?.send(i, false);
    transport.calls[0]?.end(refused);
    assert.equal(call.outcome, "UNAVAILABLE: refused");
  });
});
