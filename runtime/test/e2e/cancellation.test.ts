import assert from "node:assert/strict";
import { type HandlerContext, pushable, StatusCode, type StatusError } from "godwit";
import type { BidiRequestInit, EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, deferred, failureOf, openLoopback, silentSource } from "./loopback.js";
import { RawClient } from "./raw-client.js";

/** Handlers that never end by themselves, and tell when they are left. */
function endlessHandlers() {
  const started = deferred();
  const aborted = deferred<unknown>();
  const left = deferred();
  const watch = ({ signal }: HandlerContext): void => {
    signal.addEventListener("abort", () => aborted.resolve(signal.reason));
    started.resolve();
  };
  const handlers: EchoServiceHandlers = {
    unary(_, context) {
      watch(context);
      return new Promise(() => undefined);
    },
    async *serverStream(_, context) {
      watch(context);
      try {
        for (let index = 0; ; index++) yield { index };
      } finally {
        left.resolve();
      }
    },
    async clientStream(requests, context) {
      watch(context);
      try {
        for await (const _ of requests);
      } finally {
        left.resolve();
      }
      return {};
    },
    async *bidi(requests, context) {
      watch(context);
      try {
        for await (const { index } of requests) yield { index };
      } finally {
        left.resolve();
      }
    },
  };
  return { handlers, started: started.promise, aborted: aborted.promise, left: left.promise };
}

