import assert from "node:assert/strict";
import { noCallOptions } from "../../../src/rpc/call-options.js";
import type { RequestHeaders } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { OK, type Status } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { HeldCall } from "../../../src/server/admission/held-call.js";
import { echoMethod } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { RecordingResponse } from "../../support/recording-response.js";
import { ScriptedInvoker } from "../../support/scripted-invoker.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "gone" };

describe("server/admission/held-call", () => {
  let platform: FakePlatform;
  let sink: RecordingResponse;
  let next: ScriptedInvoker;
  let ends: Status[];

  beforeEach(() => {
    platform = new FakePlatform();
    sink = new RecordingResponse();
    next = new ScriptedInvoker();
    ends = [];
  });

  const headersWith = (timeoutMs = Number.POSITIVE_INFINITY): RequestHeaders => ({
    ...{ method: echoMethod("unary"), metadata: new Metadata() },
    deadline: platform.now() + timeoutMs,
  });
  const hold = (headers = headersWith()) => new HeldCall(headers, sink, platform, (status) => ends.push(status));
  const admit = (call: HeldCall) => call.admit((answer) => next.invoke(headersWith(), noCallOptions, answer));

  it("asks the client to wait, and says again what it said, in its order", () => {
    const call = hold();
    call.pull(1);
    call.pull(2);
    assert.equal(call.send("a", false), false);
    assert.equal(call.send("b", true), false);
    assert.equal(next.calls.length, 0);
    admit(call);
    assert.deepEqual(
      [next.call.pulled, next.call.sent, next.call.finished, sink.events],
      [3, ["a", "b"], true, ["writable"]],
    );
  });

  it("half-closes behind the messages, or without any", () => {
    const call = hold();
    call.send("a", false);
    call.finish();
    admit(call);
    assert.deepEqual([next.call.sent, next.call.finished], [["a"], true]);
    const empty = new ScriptedInvoker();
    const other = hold();
    other.finish();
    other.admit((answer) => empty.invoke(headersWith(), noCallOptions, answer));
    assert.deepEqual([empty.call.sent, empty.call.finished, empty.call.pulled], [[], true, 0]);
  });

  it("leaves the client waiting when what is behind is full", () => {
    const call = hold();
    call.send("a", false);
    next.onInvoke = (below) => {
      below.writable = false;
    };
    admit(call);
    assert.deepEqual(sink.events, []);
    assert.equal(call.send("b", false), false);
  });

  it("wants no message while it waits, and says when it does", () => {
    const call = hold();
    assert.equal(call.isHeld, true);
    admit(call);
    assert.equal(call.isHeld, false);
    assert.deepEqual(sink.events, ["writable"]);
    assert.equal(call.send("a", true), true);
    assert.deepEqual(next.call.sent, ["a"]);
  });

  it("waits on when it becomes a call that waits", () => {
    const outer = hold();
    const inner = new HeldCall(headersWith(), sink, platform);
    outer.admit(() => inner);
    assert.equal(outer.isHeld, true);
    assert.deepEqual(sink.events, []);
    admit(inner);
    assert.deepEqual([outer.isHeld, sink.events], [false, ["writable"]]);
  });

  it("says nothing behind the end of a call that ends at once", () => {
    const call = hold();
    call.send("a", true);
    next.onInvoke = (below) => below.sink.onStatus(cancelled);
    admit(call);
    assert.deepEqual(sink.events, ["status CANCELLED"]);
  });

  it("hands on what the call answers", () => {
    const call = hold();
    admit(call);
    next.call.sink.onHeaders(new Metadata());
    next.call.sink.onMessage({ value: "x" });
    next.call.sink.onStatus(OK);
    assert.deepEqual(sink.events, ["writable", "headers", "message x", "status OK"]);
  });

  it("is what it has become, once it goes on", () => {
    const call = hold();
    admit(call);
    assert.equal(call.send("a", false), true);
    call.pull(1);
    call.finish();
    call.cancel(cancelled);
    assert.deepEqual(
      [next.call.sent, next.call.pulled, next.call.finished, next.call.cancels],
      [["a"], 1, true, [cancelled]],
    );
    assert.deepEqual(ends, []);
  });

  it("ends when its client leaves, and does not begin afterwards", () => {
    const call = hold();
    call.send("a", false);
    call.cancel(cancelled);
    call.cancel(cancelled);
    assert.deepEqual([sink.events, ends], [["status CANCELLED"], [cancelled]]);
    assert.equal(call.send("b", false), true);
    call.finish();
    call.pull(1);
    admit(call);
    assert.equal(next.calls.length, 0);
  });

  it("ends when its deadline passes", () => {
    const call = hold(headersWith(500));
    platform.advance(499);
    assert.deepEqual(sink.events, []);
    platform.advance(1);
    assert.deepEqual(sink.events, ["status DEADLINE_EXCEEDED"]);
    assert.equal(
      sink.status?.message,
      "the server had not answered /test.v1.Echo/Unary when its deadline passed, 500 ms after the call began there",
    );
    assert.equal(ends.length, 1);
    admit(call);
    assert.equal(next.calls.length, 0);
  });

  it("ends at once when its deadline had passed before", () => {
    hold(headersWith(-5));
    platform.advance(0);
    assert.equal(
      sink.status?.message,
      "the deadline of /test.v1.Echo/Unary had passed when the call reached its server",
    );
  });

  it("leaves no timer behind, whichever way it goes on", () => {
    admit(hold(headersWith(500)));
    hold(headersWith(500)).cancel(cancelled);
    platform.assertQuiet();
  });

  it("needs nobody who hears of its end", () => {
    new HeldCall(headersWith(), sink, platform).cancel(cancelled);
    assert.deepEqual(sink.events, ["status CANCELLED"]);
  });
});
