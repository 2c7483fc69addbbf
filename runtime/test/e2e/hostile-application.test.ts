import assert from "node:assert/strict";
import { createClient, pushable, StatusCode, StatusError } from "godwit";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";

describe("e2e: hostile applications", () => {
  checkRejections();

  const thrown: unknown[] = [null, undefined, Symbol("x"), Object.create(null), () => 1];

  it("throw what they like: every call ends with a status", async () => {
    for (const value of thrown) {
      const fail = (): never => {
        throw value;
      };
      await using loopback = await openLoopback({
        handlers: {
          unary: async () => fail(),
          async *serverStream() {
            try {
              yield {};
            } finally {
              fail();
            }
          },
        },
      });
      const { echo } = loopback;
      await failureOf(echo.unary({}), StatusCode.UNKNOWN);
      await failureOf(collect(echo.serverStream({})), StatusCode.UNKNOWN);
      async function* failing() {
        yield {};
        fail();
      }
      await failureOf(echo.clientStream(failing()), StatusCode.CANCELLED);
      const controller = new AbortController();
      const aborted = echo.unary({}, { signal: controller.signal });
      controller.abort(value);
      await failureOf(aborted, StatusCode.CANCELLED);
    }
  });

  it("give what is no iterator of messages: the call ends, the connection goes on", async () => {
    const nonsense: unknown[] = [
      [1],
      [null],
      ["x"],
      [[]],
      [{ $typeName: "x.Y" }],
      5,
      () => 1,
      {},
      { [Symbol.iterator]: () => ({}) },
      { [Symbol.iterator]: () => ({ next: 5 }) },
      { [Symbol.iterator]: () => ({ next: () => undefined }) },
      {
        [Symbol.iterator]: () => ({
          next: () => ({
            get done() {
              throw new Error("done");
            },
          }),
        }),
      },
      { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(null) }) },
      {
        get [Symbol.asyncIterator]() {
          throw new Error("getter");
        },
      },
    ];
    for (const value of nonsense) {
      await using loopback = await openLoopback({ handlers: { serverStream: () => value as never } });
      const { channel, echo } = loopback;
      const given = await collect(echo.serverStream({})).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(given instanceof StatusError);
      assert.ok(given.code === StatusCode.INTERNAL || given.code === StatusCode.UNKNOWN, given.message);
      assert.equal(loopback.errors.length, 1);
      const { code } = await outcomeOfSource(echo, value);
      assert.ok(code === undefined || code === StatusCode.INTERNAL || code === StatusCode.CANCELLED);
      await echo.unary({});
      assert.equal(channel.describe().runningCalls, 0);
    }
  });

  async function outcomeOfSource(echo: EchoServiceClient, source: unknown): Promise<{ code: StatusCode | undefined }> {
    const error = await echo.clientStream(source as never).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error === undefined || error instanceof StatusError);
    return { code: error?.code };
  }

  it("abort, break and close at random: every call settles and nothing is left", async () => {
    const random = seededRandom(20_261_121);
    const below = (limit: number) => Math.floor(random() * limit);
    let running = 0;
    async function* echoing(requests: AsyncIterable<{ index: number; payload: Uint8Array }>) {
      running++;
      try {
        for await (const { index, payload } of requests) {
          yield { index, payload };
          if (below(20) === 0) return;
        }
      } finally {
        running--;
      }
    }
    const loopback = await openLoopback({
      server: { limits: { maxConcurrentStreams: 50, streamWindowBytes: 20_000 } },
      handlers: { bidi: (requests) => echoing(requests) },
    });
    const local = createClient(EchoService, loopback.server.inProcess());
    const outcomes = { settled: 0 };
    const operate = async (echo: EchoServiceClient): Promise<void> => {
      const controller = new AbortController();
      const options = { signal: controller.signal, timeoutMs: below(3) === 0 ? 1 + below(20) : 5000 };
      if (below(4) === 0) controller.abort();
      else if (below(3) === 0) setImmediate(() => controller.abort());
      try {
        if (below(2) === 0) {
          await echo.unary({ payload: new Uint8Array(below(60_000)) }, options);
        } else {
          const requests = pushable<{ index: number; payload: Uint8Array }>();
          const writing = (async () => {
            for (let index = 0; index < below(12); index++)
              await requests.write({ index, payload: new Uint8Array(below(30_000)) });
            requests.finish();
          })().catch(() => undefined);
          for await (const _ of echo.bidi(requests, options)) if (below(8) === 0) break;
          await writing;
        }
      } catch (error) {
        assert.ok(error instanceof StatusError, String(error));
        assert.ok(
          [StatusCode.CANCELLED, StatusCode.DEADLINE_EXCEEDED, StatusCode.UNAVAILABLE].includes(error.code as never),
          error.message,
        );
      }
      outcomes.settled++;
    };
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 150 }, () => operate(below(4) === 0 ? local : loopback.echo)));
      assert.equal(loopback.channel.describe().runningCalls, 0);
    }
    const last = Array.from({ length: 150 }, () => operate(below(4) === 0 ? local : loopback.echo));
    await Promise.all([...last, loopback.server.close({ graceMs: 5 })]);
    assert.equal(outcomes.settled, 600);
    await loopback[Symbol.asyncDispose]();
    assert.equal(running, 0);
  });
});

/** Numerical Recipes' generator: the same numbers in each run. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
