import assert from "node:assert/strict";
import { createChannel, createClient, createServer, insecure, StatusCode } from "godwit";
import { DefaultsService } from "../gen/godwit/testing/v1/defaults_godwit.js";
import { DefaultsService as DefaultsDesc } from "../gen/godwit/testing/v1/defaults_pb.js";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, deferred, failureOf, openLoopback } from "./loopback.js";
import { RawClient } from "./raw-client.js";

const unaryPath = "/godwit.testing.v1.EchoService/Unary";

describe("e2e: deadlines", () => {
  checkRejections();

  it("end a call that is not answered, and its handler hears of it", async () => {
    const aborted = deferred<unknown>();
    await using loopback = await openLoopback({
      handlers: {
        unary: (_, { signal }) =>
          new Promise(() => signal.addEventListener("abort", () => aborted.resolve(signal.reason))),
      },
    });
    // The time is for the answer, and not for a connection.
    await loopback.echo.clientStream([]);
    const error = await failureOf(loopback.echo.unary({}, { timeoutMs: 50 }), StatusCode.DEADLINE_EXCEEDED);
    assert.match(error.message, /50 ms/);
    assert.equal(error.delivery, "unknown");
    assert.equal(error.method, unaryPath);
    assert.ok(await aborted.promise);
    assert.equal(loopback.channel.state(), "READY", "the connection is as good as before");
    assert.equal((await loopback.connect().echo.clientStream([])).messages, 0);
  });

  it("are known to the handler, less what the way took", async () => {
    let known = Number.NaN;
    await using loopback = await openLoopback({
      handlers: {
        unary: (_, context) => {
          known = context.timeoutMs();
          return {};
        },
      },
    });
    await loopback.echo.unary({}, { timeoutMs: 10_000 });
    assert.ok(known > 5000 && known <= 10_000, `handler knew ${known} ms`);
    await loopback.echo.unary({});
    assert.equal(known, Number.POSITIVE_INFINITY);
  });

  it("may be a month away", async () => {
    await using loopback = await openLoopback();
    assert.equal((await loopback.echo.unary({ id: "a" }, { timeoutMs: 30 * 24 * 3_600_000 })).id, "a");
  });

  it("in the midst of a stream end it behind what came", async () => {
    const left = deferred();
    await using loopback = await openLoopback({
      handlers: {
        async *serverStream() {
          try {
            for (let index = 0; index < 3; index++) yield { index };
            await new Promise(() => undefined);
          } finally {
            left.resolve();
          }
        },
      },
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { index } of loopback.echo.serverStream({}, { timeoutMs: 100 })) seen.push(index);
    })();
    const error = await failureOf(reading, StatusCode.DEADLINE_EXCEEDED);
    assert.deepEqual(seen, [0, 1, 2]);
    assert.equal(error.delivery, "processed");
  });

  it("of a stream run its generator's finally", async () => {
    const left = deferred();
    await using loopback = await openLoopback({
      handlers: {
        async *bidi(requests) {
          try {
            for await (const { index } of requests) yield { index };
          } finally {
            left.resolve();
          }
        },
      },
    });
    async function* endless() {
      yield { index: 1 };
      await new Promise(() => undefined);
    }
    await failureOf(collect(loopback.echo.bidi(endless(), { timeoutMs: 50 })), StatusCode.DEADLINE_EXCEEDED);
    await left.promise;
  });

  it("that have passed send nothing", async () => {
    let calls = 0;
    await using loopback = await openLoopback({
      handlers: {
        unary: () => {
          calls++;
          return {};
        },
      },
    });
    for (const options of [{ timeoutMs: 0 }, { timeoutMs: -1 }, { deadline: new Date(0) }]) {
      const error = await failureOf(loopback.echo.unary({}, options), StatusCode.DEADLINE_EXCEEDED);
      assert.equal(error.delivery, "not-sent");
    }
    assert.equal(calls, 0);
  });

  it("while there is no connection say so", async () => {
    await using loopback = await openLoopback();
    const { port, server } = loopback;
    await server.close({ graceMs: 0 });
    const options = { timeoutMs: 50, waitForReady: true };
    const error = await failureOf(loopback.echo.unary({}, options), StatusCode.DEADLINE_EXCEEDED);
    assert.match(error.message, new RegExp(`while waiting for a connection to "127.0.0.1:${port}"`));
    assert.equal(error.delivery, "not-sent");
  });

  it("are kept by the server for a client that does not mind them itself", async () => {
    const aborted = deferred();
    await using loopback = await openLoopback({
      handlers: {
        unary: (_, { signal }) => new Promise(() => signal.addEventListener("abort", () => aborted.resolve())),
      },
    });
    await using client = new RawClient(loopback.port);
    const answer = await client.call(unaryPath, Buffer.alloc(5), { "grpc-timeout": "30m" });
    assert.equal(answer.headers["grpc-status"], String(StatusCode.DEADLINE_EXCEEDED));
    await aborted.promise;
  });

  it("go on to the calls that a handler makes in turn", async () => {
    const seen: number[] = [];
    await using back = await openLoopback({
      handlers: {
        unary: (_, context) => {
          seen.push(context.timeoutMs());
          return new Promise(() => undefined);
        },
      },
    });
    await using front = await openLoopback({
      handlers: {
        unary: async (request, context) =>
          createClient(EchoService, back.channel).unary({ id: request.id }, { context }),
      },
    });
    await failureOf(front.echo.unary({}, { timeoutMs: 100 }), StatusCode.DEADLINE_EXCEEDED);
    assert.ok((seen[0] ?? 999) <= 100, String(seen));
  });

  it("are those of the .proto where nobody says anything, with a stub and without", async () => {
    const silent = { hurried: () => new Promise<never>(() => undefined), patient: () => ({}) };
    await using server = createServer().addPartial(DefaultsService, silent);
    const { address } = await server.listen("127.0.0.1:0");
    await using channel = createChannel(address, { credentials: insecure() });
    for (const defaults of [createClient(DefaultsService, channel), createClient(DefaultsDesc, channel)]) {
      await defaults.patient({});
      const error = await failureOf(defaults.hurried({}), StatusCode.DEADLINE_EXCEEDED);
      assert.match(error.message, /deadline of 40 ms ran out/);
    }
  });
});
