import assert from "node:assert/strict";
import { constants } from "node:http2";
import type { Deadline } from "@grpc/grpc-js";
import { type HandlerContext, StatusCode, StatusError } from "godwit";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { deferred } from "../support/deferred.js";
import { collect, expectStatusError } from "../support/expect-status-error.js";
import { framed, RawClient } from "../support/raw-call.js";
import { startRawServer } from "../support/raw-server.js";

/** Long enough for a connection and a call on a slow machine, which takes far less. */
const longMs = 60_000;
/** What the tests wait for. */
const shortMs = 60;

/** Milliseconds from now. */
function remainingMs(deadline: Deadline): number {
  return Number(deadline) - Date.now();
}

describe("deadline: our client, grpc-js server", () => {
  it("reaches the server", async () => {
    const seen: number[] = [];
    await using server = await startGrpcJsServer({
      unary(call, callback) {
        seen.push(remainingMs(call.getDeadline()));
        callback(null, { id: "", payload: Buffer.alloc(0) });
      },
    });
    await using client = openOurClient(server.port);
    await client.echo.unary({}, { timeoutMs: longMs });
    await client.echo.unary({}, { deadline: new Date(Date.now() + longMs) });
    await client.echo.unary({});
    for (const ms of seen.slice(0, 2)) assert.ok(ms > longMs / 2 && ms <= longMs + 1, `${ms} ms are left`);
    assert.equal(seen[2], Number.POSITIVE_INFINITY);
  });

  it("ends a call that is not answered, and the server hears of it", async () => {
    const cancelled = deferred();
    await using server = await startGrpcJsServer({ unary: (call) => void call.on("cancelled", cancelled.resolve) });
    await using client = openOurClient(server.port);
    // Its own timer and the server's run at the same time: either may be first.
    await expectStatusError(client.echo.unary({}, { timeoutMs: shortMs }), StatusCode.DEADLINE_EXCEEDED);
    await cancelled.promise;
  });

  it("is enforced by the client when the server does nothing, and the error says where the time went", async () => {
    const reset = deferred<number>();
    await using server = await startRawServer((stream) => {
      stream.on("close", () => reset.resolve(stream.rstCode));
    });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}, { timeoutMs: shortMs }), StatusCode.DEADLINE_EXCEEDED);
    assert.match(
      error.statusMessage,
      /^deadline of 60 ms ran out while waiting for the server's answer \(sent 1 message/,
    );
    assert.equal(error.delivery, "unknown");
    assert.equal(await reset.promise, constants.NGHTTP2_CANCEL);
  });

  it("ends a stream between its messages", async () => {
    const cancelled = deferred();
    await using server = await startGrpcJsServer({
      serverStream(call) {
        call.on("cancelled", cancelled.resolve);
        call.write({ index: 0, payload: Buffer.alloc(1) });
      },
    });
    await using client = openOurClient(server.port);
    const read: number[] = [];
    const reading = (async () => {
      for await (const { index } of client.echo.serverStream({}, { timeoutMs: shortMs * 4 })) read.push(index);
    })();
    await expectStatusError(reading, StatusCode.DEADLINE_EXCEEDED);
    assert.deepEqual(read, [0]);
    await cancelled.promise;
  });

  it("that has passed before the call sends nothing", async () => {
    let calls = 0;
    await using server = await startGrpcJsServer({ unary: () => void calls++ });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}, { timeoutMs: 0 }), StatusCode.DEADLINE_EXCEEDED);
    assert.equal(error.delivery, "not-sent");
    assert.equal(calls, 0);
  });
});

describe("deadline: grpc-js client, our server", () => {
  it("reaches the handler", async () => {
    const seen: number[] = [];
    await using server = await startOurServer({
      unary(_request, context) {
        seen.push(context.timeoutMs());
        return {};
      },
    });
    using client = new GrpcJsClient(server.port);
    await client.unary({}, { deadline: Date.now() + longMs });
    await client.unary({});
    const [limited = 0, unlimited] = seen;
    assert.ok(limited > longMs / 2 && limited <= longMs + 1, `${limited} ms are left`);
    assert.equal(unlimited, Number.POSITIVE_INFINITY);
  });

  it("ends the call on both sides", async () => {
    const aborted = deferred<unknown>();
    await using server = await startOurServer({
      unary(_request, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason));
        return new Promise(() => {});
      },
    });
    using client = new GrpcJsClient(server.port);
    const { status } = await client.unary({}, { deadline: Date.now() + shortMs });
    assert.equal(status.code, StatusCode.DEADLINE_EXCEEDED);
    assert.ok((await aborted.promise) instanceof StatusError);
  });

  it("ends a stream between its messages; its generator returns", async () => {
    const returned = deferred();
    await using server = await startOurServer({
      async *serverStream(_request, { signal }) {
        try {
          yield { index: 0 };
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          yield { index: 1 };
        } finally {
          returned.resolve();
        }
      },
    });
    using client = new GrpcJsClient(server.port);
    const { status, responses } = await readAll(client.serverStream({}, { deadline: Date.now() + shortMs * 4 }));
    assert.equal(status.code, StatusCode.DEADLINE_EXCEEDED);
    assert.equal(responses.length, 1);
    await returned.promise;
  });

  it("is enforced by the server when the client does nothing", async () => {
    const contexts: HandlerContext[] = [];
    const aborted = deferred<unknown>();
    await using server = await startOurServer({
      unary(_request, context) {
        contexts.push(context);
        context.signal.addEventListener("abort", () => aborted.resolve(context.signal.reason));
        return new Promise(() => {});
      },
    });
    await using raw = new RawClient(server.port);
    const path = "/godwit.testing.v1.EchoService/Unary";
    const answer = await raw.call(path, framed(new Uint8Array(0)), { "grpc-timeout": `${shortMs}m` });
    assert.equal(answer.headersEndStream, true);
    assert.equal(answer.headers["grpc-status"], String(StatusCode.DEADLINE_EXCEEDED));
    assert.match(String(answer.headers["grpc-message"]), /had not answered .*EchoService\/Unary .* ms after/);
    const reason = await aborted.promise;
    assert.ok(reason instanceof StatusError && reason.code === StatusCode.DEADLINE_EXCEEDED, String(reason));
    assert.equal(contexts[0]?.timeoutMs(), 0);
  });

  it("goes on from a handler to the calls that it makes", async () => {
    let left = 0;
    await using back = await startGrpcJsServer({
      unary(call, callback) {
        left = remainingMs(call.getDeadline());
        callback(null, { id: "back", payload: Buffer.alloc(0) });
      },
    });
    await using toBack = openOurClient(back.port);
    await using front = await startOurServer({
      unary: (request, context) => toBack.echo.unary(request, { context }),
      async *serverStream(request, context) {
        yield* await collect(toBack.echo.serverStream(request, { context }));
      },
    });
    using client = new GrpcJsClient(front.port);
    const { responses } = await client.unary({}, { deadline: Date.now() + longMs });
    assert.equal(responses[0]?.id, "back");
    assert.ok(left > longMs / 2 && left <= longMs + 1, `${left} ms are left`);
  });
});
