import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import type { UnaryResponseInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { type Deferred, deferred, failureOf, openLoopback } from "./loopback.js";

/** A unary handler whose answer is the test's to give. */
function heldHandler() {
  const started = deferred();
  const answer: Deferred<UnaryResponseInit> = deferred<UnaryResponseInit>();
  let signal: AbortSignal | undefined;
  return {
    started: started.promise,
    answer: answer.resolve,
    isAborted: () => signal?.aborted,
    handlers: {
      unary: (_: unknown, context: { signal: AbortSignal }) => {
        signal = context.signal;
        started.resolve();
        return answer.promise;
      },
    },
  };
}

describe("e2e: graceful close", () => {
  checkRejections();

  it("of a server lets running calls end and takes no more", async () => {
    const held = heldHandler();
    await using loopback = await openLoopback({ handlers: held.handlers });
    const running = loopback.echo.unary({});
    await held.started;
    let isClosed = false;
    const closed = loopback.server.close({ graceMs: 10_000 }).then(() => {
      isClosed = true;
    });
    const refused = await failureOf(loopback.connect().echo.unary({}, { timeoutMs: 5000 }), StatusCode.UNAVAILABLE);
    assert.match(String(refused.delivery), /^not-(sent|processed)$/);
    assert.equal(isClosed, false);
    assert.equal(held.isAborted(), false);
    held.answer({ id: "late" });
    assert.equal((await running).id, "late");
    await closed;
    await loopback.server.close();
  });

  it("of a server lets a stream go on to its end", async () => {
    const closed: Promise<void>[] = [];
    await using loopback = await openLoopback({
      handlers: {
        async *bidi(requests) {
          for await (const { index } of requests) yield { index };
        },
      },
    });
    async function* source() {
      yield { index: 1 };
      await closed[0];
      for (let index = 2; index < 100; index++) yield { index };
    }
    const seen: number[] = [];
    let down: Promise<void> | undefined;
    for await (const { index } of loopback.echo.bidi(source())) {
      seen.push(index);
      if (index === 1) {
        down = loopback.server.close();
        closed.push(Promise.resolve());
      }
    }
    assert.equal(seen.length, 99);
    await down;
  });

  it("of a server ends by force what outlives the grace", async () => {
    const held = heldHandler();
    await using loopback = await openLoopback({ handlers: held.handlers });
    const running = failureOf(loopback.echo.unary({}, { retry: false }), StatusCode.UNAVAILABLE);
    await held.started;
    await loopback.server.close({ graceMs: 30 });
    assert.match((await running).message, /the server is closed|the connection was lost/);
    assert.equal(held.isAborted(), true);
    held.answer({});
  });

  it("of a server at once, with idle connections, does not wait for its clients", async () => {
    await using loopback = await openLoopback();
    await Promise.all([loopback.echo.unary({}), loopback.connect().echo.unary({})]);
    const before = performance.now();
    await loopback.server.close();
    assert.ok(performance.now() - before < 900, "it waited for a force of its own");
  });

  it("of a channel lets running calls end and takes no more", async () => {
    const held = heldHandler();
    await using loopback = await openLoopback({ handlers: held.handlers });
    const { channel, echo } = loopback;
    const running = echo.unary({});
    await held.started;
    let isClosed = false;
    const closed = channel.close({ graceMs: 10_000 }).then(() => {
      isClosed = true;
    });
    await failureOf(echo.unary({}), StatusCode.CANCELLED);
    assert.equal(isClosed, false);
    held.answer({ id: "late" });
    assert.equal((await running).id, "late");
    await closed;
    assert.equal(channel.state(), "SHUTDOWN");
  });

  it("of a channel ends by force what outlives the grace", async () => {
    const held = heldHandler();
    await using loopback = await openLoopback({ handlers: held.handlers });
    const running = failureOf(loopback.echo.unary({}), StatusCode.CANCELLED);
    await held.started;
    await loopback.channel.close({ graceMs: 30 });
    await running;
    held.answer({});
  });

  it("of both at the same time ends", async () => {
    const held = heldHandler();
    await using loopback = await openLoopback({ handlers: held.handlers });
    const running = loopback.echo.unary({});
    await held.started;
    const closed = Promise.all([loopback.server.close(), loopback.channel.close({ graceMs: 10_000 })]);
    held.answer({ id: "late" });
    assert.equal((await running).id, "late");
    await closed;
  });

  it("of a server under load loses no call that it had started", async () => {
    let started = 0;
    await using loopback = await openLoopback({
      handlers: {
        unary: async ({ id }) => {
          started++;
          await new Promise((resolve) => setImmediate(resolve));
          return { id };
        },
      },
    });
    await loopback.echo.unary({});
    started = 0;
    const outcomes = Array.from({ length: 500 }, (_, i) =>
      loopback.echo.unary({ id: String(i) }, { timeoutMs: 10_000 }).then(
        () => "answered",
        (error: { delivery: string; code: number }) => `${error.code} ${error.delivery}`,
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const down = loopback.server.close();
    const results = await Promise.all(outcomes);
    await down;
    assert.equal(results.filter((result) => result === "answered").length, started);
    for (const result of results) assert.match(result, /^answered$|^14 not-(sent|processed)$/);
  });
});
