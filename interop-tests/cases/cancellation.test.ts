import assert from "node:assert/strict";
import { Metadata } from "@grpc/grpc-js";
import { pushable, StatusCode, StatusError } from "godwit";
import type { BidiRequestInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { deferred } from "../support/deferred.js";
import { expectStatusError } from "../support/expect-status-error.js";
import { framed, RawClient } from "../support/raw-call.js";

describe("cancellation: our client, grpc-js server", () => {
  it("an AbortSignal cancels a unary call that the server works on", async () => {
    const started = deferred();
    const cancelled = deferred();
    await using server = await startGrpcJsServer({
      unary(call) {
        call.on("cancelled", cancelled.resolve);
        started.resolve();
      },
    });
    await using client = openOurClient(server.port);
    const controller = new AbortController();
    const call = client.echo.unary({}, { signal: controller.signal });
    await started.promise;
    controller.abort(new Error("changed my mind"));
    const error = await expectStatusError(call, StatusCode.CANCELLED);
    assert.match(error.message, /changed my mind/);
    await cancelled.promise;
    // The connection is as good as before.
    assert.equal(client.channel.state(), "READY");
    assert.equal(client.channel.describe().runningCalls, 0);
  });

  it("a signal that has aborted before the call sends nothing", async () => {
    let calls = 0;
    await using server = await startGrpcJsServer({ unary: () => void calls++ });
    await using client = openOurClient(server.port);
    const call = client.echo.unary({}, { signal: AbortSignal.abort() });
    const error = await expectStatusError(call, StatusCode.CANCELLED);
    assert.equal(error.delivery, "not-sent");
    assert.equal(calls, 0);
  });

  it("leaving the loop over a server stream cancels it, without an error", async () => {
    const cancelled = deferred();
    await using server = await startGrpcJsServer({
      serverStream(call) {
        call.on("cancelled", cancelled.resolve);
        for (let index = 0; index < 10; index++) call.write({ index, payload: Buffer.alloc(1) });
      },
    });
    await using client = openOurClient(server.port);
    let last = -1;
    for await (const { index } of client.echo.serverStream({})) {
      last = index;
      if (index === 3) break;
    }
    assert.equal(last, 3);
    await cancelled.promise;
  });

  it("leaving the loop of a bidi call tells its source", async () => {
    const cancelled = deferred();
    await using server = await startGrpcJsServer({
      bidi(call) {
        call.on("cancelled", cancelled.resolve);
        call.on("data", (message) => call.write(message));
      },
    });
    await using client = openOurClient(server.port);
    const source = pushable<BidiRequestInit>();
    await Promise.all([
      source.write({ index: 1 }),
      (async () => {
        for await (const _ of client.echo.bidi(source)) break;
      })(),
    ]);
    await expectStatusError(source.write({ index: 2 }), StatusCode.CANCELLED);
    await cancelled.promise;
  });

  it("a source that fails cancels its call", async () => {
    const cancelled = deferred();
    await using server = await startGrpcJsServer({
      clientStream(call) {
        call.on("cancelled", cancelled.resolve);
        call.on("data", () => {});
      },
    });
    await using client = openOurClient(server.port);
    async function* failing() {
      yield { payload: new Uint8Array(3) };
      throw new Error("disk is full");
    }
    const error = await expectStatusError(client.echo.clientStream(failing()), StatusCode.CANCELLED);
    assert.match(error.message, /disk is full/);
    await cancelled.promise;
  });

  it("closing the channel ends its calls and the server hears of each", async () => {
    const cancelled = deferred();
    const started = deferred();
    await using server = await startGrpcJsServer({
      unary(call) {
        call.on("cancelled", cancelled.resolve);
        started.resolve();
      },
    });
    await using client = openOurClient(server.port);
    const call = expectStatusError(client.echo.unary({}), StatusCode.CANCELLED);
    await started.promise;
    await client.channel.close();
    await call;
    await cancelled.promise;
  });
});

describe("cancellation: grpc-js client, our server", () => {
  it("aborts the handler's signal, with the reason", async () => {
    const started = deferred();
    const aborted = deferred<unknown>();
    await using server = await startOurServer({
      unary(_request, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason));
        started.resolve();
        return new Promise(() => {});
      },
    });
    using client = new GrpcJsClient(server.port);
    const ended = deferred<number>();
    const call = client.raw.unary({}, new Metadata(), {}, (error) => ended.resolve(error?.code ?? -1));
    await started.promise;
    call.cancel();
    assert.equal(await ended.promise, StatusCode.CANCELLED);
    const reason = await aborted.promise;
    assert.ok(reason instanceof StatusError && reason.code === StatusCode.CANCELLED, String(reason));
    assert.match(reason.message, /the client cancelled the call/);
  });

  it("returns a generator that waits for flow control", async () => {
    const returned = deferred();
    await using server = await startOurServer({
      *serverStream() {
        try {
          for (let index = 0; ; index++) yield { index, payload: new Uint8Array(10_000) };
        } finally {
          returned.resolve();
        }
      },
    });
    using client = new GrpcJsClient(server.port);
    const call = client.serverStream({});
    call.once("data", () => {
      call.pause();
      call.cancel();
    });
    const { status } = await readAll(call);
    assert.equal(status.code, StatusCode.CANCELLED);
    await returned.promise;
  });

  // node:http2 half-closes a stream before it resets it: the loop over the requests of a client of grpc-js that cancels
  // ends as if all had come, and only the signal tells.
  it("is told to a handler that has read all requests", async () => {
    const read = deferred();
    const aborted = deferred();
    await using server = await startOurServer({
      async clientStream(requests, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve());
        for await (const _ of requests) read.resolve();
        await aborted.promise;
        return {};
      },
    });
    using client = new GrpcJsClient(server.port);
    const ended = deferred<number>();
    const call = client.raw.clientStream(new Metadata(), {}, (error) => ended.resolve(error?.code ?? -1));
    call.write({ payload: Buffer.alloc(3) });
    await read.promise;
    call.cancel();
    assert.equal(await ended.promise, StatusCode.CANCELLED);
    await aborted.promise;
  });

  it("a client that vanishes ends a handler's loop over the requests with the reason", async () => {
    const thrown = deferred<unknown>();
    const read = deferred();
    await using server = await startOurServer({
      async clientStream(requests) {
        try {
          for await (const _ of requests) read.resolve();
        } catch (error) {
          thrown.resolve(error);
          throw error;
        }
        return {};
      },
    });
    await using raw = new RawClient(server.port);
    const stream = raw.open("/godwit.testing.v1.EchoService/ClientStream");
    stream.write(framed(new Uint8Array(0)));
    await read.promise;
    raw.session.destroy();
    const error = await thrown.promise;
    assert.ok(error instanceof StatusError && error.code === StatusCode.CANCELLED, String(error));
  });

  it("a client that vanishes aborts all its calls", async () => {
    const aborted = deferred();
    const started = deferred();
    await using server = await startOurServer({
      unary(_request, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve());
        started.resolve();
        return new Promise(() => {});
      },
    });
    await using raw = new RawClient(server.port);
    raw.open("/godwit.testing.v1.EchoService/Unary").end(framed(new Uint8Array(0)));
    await started.promise;
    raw.session.destroy();
    await aborted.promise;
  });
});
