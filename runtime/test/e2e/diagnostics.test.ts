/** A call that failed over real sockets says where its time went. */
import assert from "node:assert/strict";
import { CallInfo, StatusCode } from "godwit";
import { deferred, echoHandlers, failureOf, openLoopback } from "./loopback.js";

/** A handler's call that never ends by itself. */
const never = (): Promise<never> => new Promise(() => undefined);

/** Stops the event loop, and burns nothing. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("e2e: where the time went", () => {
  it("with the server", async () => {
    await using loopback = await openLoopback({ handlers: { unary: never } });
    const error = await failureOf(loopback.echo.unary({}, { timeoutMs: 100 }), StatusCode.DEADLINE_EXCEEDED);
    assert.match(error.statusMessage, /while waiting for the server's answer \(sent 1 message, received 0\)/);
    const { totalMs = 0, answerMs = 0 } = error.timings ?? {};
    assert.ok(totalMs >= 99 && answerMs > 0 && answerMs <= totalMs, JSON.stringify(error.timings));
    assert.equal(error.attempts, 1);
    assert.equal(error.method, "/godwit.testing.v1.EchoService/Unary");
  });

  it("in the queue for a stream", async () => {
    await using loopback = await openLoopback({
      handlers: { unary: never },
      server: { limits: { maxConcurrentStreams: 1 } },
    });
    await loopback.echo.clientStream([]);
    const first = failureOf(loopback.echo.unary({}, { timeoutMs: 150 }), StatusCode.DEADLINE_EXCEEDED);
    const error = await failureOf(loopback.echo.unary({}, { timeoutMs: 100 }), StatusCode.DEADLINE_EXCEEDED);
    assert.match(
      error.statusMessage,
      new RegExp(`while queued \\d+ ms for a stream slot of 127\\.0\\.0\\.1:${loopback.port}`),
    );
    assert.ok((error.timings?.queuedMs ?? 0) > 0);
    assert.equal(error.attempts, 0);
    await first;
  });

  it("with a server that does not read", async () => {
    await using loopback = await openLoopback({ handlers: { clientStream: never } });
    const endless = function* () {
      for (;;) yield { payload: new Uint8Array(64_000) };
    };
    const call = loopback.echo.clientStream(endless(), { timeoutMs: 300 });
    const error = await failureOf(call, StatusCode.DEADLINE_EXCEEDED);
    assert.match(
      error.statusMessage,
      /while \d+ bytes of the request waited for flow control: \d+ bytes of the stream's window were left, \d+ of the connection's \(sent \d+ messages, received 0\)/,
    );
  });

  it("with an application that does not read", async () => {
    const sent = deferred();
    const serverStream = function* (request: Parameters<typeof echoHandlers.serverStream>[0]) {
      yield* echoHandlers.serverStream(request, {} as never) as Iterable<{ index: number }>;
      sent.resolve();
    };
    await using loopback = await openLoopback({ handlers: { serverStream } });
    const info = new CallInfo();
    const stream = loopback.echo.serverStream({ count: 100, size: 100 }, { timeoutMs: 100, info });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await sent.promise;
    while (info.status === undefined) await new Promise(setImmediate);
    const rest = async () => {
      for (;;) if ((await iterator.next()).done) return;
    };
    const error = await failureOf(rest(), StatusCode.DEADLINE_EXCEEDED);
    assert.match(
      error.statusMessage,
      /while \d+ bytes of the response waited to be read \(sent 1 message, received \d+\)/,
    );
  });

  it("in an event loop that something else blocked", async () => {
    await using loopback = await openLoopback({ handlers: { unary: never } });
    await loopback.echo.clientStream([]);
    const call = failureOf(loopback.echo.unary({}, { timeoutMs: 50 }), StatusCode.DEADLINE_EXCEEDED);
    await new Promise(setImmediate);
    block(250);
    const error = await call;
    assert.match(error.statusMessage, /; the event loop was blocked, so that it ended \d+ ms late$/);
    assert.ok((error.timings?.blockedMs ?? 0) >= 100, JSON.stringify(error.timings));
  });
});
