import assert from "node:assert/strict";
import type { RawInterceptor } from "../../src/rpc/interceptor.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { ChannelFixture, configOf } from "./channel-fixture.js";
import { doings, doingsOf } from "./described.js";

/** What `describe` says of a resolver without a complaint. */
const resolved = { state: "resolved", endpoints: 1, lastError: undefined, note: undefined, configError: undefined };

describe("ClientChannel", () => {
  describe("connecting", () => {
    it("starts with the first call", () => {
      const f = new ChannelFixture();
      assert.equal(f.channel.state(), "IDLE");
      assert.equal(f.resolver.starts, 0);
      const call = f.call();
      assert.equal(f.channel.state(), "CONNECTING");
      assert.equal(f.resolver.starts, 1);
      f.resolver.tellHosts("10.0.0.1");
      const transport = f.connector.last.succeed();
      assert.equal(f.channel.state(), "READY");
      assert.equal(transport.calls.length, 1);
      transport.calls[0]?.answer("a");
      assert.deepEqual(call.log, ["headers", "message a", "OK"]);
    });

    it("starts with connect() or state(true), once", () => {
      const f = new ChannelFixture();
      assert.equal(f.channel.state(false), "IDLE");
      assert.equal(f.channel.state(true), "CONNECTING");
      f.channel.connect();
      assert.equal(f.resolver.starts, 1);
    });

    it("starts anew with the next call after the connection was lost", () => {
      const f = new ChannelFixture();
      f.ready().lose();
      assert.equal(f.channel.state(), "IDLE");
      assert.equal(f.connector.attempts.length, 1);
      const call = f.call();
      f.connector.last.succeed().calls[0]?.answer();
      assert.equal(call.outcome, "OK");
      assert.equal(f.resolver.starts, 1);
    });

    it("asks every address anew after a loss, also those that refused a moment ago: servers that restart in turn", () => {
      const f = new ChannelFixture();
      const [one, two, three] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"] as const;
      f.channel.connect();
      f.resolver.tellHosts(one, two, three);
      f.connector.last.succeed().lose();
      const first = f.call();
      f.connector.last.refuse();
      f.connector.last.succeed();
      assert.equal(first.status, undefined);
      f.connector.last.transport?.lose();
      const second = f.call();
      const asked = f.connector.attempts.length;
      f.connector.last.succeed();
      assert.equal(f.connector.attempts[asked - 1]?.name, `${one}:1`);
      assert.equal(second.status, undefined);
    });

    it("does not storm a server that says GOAWAY to every connection", () => {
      const f = new ChannelFixture();
      const call = f.call({ waitForReady: true });
      f.resolver.tellHosts("10.0.0.1");
      for (let ms = 0; ms < 10_000; ms += 10) {
        const { last } = f.connector;
        if (last.transport === undefined) last.succeed(0).goAway();
        f.platform.advance(10);
      }
      assert.equal(call.status, undefined);
      const count = f.connector.attempts.length;
      assert.ok(count >= 3 && count <= 7, `${count} connections in 10 s`);
    });

    it("goes on with running calls after GOAWAY, and makes a new connection for the next", () => {
      const f = new ChannelFixture();
      const old = f.ready();
      const first = f.call();
      old.goAway();
      const second = f.call();
      f.connector.last.succeed().calls[0]?.answer("new");
      old.calls[0]?.answer("old");
      assert.deepEqual(first.log, ["headers", "message old", "OK"]);
      assert.deepEqual(second.log, ["headers", "message new", "OK"]);
    });

    it("reports what there is", () => {
      const f = new ChannelFixture();
      f.call();
      f.call();
      f.resolver.tellHosts("10.0.0.1", "10.0.0.2");
      f.connector.last.refuse();
      assert.deepEqual(doings(f.channel.describe()), {
        target: "shop",
        state: "CONNECTING",
        runningCalls: 2,
        waitingCalls: 2,
        resolver: { ...resolved, endpoints: 2 },
        policy: "pick_first",
        subchannels: [
          {
            address: "10.0.0.1:1",
            state: "TRANSIENT_FAILURE",
            lastError: "connect to 10.0.0.1:1 was refused (ECONNREFUSED)",
            waitingCalls: 0,
            connections: [],
          },
          { address: "10.0.0.2:1", state: "CONNECTING", lastError: undefined, waitingCalls: 0, connections: [] },
        ],
      });
    });

    it("reports connections, and the calls that they carry and let wait", () => {
      const f = new ChannelFixture();
      f.ready(2);
      for (let i = 0; i < 5; i++) f.call();
      const { waitingCalls, subchannels } = f.channel.describe();
      assert.equal(waitingCalls, 3);
      assert.deepEqual(subchannels.map(doingsOf), [
        {
          address: "10.0.0.1:1",
          state: "READY",
          lastError: undefined,
          waitingCalls: 3,
          connections: [{ peer: "ipv4:10.0.0.1:1", activeCalls: 2, freeStreams: 0 }],
        },
      ]);
    });

    it("reports how the resolver fares", () => {
      const f = new ChannelFixture();
      const { resolver, policy } = f.channel.describe();
      assert.deepEqual(resolver, { ...resolved, state: "idle", endpoints: 0 });
      assert.equal(policy, undefined);
      f.channel.connect();
      assert.equal(f.channel.describe().resolver.state, "resolving");
      const endpoints = { value: [{ addresses: [{ transport: "tcp", host: "10.0.0.1", port: 1 }] as const }] };
      const serviceConfig = { value: { methodConfig: 1 as never } };
      f.resolver.tell({ endpoints, note: "a note" });
      f.resolver.tell({ endpoints, note: "a note", serviceConfig });
      assert.deepEqual(f.channel.describe().resolver, {
        state: "resolved",
        endpoints: 1,
        lastError: undefined,
        note: "a note",
        configError: "the resolver's service config is refused: serviceConfig.methodConfig is 1: expected a list",
      });
      f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such host" } } });
      assert.deepEqual(f.channel.describe().resolver, {
        ...resolved,
        state: "failed",
        endpoints: 1,
        lastError: "no such host",
      });
    });
  });

  describe("the fast path", () => {
    it("brings what is said straight to the connection", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      const call = f.call();
      assert.equal(call.stream?.send("a", false), true);
      call.stream?.pull(2);
      call.stream?.finish();
      assert.deepEqual(transport.calls[0]?.log, ["send a", "pull 2", "finish"]);
      assert.equal(f.platform.timers, 0);
    });

    it("passes headers and options on as they are when nothing changes them", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      const options = { compression: "gzip" };
      f.call(options);
      assert.equal(transport.calls[0]?.options, options);
    });

    it("passes the call's authority in its headers", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      f.call({ authority: "other" });
      f.call({ authority: "other" }, { authority: "mine" });
      assert.deepEqual(
        transport.calls.map((call) => call.headers.authority),
        ["other", "mine"],
      );
    });

    it("passes backpressure on", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      const call = f.call();
      const scripted = transport.calls[0];
      assert.ok(scripted);
      scripted.writable = false;
      assert.equal(call.stream?.send("a", false), false);
      scripted.sink.onWritable();
      assert.deepEqual(call.log, ["writable"]);
    });
  });

  it("says nothing after the end, whatever comes from either side", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    const scripted = transport.calls[0];
    assert.ok(scripted && call.stream);
    scripted.answer("a");
    scripted.sink.onWritable();
    assert.equal(call.stream.send("late", true), true);
    call.stream.finish();
    call.stream.pull(1);
    call.stream.cancel({ code: StatusCode.CANCELLED, message: "late" });
    assert.deepEqual(call.log, ["headers", "message a", "OK"]);
    assert.deepEqual(scripted.log, []);
  });

  describe("cancelling", () => {
    it("tells the connection and ends the call", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      const call = f.call();
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
      assert.equal(call.outcome, "CANCELLED: enough");
      assert.deepEqual(transport.calls[0]?.log, ["cancel 1 enough"]);
      assert.equal(f.channel.describe().runningCalls, 0);
    });

    it("ends a call that waits, without a connection", () => {
      const f = new ChannelFixture();
      const call = f.call();
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
      assert.equal(call.outcome, "CANCELLED: enough");
      assert.equal(call.status?.delivery, "not-sent");
      f.resolver.tellHosts("10.0.0.1");
      assert.equal(f.connector.last.succeed().calls.length, 0);
      f.platform.assertQuiet();
    });

    it("ends a call that an interceptor holds", () => {
      const hold: RawInterceptor = () => ({
        invoke: () => ({ send: () => true, finish() {}, pull() {}, cancel() {} }),
      });
      const f = new ChannelFixture({ interceptors: [{ raw: hold }] });
      f.ready();
      const cancelled = f.call();
      cancelled.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
      assert.equal(cancelled.outcome, "CANCELLED: enough");
      assert.equal(cancelled.status?.delivery, "unknown", "who knows what the interceptor did");
      const late = f.call({ timeoutMs: 5 });
      f.platform.advance(5);
      assert.match(late.outcome, /^DEADLINE_EXCEEDED: deadline of 5 ms ran out/);
    });
  });

  describe("interceptors", () => {
    const named = (name: string, log: string[]): RawInterceptor => {
      return (next) => ({
        invoke(headers, options, sink) {
          log.push(name);
          return next.invoke(headers, options, sink);
        },
      });
    };

    it("run in order, the first outermost, once for a call however often it is picked", () => {
      const log: string[] = [];
      const f = new ChannelFixture({ interceptors: [{ raw: named("a", log) }, { raw: named("b", log) }] });
      const transport = f.ready();
      const call = f.call();
      assert.deepEqual(log, ["a", "b"]);
      transport.lose();
      assert.deepEqual(log, ["a", "b"]);
      assert.equal(call.status?.code, StatusCode.UNAVAILABLE);
    });

    it("end a call with what they throw", () => {
      const throwing: RawInterceptor = () => ({
        invoke: () => {
          throw new Error("a bug");
        },
      });
      const f = new ChannelFixture({ interceptors: [{ raw: throwing }] });
      f.ready();
      const call = f.call({ timeoutMs: 10 });
      assert.equal(call.outcome, "INTERNAL: an interceptor failed in /shop.v1.Shop/Get: a bug");
      assert.equal(f.channel.describe().runningCalls, 0);
      f.platform.assertQuiet();
    });

    it("run below the deadline", () => {
      const deadlines: number[] = [];
      const watch: RawInterceptor = (next) => ({
        invoke(headers, options, sink) {
          deadlines.push(headers.deadline);
          return next.invoke(headers, options, sink);
        },
      });
      const f = new ChannelFixture({ interceptors: [{ raw: watch }] });
      f.ready();
      const now = f.platform.now();
      f.call({ timeoutMs: 300 });
      assert.deepEqual(deadlines, [now + 300]);
    });

    it("may take promises", async () => {
      const seen: string[] = [];
      const f = new ChannelFixture({
        interceptors: [
          (next) => async (call) => {
            const status = await next(call);
            seen.push(`${call.method.path} ${status.code}`);
            return status;
          },
        ],
      });
      const transport = f.ready();
      const call = f.call();
      await f.platform.settle();
      transport.calls[0]?.answer();
      await f.platform.settle();
      assert.equal(call.outcome, "OK");
      assert.deepEqual(seen, ["/shop.v1.Shop/Get 0"]);
    });
  });

  describe("the method config", () => {
    it("limits time, message sizes and readiness, the smaller limit holds", () => {
      const json = {
        methodConfig: [
          {
            name: [{ service: "shop.v1.Shop" }],
            timeout: "0.25s",
            waitForReady: true,
            maxRequestMessageBytes: 1000,
            maxResponseMessageBytes: 2000,
          },
        ],
      };
      const f = new ChannelFixture({ serviceConfig: configOf(json), limits: { maxSendMessageBytes: 500 } });
      const transport = f.ready();
      const now = f.platform.now();
      f.call();
      f.call({ timeoutMs: 100, maxRequestBytes: 10, maxResponseBytes: 9000, waitForReady: false });
      const [first, second] = transport.calls;
      assert.ok(first && second);
      assert.deepEqual([first.headers.deadline, second.headers.deadline], [now + 250, now + 100]);
      assert.deepEqual(first.options, { waitForReady: true, maxRequestBytes: 500, maxResponseBytes: 2000 });
      assert.equal(second.options.waitForReady, false);
      assert.equal(second.options.maxRequestBytes, 10);
      assert.equal(second.options.maxResponseBytes, 2000);
    });

    it("R118 grpc-js 1.14.7: comes from the resolver where it gives one, and a bad one leaves the last in force (gRFC A21)", () => {
      const config = (timeout: string) => ({ methodConfig: [{ name: [{}], timeout }] });
      const f = new ChannelFixture({ serviceConfig: configOf(config("9s")) });
      const transport = f.ready();
      const now = f.platform.now();
      f.call();
      const endpoints = { value: [{ addresses: [{ transport: "tcp", host: "10.0.0.1", port: 1 }] as const }] };
      f.resolver.tell({ endpoints, serviceConfig: { value: config("3s") } });
      f.call();
      const status = { code: StatusCode.UNAVAILABLE, message: "bad config" };
      f.resolver.tell({ endpoints, serviceConfig: { status } });
      f.call();
      f.resolver.tell({ endpoints, serviceConfig: { value: config("3") } });
      f.call();
      f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such host" } } });
      f.call();
      f.resolver.tell({ endpoints });
      f.call();
      const deadlines = transport.calls.map((call) => call.headers.deadline - now);
      assert.deepEqual(deadlines, [9000, 3000, 3000, 3000, 3000, 9000]);
    });
  });
});
