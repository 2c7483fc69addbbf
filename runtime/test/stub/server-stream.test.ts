import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { CallInfo } from "../../src/rpc/call-info.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK, type Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { createClient } from "../../src/stub/client.js";
import { Echo, type EchoClient, text } from "../support/echo-service.js";
import { type ScriptedCall, ScriptedInvoker } from "../support/scripted-invoker.js";
import { checkRejections } from "../support/unhandled-rejections.js";

const down: Status = { code: StatusCode.UNAVAILABLE, message: "down" };

function respond(call: ScriptedCall, ...values: string[]): void {
  call.sink.onHeaders(new Metadata());
  for (const value of values) call.sink.onMessage(text(value));
}

function isStatus(code: StatusCode): (error: unknown) => boolean {
  return (error) => error instanceof StatusError && error.code === code;
}

describe("stub: server stream", () => {
  checkRejections();
  let invoker: ScriptedInvoker;
  let client: EchoClient;

  beforeEach(() => {
    invoker = new ScriptedInvoker();
    client = createClient(Echo, invoker);
  });

  it("starts at once, not with the first next", () => {
    client.list({ value: "a" });
    assert.deepEqual(invoker.call.sent, [text("a")]);
    assert.equal(invoker.call.finished, true);
  });

  it("gives every message in order and ends with the call", async () => {
    const stream = client.list({});
    respond(invoker.call, "a", "b");
    invoker.call.sink.onStatus(OK);
    const seen: string[] = [];
    for await (const message of stream) seen.push(message.value);
    assert.deepEqual(seen, ["a", "b"]);
  });

  it("pulls 16 ahead and tops up at half", async () => {
    const iterator = client.list({})[Symbol.asyncIterator]();
    const { call } = invoker;
    assert.equal(call.pulled, 16);
    respond(call, ...Array.from({ length: 16 }, (_, i) => String(i)));
    for (let i = 0; i < 7; i++) await iterator.next();
    assert.equal(call.pulled, 16);
    await iterator.next();
    assert.equal(call.pulled, 24);
  });

  it("throws the status behind the messages that came before it, once, and nothing after", async () => {
    const iterator = client.list({})[Symbol.asyncIterator]();
    respond(invoker.call, "a");
    invoker.call.sink.onStatus(down);
    assert.equal((await iterator.next()).value?.value, "a");
    await assert.rejects(iterator.next(), isStatus(StatusCode.UNAVAILABLE));
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it("throws into a next that waits", async () => {
    const iterator = client.list({})[Symbol.asyncIterator]();
    const next = iterator.next();
    invoker.call.sink.onStatus(down);
    await assert.rejects(next, isStatus(StatusCode.UNAVAILABLE));
  });

  it("answers several nexts at once in order; the error goes to the first, the end to the others", async () => {
    const iterator = client.list({})[Symbol.asyncIterator]();
    const nexts = [iterator.next(), iterator.next(), iterator.next()];
    respond(invoker.call, "a");
    invoker.call.sink.onStatus(down);
    assert.equal((await nexts[0])?.value?.value, "a");
    await assert.rejects(nexts[1] ?? Promise.resolve(), isStatus(StatusCode.UNAVAILABLE));
    assert.deepEqual(await nexts[2], { done: true, value: undefined });
  });

  it("cancels when the loop is left, and throws nothing", async () => {
    const info = new CallInfo();
    const stream = client.list({}, { info });
    respond(invoker.call, "a", "b");
    for await (const message of stream) {
      assert.equal(message.value, "a");
      break;
    }
    assert.deepEqual(
      invoker.call.cancels.map((status) => status.code),
      [StatusCode.CANCELLED],
    );
    assert.equal(info.status?.message, "the caller left the loop over the responses");
  });

  it("does not cancel a call that has ended when the loop is left", async () => {
    const stream = client.list({});
    respond(invoker.call, "a", "b");
    invoker.call.sink.onStatus(OK);
    for await (const message of stream) {
      assert.equal(message.value, "a");
      break;
    }
    assert.deepEqual(invoker.call.cancels, []);
  });

  it("releases a next that waits when the reader leaves", async () => {
    const iterator = client.list({})[Symbol.asyncIterator]();
    const next = iterator.next();
    await iterator.return?.();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.equal(invoker.call.cancels.length, 1);
  });

  it("can be read once", async () => {
    const stream = client.list({});
    invoker.call.sink.onStatus(OK);
    for await (const _ of stream) assert.fail("nothing was sent");
    await assert.rejects(stream[Symbol.asyncIterator]().next(), /^Error: a stream of messages can be read only once$/);
  });

  it("gives an iterator that is an iterable itself", async () => {
    const iterator = client.list({})[Symbol.asyncIterator]() as AsyncIterableIterator<{ value: string }>;
    respond(invoker.call, "a", "b");
    invoker.call.sink.onStatus(OK);
    await iterator.next();
    const rest: string[] = [];
    for await (const message of iterator) rest.push(message.value);
    assert.deepEqual(rest, ["b"]);
  });

  it("throws at once when its signal aborts, without what is queued", async () => {
    const controller = new AbortController();
    const iterator = client.list({}, { signal: controller.signal })[Symbol.asyncIterator]();
    respond(invoker.call, "a", "b");
    await iterator.next();
    controller.abort();
    assert.equal(invoker.call.cancels.length, 1);
    await assert.rejects(iterator.next(), isStatus(StatusCode.CANCELLED));
  });

  it("does not start when its signal has aborted", async () => {
    const iterator = client.list({}, { signal: AbortSignal.abort() })[Symbol.asyncIterator]();
    await assert.rejects(iterator.next(), isStatus(StatusCode.CANCELLED));
    assert.equal(invoker.calls.length, 0);
  });

  it("names the peer of a call that ended without headers", async () => {
    const peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;
    const info = new CallInfo();
    const iterator = client.list({}, { info })[Symbol.asyncIterator]();
    invoker.call.sink.onStatus({ ...down, peer });
    await assert.rejects(iterator.next(), (error: StatusError) => error.peer === peer);
    assert.equal(info.peer, peer);
  });

  it("fills CallInfo, also on error", async () => {
    const info = new CallInfo();
    const iterator = client.list({}, { info })[Symbol.asyncIterator]();
    invoker.call.sink.onHeaders(new Metadata({ h: "1" }));
    invoker.call.sink.onStatus({ ...down, trailers: new Metadata({ t: "2" }) });
    await assert.rejects(iterator.next(), isStatus(StatusCode.UNAVAILABLE));
    assert.equal(info.headers.get("h"), "1");
    assert.equal(info.trailers.get("t"), "2");
    assert.equal(info.status?.code, StatusCode.UNAVAILABLE);
  });

  it("throws from next, not from the call, what is wrong with metadata or request", async () => {
    for (const stream of [client.list({}, { metadata: { te: "x" } }), client.list("a" as never)]) {
      await assert.rejects(stream[Symbol.asyncIterator]().next(), isStatus(StatusCode.INTERNAL));
    }
    assert.equal(invoker.calls.length, 0);
  });

  it("leaves no unhandled rejection when nobody reads, nor when a next was dropped", async () => {
    client.list({});
    void client.list({})[Symbol.asyncIterator]().next();
    for (const call of invoker.calls) call.sink.onStatus(down);
    await setImmediate();
    assert.equal(invoker.calls.length, 2);
  });
});
