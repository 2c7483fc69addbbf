import assert from "node:assert/strict";
import { pushable } from "godwit";
import type { BidiRequestInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, openLoopback } from "./loopback.js";

describe("e2e: the four kinds of calls", () => {
  checkRejections();

  it("one message each way", async () => {
    await using loopback = await openLoopback();
    const response = await loopback.echo.unary({ id: "a", payload: Uint8Array.of(1, 2) });
    assert.equal(response.id, "a");
    assert.deepEqual([...response.payload], [1, 2]);
    assert.equal(response.$typeName, "godwit.testing.v1.UnaryResponse");
  });

  it("one request, many responses", async () => {
    await using loopback = await openLoopback();
    const responses = await collect(loopback.echo.serverStream({ count: 100, size: 10 }));
    assert.deepEqual(
      responses.map(({ index, payload }) => [index, payload.length]),
      Array.from({ length: 100 }, (_, i) => [i, 10]),
    );
  });

  it("many requests, one response, from any iterable", async () => {
    await using loopback = await openLoopback();
    const request = { payload: new Uint8Array(7) };
    async function* generator() {
      yield request;
      yield request;
    }
    for (const source of [[request, request], new Set([request, { ...request }]), generator()]) {
      const { messages, bytes } = await loopback.echo.clientStream(source);
      assert.deepEqual([messages, bytes], [2, 14n]);
    }
  });

  it("many messages each way, at their own pace", async () => {
    await using loopback = await openLoopback();
    const lines = pushable<BidiRequestInit>();
    const heard: number[] = [];
    const chat = loopback.echo.bidi(lines);
    await lines.write({ index: 0 });
    for await (const { index } of chat) {
      heard.push(index);
      if (index < 5) await lines.write({ index: index + 1 });
      else lines.finish();
    }
    assert.deepEqual(heard, [0, 1, 2, 3, 4, 5]);
  });

  it("no messages at all where there may be none", async () => {
    await using loopback = await openLoopback();
    assert.deepEqual(await collect(loopback.echo.serverStream({})), []);
    assert.deepEqual(await collect(loopback.echo.bidi([])), []);
    assert.equal((await loopback.echo.clientStream([])).messages, 0);
    assert.equal((await loopback.echo.unary({})).id, "");
  });

  it("on one connection, one after the other and all at once", async () => {
    await using loopback = await openLoopback();
    const { echo, channel } = loopback;
    for (let round = 0; round < 3; round++) {
      await Promise.all([
        echo.unary({ id: "x" }),
        collect(echo.serverStream({ count: 5 })),
        echo.clientStream([{}]),
        collect(echo.bidi([{ index: 1 }])),
      ]);
    }
    assert.equal(channel.describe().subchannels.length, 1);
    assert.equal(channel.state(), "READY");
    assert.equal(channel.describe().runningCalls, 0);
  });
});
