import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { createClient } from "../../src/stub/client.js";
import { pushable } from "../../src/stub/pushable.js";
import { Echo, type EchoClient, type TextInit, text } from "../support/echo-service.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";
import { checkRejections } from "../support/unhandled-rejections.js";

describe("stub: bidi", () => {
  checkRejections();
  let invoker: ScriptedInvoker;
  let client: EchoClient;

  beforeEach(() => {
    invoker = new ScriptedInvoker();
    client = createClient(Echo, invoker);
  });

  it("runs both directions at their own pace", async () => {
    const lines = pushable<TextInit>();
    const stream = client.chat(lines);
    const { call } = invoker;
    await lines.write({ value: "a" });
    call.sink.onHeaders(new Metadata());
    call.sink.onMessage(text("b"));
    const seen: string[] = [];
    for await (const line of stream) {
      seen.push(line.value);
      lines.finish();
      await setImmediate();
      call.sink.onStatus(OK);
    }
    assert.deepEqual(seen, ["b"]);
    assert.deepEqual(call.sent, [text("a")]);
    assert.equal(call.finished, true);
  });

  it("tells the source to return when the loop over the responses is left", async () => {
    let returned = false;
    async function* source(): AsyncGenerator<TextInit> {
      try {
        for (;;) yield {};
      } finally {
        returned = true;
      }
    }
    invoker.onInvoke = (call) => {
      call.writable = false;
    };
    const stream = client.chat(source());
    invoker.call.sink.onHeaders(new Metadata());
    invoker.call.sink.onMessage(text("b"));
    for await (const _ of stream) break;
    await setImmediate();
    assert.equal(returned, true);
    assert.equal(invoker.call.cancels.length, 1);
  });

  it("throws the source's error in the loop over the responses", async () => {
    const failure = new Error("no paper");
    function* source(): Generator<TextInit> {
      yield { value: "a" };
      throw failure;
    }
    const iterator = client.chat(source())[Symbol.asyncIterator]();
    await assert.rejects(iterator.next(), (error: StatusError) => {
      assert.equal(error.code, StatusCode.CANCELLED);
      assert.equal(error.cause, failure);
      return true;
    });
    assert.deepEqual(invoker.call.sent, [text("a")]);
  });

  it("throws from next what keeps the call from starting", async () => {
    for (const options of [{ metadata: { te: "x" } }, { signal: AbortSignal.abort() }]) {
      await assert.rejects(client.chat([], options)[Symbol.asyncIterator]().next(), StatusError);
    }
    assert.equal(invoker.calls.length, 0);
  });
});
