import assert from "node:assert/strict";
import { type CallOptions, noCallOptions } from "../../../src/rpc/call-options.js";
import { noDeadline } from "../../../src/rpc/deadline.js";
import type { Invoker, RequestHeaders, RequestStream } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { OK, type Status } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { CallCounts } from "../../../src/telemetry/call-counts.js";
import {
  createInProcessInvoker,
  findInProcessServer,
  type InProcessInvoker,
  registerInProcessServer,
} from "../../../src/transport/in-process/in-process-transport.js";
import type { CallDispatcher } from "../../../src/transport/transport.js";
import { Echo, echoMethod, type Text, text } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { RecordingResponse } from "../../support/recording-response.js";
import { type ScriptedCall, ScriptedInvoker } from "../../support/scripted-invoker.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };

describe("transport: in-process", () => {
  let platform: FakePlatform;
  let server: ScriptedInvoker;
  let door: InProcessInvoker;
  let response: RecordingResponse;
  let calls: CallCounts;

  beforeEach(() => {
    platform = new FakePlatform();
    server = new ScriptedInvoker();
    response = new RecordingResponse();
    calls = new CallCounts();
    const dispatcher: CallDispatcher = {
      findMethod: (path) => Echo.methods.find((method) => method.path === path),
      unimplementedMessage: (path) => `no ${path}`,
      invoker: server,
      calls,
    };
    door = createInProcessInvoker(dispatcher, platform, "shop");
  });

  afterEach(() => platform.assertQuiet());

  function invoke(headers: Partial<RequestHeaders> = {}, options = noCallOptions): RequestStream {
    const all = { method: echoMethod("chat"), metadata: new Metadata(), deadline: noDeadline, ...headers };
    return door.invoke(all, options, response);
  }

  /** A call that its server knows of. */
  function open(headers: Partial<RequestHeaders> = {}): { stream: RequestStream; call: ScriptedCall } {
    const stream = invoke(headers);
    platform.runTurns();
    return { stream, call: server.call };
  }

  it("calls the server in a turn of its own, with a copy of the metadata and a peer", () => {
    const metadata = new Metadata({ a: "1" });
    const stream = invoke({ metadata, authority: "x" });
    stream.pull(3);
    stream.send(text("a"), true);
    metadata.set("a", "2");
    assert.equal(server.calls.length, 0);
    platform.runTurns();
    const { call } = server;
    assert.equal(call.headers.metadata.get("a"), "1");
    assert.deepEqual(call.headers.peer, { address: "inproc:shop", security: "local" });
    assert.deepEqual(call.sent, [text("a")]);
    assert.equal(call.finished, true);
    assert.equal(call.pulled, 3);
    stream.cancel(cancelled);
    platform.runTurns();
  });

  it("tells the server which attempt of a call it is", () => {
    assert.equal(open({ previousAttempts: 2 }).call.headers.previousAttempts, 2);
    server.call.sink.onStatus(OK);
    platform.runTurns();
  });

  it("answers in a turn of its own, with copies", () => {
    const { call } = open();
    const headers = new Metadata({ h: "1" });
    const trailers = new Metadata({ t: "1" });
    const message = text("a");
    call.sink.onHeaders(headers);
    call.sink.onMessage(message);
    call.sink.onStatus({ code: StatusCode.OK, message: "", trailers });
    headers.set("h", "2");
    trailers.set("t", "2");
    message.value = "changed";
    assert.deepEqual(response.events, []);
    platform.runTurns();
    assert.deepEqual(response.events, ["headers", "message a", "status OK"]);
    assert.equal(response.headers?.get("h"), "1");
    assert.equal(response.status?.trailers?.get("t"), "1");
    assert.equal(response.peer?.address, "inproc:shop");
  });

  it("copies requests when they are sent", () => {
    const { stream, call } = open();
    const request = text("a");
    stream.send(request, false);
    request.value = "changed";
    stream.finish();
    platform.runTurns();
    assert.equal((call.sent[0] as Text).value, "a");
    assert.equal(call.finished, true);
    call.sink.onStatus(OK);
    platform.runTurns();
  });

  it("brings of a status what a wire would", () => {
    const { call } = open();
    const details = Uint8Array.of(1);
    call.sink.onStatus({
      code: StatusCode.ABORTED,
      message: "no",
      details,
      retryPushbackMs: 7,
      cause: new Error("secret"),
    });
    platform.runTurns();
    const { trailers, ...status } = response.status as Status;
    assert.equal(trailers?.size, 0);
    assert.deepEqual(status, {
      code: StatusCode.ABORTED,
      message: "no",
      delivery: "processed",
      peer: { address: "inproc:shop", security: "local" },
      details,
      retryPushbackMs: 7,
    });
  });

  it("takes 16 requests ahead, and asks for more at half", () => {
    const { stream, call } = open();
    call.writable = false;
    for (let i = 0; i < 15; i++) assert.equal(stream.send(text(String(i)), false), true);
    assert.equal(stream.send(text("15"), false), false);
    assert.equal(stream.send(text("kept all the same"), false), false);
    platform.runTurns();
    assert.equal(call.sent.length, 1);
    for (let i = 0; i < 8; i++) {
      assert.deepEqual(response.events, []);
      call.sink.onWritable();
      platform.runTurns();
    }
    assert.equal(call.sent.length, 9);
    assert.deepEqual(response.events, ["writable"]);
    call.writable = true;
    call.sink.onWritable();
    platform.runTurns();
    assert.equal(call.sent.length, 17);
    stream.finish();
    platform.runTurns();
    assert.equal(call.finished, true);
    call.sink.onStatus(OK);
    platform.runTurns();
  });

  it("leaves room for others when two sides never tire", () => {
    const { stream, call } = open();
    let turnsOfOthers = 0;
    let wakes = 0;
    response.onEvent = () => stream.pull(1);
    const originalPull = call.pull.bind(call);
    call.pull = (count) => {
      originalPull(count);
      if (++wakes < 1000) call.sink.onMessage(text(""));
      else call.sink.onStatus(OK);
    };
    const other = (): void => {
      turnsOfOthers++;
      if (response.status === undefined) platform.scheduleTurn(other);
    };
    platform.scheduleTurn(other);
    call.sink.onHeaders(new Metadata());
    platform.runTurns();
    assert.equal(response.messages.length, 999);
    assert.ok(turnsOfOthers > 10, `${turnsOfOthers} turns`);
  });

  describe("cancel", () => {
    it("ends the client's side, and tells the server, in the next turn", () => {
      const { stream, call } = open();
      call.sink.onHeaders(new Metadata());
      stream.cancel(cancelled);
      assert.deepEqual(response.events, []);
      platform.runTurns();
      assert.deepEqual(response.events, ["status CANCELLED"]);
      const peer = { address: "inproc:shop", security: "local" };
      assert.deepEqual(response.status, { ...cancelled, delivery: "unknown", peer });
      assert.deepEqual(call.cancels, [{ code: StatusCode.CANCELLED, message: "the client cancelled the call" }]);
    });

    it("does not start what was cancelled at once", () => {
      invoke().cancel(cancelled);
      platform.runTurns();
      assert.equal(server.calls.length, 0);
      assert.deepEqual(response.events, ["status CANCELLED"]);
    });

    it("does nothing once the server has ended, and nothing does after it", () => {
      const { stream, call } = open();
      call.sink.onStatus(OK);
      stream.cancel(cancelled);
      assert.equal(stream.send(text("late"), true), false);
      stream.finish();
      stream.pull(1);
      call.sink.onMessage(text("late"));
      call.sink.onHeaders(new Metadata());
      call.sink.onStatus(OK);
      platform.runTurns();
      assert.deepEqual(response.events, ["status OK"]);
      assert.deepEqual(call.cancels, []);
    });
  });

  describe("deadline", () => {
    const cases: [string, Partial<RequestHeaders>, Parameters<Invoker["invoke"]>[1]][] = [
      ["timeoutMs", {}, { timeoutMs: 500 }],
      ["a Date", {}, { deadline: new Date(new FakePlatform().wallClock() + 500) }],
      ["the sooner of the two", {}, { timeoutMs: 500, deadline: new Date(new FakePlatform().wallClock() + 900) }],
      ["the context", {}, { timeoutMs: 900, context: { timeoutMs: () => 500, signal: new AbortController().signal } }],
      ["the headers", { deadline: new FakePlatform().now() + 500 }, { timeoutMs: 900 }],
    ];
    for (const [what, headers, options] of cases) {
      it(`comes from ${what}, is told to the server, and holds for the client`, () => {
        invoke(headers, options);
        platform.runTurns();
        assert.equal(server.call.headers.deadline, platform.now() + 500);
        platform.advance(499);
        assert.deepEqual(response.events, []);
        platform.advance(1);
        assert.deepEqual(response.events, ["status DEADLINE_EXCEEDED"]);
        assert.equal(response.status?.message, "/test.v1.Echo/Chat was not answered by inproc:shop within 500 ms");
        assert.equal(server.call.cancels.length, 1);
      });
    }

    const { signal } = new AbortController();
    const unsaid: readonly [what: string, options: CallOptions, timeoutMs: number][] = [
      ["holds where nobody says anything", {}, 70],
      ["gives way to the call's", { timeoutMs: 500 }, 500],
      ["gives way to an explicit Infinity", { timeoutMs: noDeadline }, noDeadline],
      ["holds beside a context without a deadline", { context: { timeoutMs: () => noDeadline, signal } }, 70],
    ];
    for (const [what, options, timeoutMs] of unsaid) {
      it(`of the .proto ${what}`, () => {
        const stream = invoke({ method: { ...echoMethod("chat"), timeoutMs: 70 } }, options);
        platform.runTurns();
        assert.equal(server.call.headers.deadline, platform.now() + timeoutMs);
        stream.cancel(cancelled);
        platform.runTurns();
      });
    }

    it("fails at once when it has passed", () => {
      invoke({}, { timeoutMs: 0 });
      platform.runTurns();
      assert.equal(server.calls.length, 0);
      assert.equal(response.status?.code, StatusCode.DEADLINE_EXCEEDED);
      assert.equal(response.status?.message, "the deadline of /test.v1.Echo/Chat had passed before the call began");
      assert.equal(response.status?.delivery, "not-sent");
    });

    it("is INTERNAL when it is no time", () => {
      invoke({}, { timeoutMs: Number.NaN });
      platform.runTurns();
      assert.equal(response.status?.code, StatusCode.INTERNAL);
      assert.equal(response.status?.message, "timeoutMs is NaN and deadline undefined: one is no time");
    });

    it("leaves no timer behind a call that ended before", () => {
      invoke({}, { timeoutMs: 500 });
      platform.runTurns();
      assert.equal(platform.timers, 1);
      server.call.sink.onStatus(OK);
      platform.runTurns();
      assert.equal(platform.timers, 0);
    });
  });

  it("is UNIMPLEMENTED for a method that the server does not have", () => {
    invoke({ method: { ...echoMethod("unary"), path: "/test.v1.Echo/Nope" } });
    platform.runTurns();
    assert.equal(response.status?.code, StatusCode.UNIMPLEMENTED);
    assert.equal(response.status?.message, "no /test.v1.Echo/Nope");
    assert.equal(response.status?.delivery, "not-processed");
  });

  for (const direction of ["request", "response"]) {
    it(`is INTERNAL for a ${direction} that is no message`, () => {
      const { stream, call } = open();
      if (direction === "request") stream.send(7, false);
      else call.sink.onMessage(7);
      platform.runTurns();
      assert.equal(response.status?.code, StatusCode.INTERNAL);
      assert.match(
        response.status?.message ?? "",
        /^a message of \/test\.v1\.Echo\/Chat is no google\.protobuf\.StringValue: /,
      );
      assert.equal(call.cancels.length, 1);
    });
  }

  describe("end of the server", () => {
    it("drains: running calls end, new ones are UNAVAILABLE", () => {
      let drained = 0;
      const { call } = open();
      door.drain(() => drained++);
      assert.equal(door.activeCalls, 1);
      const running = response;
      response = new RecordingResponse();
      invoke();
      platform.runTurns();
      assert.equal(response.status?.code, StatusCode.UNAVAILABLE);
      assert.equal(response.status?.message, "the server is shutting down");
      assert.equal(drained, 0);
      call.sink.onStatus(OK);
      platform.runTurns();
      assert.equal(running.status?.code, StatusCode.OK);
      assert.equal(drained, 1);
      assert.equal(door.activeCalls, 0);
    });

    it("is drained at once when nothing runs", () => {
      let drained = 0;
      door.drain(() => drained++);
      assert.equal(drained, 1);
    });

    it("closes: running calls end with UNAVAILABLE on both sides", () => {
      const { call } = open();
      door.close();
      door.close();
      platform.runTurns();
      assert.equal(response.status?.code, StatusCode.UNAVAILABLE);
      assert.deepEqual(
        call.cancels.map((status) => status.message),
        ["the server was closed"],
      );
      assert.equal(door.activeCalls, 0);
    });
  });

  describe("names", () => {
    it("are found while they are registered, and taken once", () => {
      const unregister = registerInProcessServer("names", door);
      assert.equal(findInProcessServer("names"), door);
      assert.throws(
        () => registerInProcessServer("names", server),
        /^Error: cannot listen on inproc:names: another server of this process does$/,
      );
      unregister();
      assert.equal(findInProcessServer("names"), undefined);
      const again = registerInProcessServer("names", server);
      unregister();
      assert.equal(findInProcessServer("names"), server);
      again();
    });

    it("are no keys of an object", () => {
      assert.equal(findInProcessServer("__proto__"), undefined);
      assert.equal(findInProcessServer("constructor"), undefined);
    });
  });
});