describe("e2e: cancellation", () => {
  checkRejections();

  describe("by AbortSignal", () => {
    it("ends a unary call on both sides", async () => {
      const { handlers, started, aborted } = endlessHandlers();
      await using loopback = await openLoopback({ handlers });
      const controller = new AbortController();
      const call = failureOf(loopback.echo.unary({}, { signal: controller.signal }), StatusCode.CANCELLED);
      await started;
      controller.abort(new Error("changed my mind"));
      const error = await call;
      assert.match(error.message, /changed my mind/);
      assert.equal(error.delivery, "unknown");
      assert.equal(((await aborted) as StatusError).code, StatusCode.CANCELLED);
      assert.equal(loopback.channel.state(), "READY");
      assert.deepEqual(loopback.errors, []);
    });

    it("ends a stream of responses, and the generator's finally runs", async () => {
      const { handlers, aborted, left } = endlessHandlers();
      await using loopback = await openLoopback({ handlers });
      const controller = new AbortController();
      const seen: number[] = [];
      const reading = (async () => {
        for await (const { index } of loopback.echo.serverStream({}, { signal: controller.signal })) {
          seen.push(index);
          if (index === 2) controller.abort();
        }
      })();
      await failureOf(reading, StatusCode.CANCELLED);
      assert.deepEqual(seen, [0, 1, 2]);
      await Promise.all([aborted, left]);
    });

    it("ends a stream of requests, and both the source and the handler's loop are left", async () => {
      const { handlers, started, aborted, left } = endlessHandlers();
      await using loopback = await openLoopback({ handlers });
      const controller = new AbortController();
      const silent = silentSource();
      const call = failureOf(
        loopback.echo.clientStream(silent.source, { signal: controller.signal }),
        StatusCode.CANCELLED,
      );
      await started;
      controller.abort();
      await Promise.all([call, silent.left, aborted, left]);
    });

    it("that has aborted before sends nothing", async () => {
      let calls = 0;
      await using loopback = await openLoopback({
        handlers: {
          unary: () => {
            calls++;
            return {};
          },
        },
      });
      const error = await failureOf(loopback.echo.unary({}, { signal: AbortSignal.abort() }), StatusCode.CANCELLED);
      assert.equal(error.delivery, "not-sent");
      const { signal } = new AbortController();
      await loopback.echo.unary({}, { signal });
      assert.equal(calls, 1);
    });

    it("after the end changes nothing", async () => {
      await using loopback = await openLoopback();
      const controller = new AbortController();
      const { id } = await loopback.echo.unary({ id: "a" }, { signal: controller.signal });
      controller.abort();
      assert.equal(id, "a");
    });
  });

  describe("by leaving the loop", () => {
    it("R72 grpc-js 1.14.7: ends a stream of responses without an error, and the server knows", async () => {
      const { handlers, aborted, left } = endlessHandlers();
      await using loopback = await openLoopback({ handlers });
      let last = -1;
      for await (const { index } of loopback.echo.serverStream({})) {
        last = index;
        if (index === 3) break;
      }
      assert.equal(last, 3);
      await Promise.all([aborted, left]);
      assert.equal(loopback.channel.describe().runningCalls, 0);
    });

    it("by an exception ends it too, and the exception is the caller's own", async () => {
      const { handlers, aborted } = endlessHandlers();
      await using loopback = await openLoopback({ handlers });
      const own = new Error("mine");
      await assert.rejects(
        (async () => {
          for await (const _ of loopback.echo.serverStream({})) throw own;
        })(),
        own,
      );
      await aborted;
    });

    it("of a bidi call tells its source", async () => {
      const { handlers, aborted, left } = endlessHandlers();
      await using loopback = await openLoopback({ handlers });
      const lines = pushable<BidiRequestInit>();
      const chat = loopback.echo.bidi(lines);
      await lines.write({ index: 1 });
      for await (const _ of chat) break;
      await failureOf(lines.write({ index: 2 }), StatusCode.CANCELLED);
      await Promise.all([aborted, left]);
    });
  });

  it("by channel.close ends every call on both sides", async () => {
    const { handlers, started, aborted } = endlessHandlers();
    await using loopback = await openLoopback({ handlers });
    const calls = [
      failureOf(loopback.echo.unary({}), StatusCode.CANCELLED),
      failureOf(loopback.echo.clientStream(silentSource().source), StatusCode.CANCELLED),
    ];
    await started;
    await loopback.channel.close();
    const [error] = await Promise.all(calls);
    assert.match(error?.message ?? "", /is closed/);
    await aborted;
    const late = await failureOf(loopback.echo.unary({}), StatusCode.CANCELLED);
    assert.equal(late.delivery, "not-sent");
  });

  it("by a client that goes away reaches every handler", async () => {
    const { handlers, aborted, left } = endlessHandlers();
    await using loopback = await openLoopback({ handlers });
    await using client = new RawClient(loopback.port);
    const stream = client.open("/godwit.testing.v1.EchoService/ServerStream");
    stream.end(Buffer.alloc(5));
    await new Promise((resolve) => stream.once("data", resolve));
    client.session.destroy();
    const reason = (await aborted) as StatusError;
    assert.equal(reason.code, StatusCode.CANCELLED);
    await left;
  });

  it("by a source that throws tells the server", async () => {
    const { handlers, started, aborted } = endlessHandlers();
    await using loopback = await openLoopback({ handlers });
    async function* failing() {
      yield {};
      await started;
      throw new Error("disk is full");
    }
    const error = await failureOf(loopback.echo.clientStream(failing()), StatusCode.CANCELLED);
    assert.match(error.message, /disk is full/);
    await aborted;
  });

  it("of calls that nobody awaits leaves no rejection behind", async () => {
    const { handlers, started } = endlessHandlers();
    const loopback = await openLoopback({ handlers });
    void loopback.echo.unary({});
    void loopback.echo.serverStream({});
    void loopback.echo.clientStream(silentSource().source);
    void loopback.echo.bidi(silentSource().source)[Symbol.asyncIterator]().next();
    await started;
    await loopback[Symbol.asyncDispose]();
  });

  it("of a call goes on to the calls that its handler made", async () => {
    const inner = endlessHandlers();
    await using back = await openLoopback({ handlers: inner.handlers });
    await using front = await openLoopback({
      handlers: { unary: (_, context) => back.echo.unary({}, { context }).then(({ id }) => ({ id })) },
    });
    const controller = new AbortController();
    const call = failureOf(front.echo.unary({}, { signal: controller.signal }), StatusCode.CANCELLED);
    await inner.started;
    controller.abort();
    await Promise.all([call, inner.aborted]);
    assert.deepEqual(await collect(front.echo.bidi([])), []);
  });
});
