import assert from "node:assert/strict";
import { CallInfo, Metadata, StatusCode, StatusError } from "godwit";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";

describe("e2e: metadata", () => {
  checkRejections();

  it("goes to the handler, text and bytes, several values in order", async () => {
    let seen: Metadata | undefined;
    await using loopback = await openLoopback({
      handlers: {
        unary: (_, { metadata }) => {
          seen = metadata;
          return {};
        },
      },
    });
    const metadata = new Metadata({
      "X-Tenant": "blue",
      "key-bin": Uint8Array.from([0, 255, 10]),
      many: ["a", "b, c", ""],
    });
    await loopback.echo.unary({}, { metadata });
    assert.deepEqual(
      [...(seen ?? [])].map(([key, value]) => [key, typeof value === "string" ? value : [...value]]),
      [
        ["x-tenant", "blue"],
        ["key-bin", [0, 255, 10]],
        ["many", "a"],
        ["many", "b, c"],
        ["many", ""],
      ],
    );
    await loopback.echo.unary({}, { metadata: { plain: "object" } });
    assert.equal(seen?.get("plain"), "object");
    await loopback.echo.unary({});
    assert.equal(seen?.size, 0);
  });

  it("comes back in headers and trailers, and CallInfo has them", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: (_, context) => {
          context.setHeaders({ served: "here" });
          context.trailers.set("cost", "3");
          context.trailers.set("sum-bin", Uint8Array.of(7));
          return {};
        },
        async *serverStream(_, context) {
          context.setHeaders({ served: "there" });
          yield {};
          context.trailers.set("cost", "4");
        },
      },
    });
    const { echo } = loopback;
    const unary = new CallInfo();
    await echo.unary({}, { info: unary });
    assert.equal(unary.headers.get("served"), "here");
    assert.equal(unary.trailers.get("cost"), "3");
    assert.deepEqual(unary.trailers.get("sum-bin"), Uint8Array.of(7));
    assert.equal(unary.status?.code, StatusCode.OK);
    assert.deepEqual(unary.peer, { address: `ipv4:127.0.0.1:${loopback.port}`, security: "none" });
    const stream = new CallInfo();
    await collect(echo.serverStream({}, { info: stream }));
    assert.deepEqual([stream.headers.get("served"), stream.trailers.get("cost")], ["there", "4"]);
  });

  it("of headers may come before the first message", async () => {
    await using loopback = await openLoopback({
      handlers: {
        async *bidi(requests, context) {
          context.setHeaders({ early: "yes" });
          for await (const { index } of requests) yield { index };
        },
      },
    });
    const info = new CallInfo();
    async function* source() {
      while (!info.headers.has("early")) await new Promise((resolve) => setImmediate(resolve));
      yield { index: 1 };
    }
    assert.equal((await collect(loopback.echo.bidi(source(), { info }))).length, 1);
  });

  it("stands in errors too", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: (_, context) => {
          context.trailers.set("mine", "1");
          throw new StatusError(StatusCode.NOT_FOUND, "no", { trailers: { its: "2" } });
        },
        async *serverStream(_, context) {
          context.setHeaders({ h: "1" });
          yield {};
          throw new StatusError(StatusCode.ABORTED, "raced", { trailers: { t: "2" } });
        },
      },
    });
    const info = new CallInfo();
    const plain = await failureOf(loopback.echo.unary({}, { info }), StatusCode.NOT_FOUND);
    assert.deepEqual([plain.trailers.get("mine"), plain.trailers.get("its")], ["1", "2"]);
    assert.deepEqual([info.trailers.get("mine"), info.status?.code], ["1", StatusCode.NOT_FOUND]);
    const streamed = await failureOf(collect(loopback.echo.serverStream({})), StatusCode.ABORTED);
    assert.deepEqual([streamed.headers.get("h"), streamed.trailers.get("t")], ["1", "2"]);
  });

  it("that cannot be sent fails the call and says why", async () => {
    await using loopback = await openLoopback();
    for (const metadata of [{ "grpc-status": "0" }, { "a b": "c" }, { a: "ü" }, { "a-bin": "text" }]) {
      const error = await failureOf(loopback.echo.unary({}, { metadata }), StatusCode.INTERNAL);
      assert.match(error.message, /metadata (key|value of) /);
      assert.equal(error.delivery, "not-sent");
    }
  });

  it("larger than the server takes is not sent, and the connection goes on", async () => {
    await using loopback = await openLoopback();
    const metadata = { large: "x".repeat(20_000) };
    await loopback.echo.unary({});
    const error = await failureOf(loopback.echo.unary({}, { metadata }), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.message, /header list of the request is 20\d{3} bytes, the server's limit is 16384/);
    assert.equal(error.delivery, "not-sent");
    assert.equal((await loopback.echo.unary({ id: "a" }, { metadata: { large: "x".repeat(15_000) } })).id, "a");
  });

  it("larger than the client takes fails the call, and the connection goes on", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: ({ id }, context) => {
          if (id === "large") context.trailers.set("large", "x".repeat(20_000));
          return { id };
        },
      },
    });
    const error = await failureOf(loopback.echo.unary({ id: "large" }), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.message, /limit 16384/);
    assert.equal((await loopback.echo.unary({ id: "a" })).id, "a");
    assert.equal(loopback.channel.describe().subchannels.length, 1);
  });
});
