import assert from "node:assert/strict";
import { CallInfo } from "../../src/rpc/call-info.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { createClient } from "../../src/stub/client.js";
import { Echo, text } from "../support/echo-service.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";
import { checkRejections } from "../support/unhandled-rejections.js";

const peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;

async function errorOf(promise: Promise<unknown>): Promise<StatusError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof StatusError, `threw ${String(error)}`);
    return error;
  }
  throw new Error("expected a rejection");
}

describe("stub: unary", () => {
  checkRejections();
  let invoker: ScriptedInvoker;
  let client: ReturnType<typeof create>;
  const create = () => createClient(Echo, invoker);

  beforeEach(() => {
    invoker = new ScriptedInvoker();
    client = create();
  });

  it("sends one message, half-closes, asks for it and one more, and resolves to the response", async () => {
    const promise = client.unary({ value: "a" });
    const { call } = invoker;
    assert.deepEqual(call.sent, [text("a")]);
    assert.equal(call.finished, true);
    assert.equal(call.pulled, 2);
    assert.equal(call.headers.method.path, "/test.v1.Echo/Unary");
    assert.equal(call.headers.deadline, Number.POSITIVE_INFINITY);
    call.sink.onHeaders(new Metadata(), peer);
    const answer = text("b");
    call.sink.onMessage(answer);
    call.sink.onStatus(OK);
    assert.equal(await promise, answer);
  });

  it("does not copy a request that already is a message", () => {
    const request = text("a");
    void client.unary(request);
    assert.equal(invoker.call.sent[0], request);
  });

  it("passes metadata on as a copy, the authority and the options as they are", () => {
    const metadata = new Metadata({ "x-a": "1" });
    const options = { metadata, authority: "shop.internal", timeoutMs: 5 };
    void client.unary({}, options);
    const { headers } = invoker.call;
    assert.equal(headers.metadata.get("x-a"), "1");
    assert.notEqual(headers.metadata, metadata);
    assert.equal(headers.authority, "shop.internal");
    assert.equal(invoker.call.options, options);
  });

  it("rejects with a StatusError that names method, peer, headers and trailers", async () => {
    const promise = client.unary({});
    const { sink } = invoker.call;
    sink.onHeaders(new Metadata({ h: "1" }), peer);
    sink.onStatus({ code: StatusCode.NOT_FOUND, message: "no item", trailers: new Metadata({ t: "2" }) });
    const error = await errorOf(promise);
    assert.equal(error.code, StatusCode.NOT_FOUND);
    assert.equal(error.statusMessage, "no item");
    assert.equal(error.method, "/test.v1.Echo/Unary");
    assert.equal(error.peer, peer);
    assert.equal(error.headers.get("h"), "1");
    assert.equal(error.trailers.get("t"), "2");
  });

  for (const code of [StatusCode.OK, StatusCode.ABORTED]) {
    it(`fills CallInfo when the call ends with ${code}`, async () => {
      const info = new CallInfo();
      const promise = client.unary({}, { info });
      const { sink } = invoker.call;
      sink.onHeaders(new Metadata({ h: "1" }), peer);
      assert.equal(info.headers.get("h"), "1");
      sink.onMessage(text(""));
      sink.onStatus({ code, message: "", trailers: new Metadata({ t: "2" }) });
      await promise.catch(() => undefined);
      assert.equal(info.peer, peer);
      assert.equal(info.status?.code, code);
      assert.equal(info.trailers.get("t"), "2");
    });
  }

  it("ends like any other where its info takes nothing, and takes the connection of no other with it", async () => {
    const info = Object.preventExtensions({ mine: true }) as unknown as CallInfo;
    const promise = client.unary({}, { info });
    const { sink } = invoker.call;
    sink.onHeaders(new Metadata(), peer);
    sink.onMessage(text("a"));
    sink.onStatus(OK);
    assert.equal((await promise).value, "a");
  });

  it("is UNIMPLEMENTED when the server ends with OK and no message", async () => {
    const info = new CallInfo();
    const promise = client.unary({}, { info });
    invoker.call.sink.onStatus(OK);
    const error = await errorOf(promise);
    assert.equal(error.code, StatusCode.UNIMPLEMENTED);
    assert.equal(
      error.statusMessage,
      "the server of /test.v1.Echo/Unary ended with OK and no response message, expected one",
    );
    assert.equal(info.status?.code, StatusCode.UNIMPLEMENTED);
  });

  for (const answersCancel of [true, false]) {
    it(`is UNIMPLEMENTED when a second message comes; cancel ${answersCancel ? "in" : "not in"} time`, async () => {
      const promise = client.unary({});
      const { call } = invoker;
      call.answersCancel = answersCancel;
      call.sink.onHeaders(new Metadata());
      call.sink.onMessage(text("a"));
      call.sink.onMessage(text("b"));
      assert.equal(call.cancels.length, 1);
      if (!answersCancel) call.sink.onStatus(OK);
      const error = await errorOf(promise);
      assert.equal(error.code, StatusCode.UNIMPLEMENTED);
      assert.equal(
        error.statusMessage,
        "the server of /test.v1.Echo/Unary sent a second response message, expected one",
      );
    });
  }

  it("rejects with INTERNAL, and calls nothing, when the metadata cannot be sent", async () => {
    const error = await errorOf(client.unary({}, { metadata: { "bad key": "x" } }));
    assert.equal(error.code, StatusCode.INTERNAL);
    assert.match(error.statusMessage, /^cannot call \/test\.v1\.Echo\/Unary: metadata key "bad key" is not valid/);
    assert.equal(error.delivery, "not-sent");
    assert.ok(error.cause instanceof TypeError);
    assert.equal(invoker.calls.length, 0);
  });

  it("rejects with INTERNAL when the request is no message", async () => {
    const error = await errorOf(client.unary(7 as never));
    assert.equal(error.code, StatusCode.INTERNAL);
    assert.match(error.statusMessage, /^cannot call \/test\.v1\.Echo\/Unary: message is a number, expected/);
    assert.equal(invoker.calls.length, 0);
  });

  it("takes a call that ends before invoke returns", async () => {
    invoker.onInvoke = (call) => call.sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "down" });
    const error = await errorOf(client.unary({}));
    assert.equal(error.code, StatusCode.UNAVAILABLE);
  });

  it("leaves no unhandled rejection when nobody awaits a call that fails", () => {
    void client.unary({});
    invoker.call.sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "down" });
    assert.equal(invoker.calls.length, 1);
  });

  it("cancels when its signal aborts, with the reason as cause", async () => {
    const controller = new AbortController();
    const promise = client.unary({}, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    assert.equal(invoker.call.cancels.length, 1);
    const error = await errorOf(promise);
    assert.equal(error.code, StatusCode.CANCELLED);
    assert.equal(error.statusMessage, "the call was aborted by its signal: enough");
    assert.equal(error.cause, reason);
  });

  it("does not start when its signal has aborted", async () => {
    const error = await errorOf(client.unary({}, { signal: AbortSignal.abort() }));
    assert.equal(error.code, StatusCode.CANCELLED);
    assert.equal(error.delivery, "not-sent");
    assert.equal(invoker.calls.length, 0);
  });

  it("cancels when its signal aborts while the call starts, as an interceptor may let it", async () => {
    const controller = new AbortController();
    invoker.onInvoke = () => controller.abort(new Error("enough"));
    const promise = client.unary({}, { signal: controller.signal });
    assert.equal(invoker.call.cancels.length, 1);
    const error = await errorOf(promise);
    assert.equal(error.message, "CANCELLED: the call was aborted by its signal: enough (/test.v1.Echo/Unary)");
  });

  it("cancels when the handler on whose behalf it runs is aborted, with that handler's code", async () => {
    const controller = new AbortController();
    const context = { timeoutMs: () => 10, signal: controller.signal };
    const promise = client.unary({}, { context });
    controller.abort(new StatusError(StatusCode.DEADLINE_EXCEEDED, "too late"));
    const error = await errorOf(promise);
    assert.equal(error.code, StatusCode.DEADLINE_EXCEEDED);
    assert.equal(error.statusMessage, "too late");
  });

  it("stops listening to the signal when the call has ended", async () => {
    const controller = new AbortController();
    const promise = client.unary({}, { signal: controller.signal });
    const { call } = invoker;
    call.sink.onHeaders(new Metadata());
    call.sink.onMessage(text("a"));
    call.sink.onStatus(OK);
    await promise;
    controller.abort();
    assert.deepEqual(call.cancels, []);
  });
});
