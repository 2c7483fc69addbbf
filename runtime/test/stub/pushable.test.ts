import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { createClient } from "../../src/stub/client.js";
import { type PushableSource, pushable } from "../../src/stub/pushable.js";
import { Echo, type EchoClient, type TextInit, text } from "../support/echo-service.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";
import { checkRejections } from "../support/unhandled-rejections.js";

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  await setImmediate();
  return (await Promise.race([promise, pending])) === pending;
}

describe("stub: pushable", () => {
  checkRejections();
  let invoker: ScriptedInvoker;
  let client: EchoClient;
  let source: PushableSource<TextInit>;

  beforeEach(() => {
    invoker = new ScriptedInvoker();
    client = createClient(Echo, invoker);
    source = pushable<TextInit>();
  });

  it("sends what is written, in order, and half-closes behind it", async () => {
    client.chat(source);
    await source.write({ value: "a" });
    await source.write({ value: "b" });
    source.finish();
    await setImmediate();
    assert.deepEqual(invoker.call.sent, [text("a"), text("b")]);
    assert.equal(invoker.call.finished, true);
  });

  it("holds what is written before the call, and sends it in order", async () => {
    const writes = [source.write({ value: "a" }), source.write({ value: "b" })];
    source.finish();
    assert.equal(await isPending(Promise.all(writes)), true);
    client.chat(source);
    await Promise.all(writes);
    await setImmediate();
    assert.deepEqual(invoker.call.sent, [text("a"), text("b")]);
    assert.equal(invoker.call.finished, true);
  });

  it("keeps a write waiting until the call takes more", async () => {
    client.chat(source);
    invoker.call.writable = false;
    await source.write({ value: "a" });
    const write = source.write({ value: "b" });
    assert.equal(await isPending(write), true);
    invoker.call.sink.onWritable();
    await write;
    await setImmediate();
    assert.equal(invoker.call.sent.length, 2);
  });

  it("rejects waiting and later writes with the status of the call", async () => {
    client.chat(source);
    invoker.call.writable = false;
    await source.write({ value: "a" });
    const waiting = source.write({ value: "b" });
    invoker.call.sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "down" });
    for (const write of [waiting, source.write({ value: "c" })]) {
      await assert.rejects(write, (error: StatusError) => error.code === StatusCode.UNAVAILABLE);
    }
  });

  it("rejects writes behind an end with OK with FAILED_PRECONDITION", async () => {
    client.chat(source);
    invoker.call.sink.onHeaders(new Metadata());
    invoker.call.sink.onStatus(OK);
    await assert.rejects(source.write({}), (error: StatusError) => {
      assert.equal(error.statusMessage, "the call has ended and takes no more messages");
      return error.code === StatusCode.FAILED_PRECONDITION;
    });
  });

  it("rejects writes of a call that could not start", async () => {
    const waiting = source.write({});
    client.chat(source, { metadata: { te: "x" } });
    await assert.rejects(waiting, (error: StatusError) => error.code === StatusCode.INTERNAL);
  });

  it("rejects a write behind finish with a plain Error; finish twice is nothing", async () => {
    client.chat(source);
    source.finish();
    source.finish();
    await assert.rejects(source.write({}), /^Error: write after finish or fail: nothing more can be sent$/);
  });

  for (const writable of [true, false]) {
    it(`cancels the call with fail, when the call is ${writable ? "reading" : "held up by flow control"}`, async () => {
      const failure = new Error("keyboard is gone");
      const iterator = client.chat(source)[Symbol.asyncIterator]();
      invoker.call.writable = writable;
      await source.write({ value: "a" });
      await setImmediate();
      source.fail(failure);
      await assert.rejects(iterator.next(), (error: StatusError) => {
        assert.equal(error.cause, failure);
        return error.code === StatusCode.CANCELLED;
      });
      assert.equal(invoker.call.cancels.length, 1);
    });
  }

  it("fails a call that begins after fail", async () => {
    source.fail(new Error("too early"));
    await assert.rejects(client.upload(source), (error: StatusError) => error.code === StatusCode.CANCELLED);
  });

  it("serves one call: the second is cancelled and the first goes on", async () => {
    client.chat(source);
    await assert.rejects(client.upload(source), (error: StatusError) => {
      assert.match(error.statusMessage, /a pushable source can be given to one call only$/);
      return true;
    });
    await source.write({ value: "a" });
    await setImmediate();
    assert.deepEqual(invoker.calls[0]?.sent, [text("a")]);
  });

  it("leaves no unhandled rejection by writes that nobody awaits", async () => {
    client.chat(source);
    invoker.call.writable = false;
    await source.write({});
    void source.write({});
    invoker.call.sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "down" });
    void source.write({});
    source.fail(new Error("late"));
    await setImmediate();
    assert.equal(invoker.call.sent.length, 1);
  });

  it("can be read like any iterable", async () => {
    void source.write({ value: "a" });
    void source.write({ value: "b" });
    const seen: unknown[] = [];
    for await (const message of source) {
      seen.push(message.value);
      if (seen.length === 2) break;
    }
    assert.deepEqual(seen, ["a", "b"]);
    await assert.rejects(source.write({}), StatusError);
  });
});
