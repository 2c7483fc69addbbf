import assert from "node:assert/strict";
import {
  createChannel,
  createClient,
  createServer,
  insecure,
  type MethodDescriptor,
  type Service,
  StatusCode,
  StatusError,
} from "godwit";
import type { EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";
import { RawClient } from "./raw-client.js";

const secret = new Error("password is hunter2");
const unaryPath = "/godwit.testing.v1.EchoService/Unary";

/** A frame of bytes that no message has. */
const garbage = Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff]);

describe("e2e: errors", () => {
  checkRejections();

  it("that come at once, to a caller who calls again at once, do not keep the process from its work", async () => {
    await using loopback = await openLoopback();
    const { echo } = loopback.connect({ retry: false });
    await loopback.server.close();
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    for (let i = 0; i < 5000 && turns < 2; i++) await failureOf(echo.clientStream([]), StatusCode.UNAVAILABLE);
    clearInterval(turning);
    assert.equal(turns, 2);
  });

  it("that handlers throw keep their text, and go to onError", async () => {
    const failing: Partial<EchoServiceHandlers>[] = [
      {
        unary: () => {
          throw secret;
        },
      },
      { unary: () => Promise.reject(secret) },
      {
        unary: async () => {
          await null;
          throw secret;
        },
      },
    ];
    for (const handlers of failing) {
      await using loopback = await openLoopback({ handlers });
      const error = await failureOf(loopback.echo.unary({}), StatusCode.UNKNOWN);
      assert.equal(error.statusMessage, "Internal error");
      assert.ok(!error.message.includes("hunter2"));
      assert.equal(error.method, unaryPath);
      assert.equal(error.peer?.address, `ipv4:127.0.0.1:${loopback.port}`);
      assert.equal(error.delivery, "processed");
      assert.deepEqual(loopback.errors, [secret]);
    }
  });

  it("in a stream come behind what was sent", async () => {
    await using loopback = await openLoopback({
      handlers: {
        async *serverStream() {
          yield { index: 1 };
          throw secret;
        },
        async clientStream(requests) {
          for await (const _ of requests) throw secret;
          return {};
        },
      },
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { index } of loopback.echo.serverStream({})) seen.push(index);
    })();
    await failureOf(reading, StatusCode.UNKNOWN);
    assert.deepEqual(seen, [1]);
    function* endless() {
      for (;;) yield {};
    }
    await failureOf(loopback.echo.clientStream(endless()), StatusCode.UNKNOWN);
    assert.deepEqual(loopback.errors, [secret, secret]);
  });

  it("of the wrong type are INTERNAL, and onError hears what was wrong", async () => {
    const wrong = [undefined, null, 7, "text", []];
    for (const value of wrong) {
      await using loopback = await openLoopback({
        handlers: { unary: () => value as never, serverStream: () => value as never },
      });
      const error = await failureOf(loopback.echo.unary({}), StatusCode.INTERNAL);
      assert.equal(
        error.statusMessage,
        `the handler of ${unaryPath} gave something else than a godwit.testing.v1.UnaryResponse`,
      );
      if (!Array.isArray(value) && value !== "text") {
        await failureOf(collect(loopback.echo.serverStream({})), StatusCode.INTERNAL);
        assert.equal(loopback.errors.length, 2, String(value));
      }
    }
  });

  it("of a field of the wrong type are INTERNAL, and tell which", async () => {
    await using loopback = await openLoopback({ handlers: { unary: () => ({ payload: "text" as never }) } });
    await failureOf(loopback.echo.unary({}), StatusCode.INTERNAL);
    const request = await failureOf(loopback.echo.unary({ id: 7 as never }), StatusCode.INTERNAL);
    assert.match(request.message, /id|UnaryRequest/);
  });

  it("that a handler means to say arrive as they were said", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: ({ id }) => {
          throw new StatusError(StatusCode.INVALID_ARGUMENT, `no ${id}, only ünïcödé \ud83d\ude00 100%\n`, {
            details: [
              { schema: ErrorInfoSchema, value: { reason: "NO_ID", domain: "shop.test" } },
              { schema: RetryInfoSchema, value: { retryDelay: { seconds: 3n } } },
            ],
            retryAfterMs: 250,
            cause: secret,
          });
        },
      },
    });
    const error = await failureOf(loopback.echo.unary({ id: "x" }), StatusCode.INVALID_ARGUMENT);
    assert.equal(error.statusMessage, "no x, only ünïcödé \ud83d\ude00 100%\n");
    assert.equal(error.findDetails(ErrorInfoSchema)[0]?.reason, "NO_ID");
    assert.equal(error.findDetails(RetryInfoSchema)[0]?.retryDelay?.seconds, 3n);
    assert.equal(error.retryAfterMs, 250);
    assert.equal(error.cause, undefined);
    assert.equal(error.delivery, "processed");
    assert.deepEqual(loopback.errors, []);
  });

  it("with half a character in their text end the call, not the process", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: async ({ id }) => {
          await null;
          throw new StatusError(StatusCode.NOT_FOUND, `no ${id.slice(0, 1)}`);
        },
      },
    });
    const error = await failureOf(loopback.echo.unary({ id: "\ud83d\ude00" }), StatusCode.NOT_FOUND);
    assert.equal(error.statusMessage, "no \ufffd");
  });

  it("of every code arrive", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: ({ failWithCode }) => {
          throw new StatusError(failWithCode as StatusCode, "said so");
        },
      },
    });
    for (const code of Object.values(StatusCode).filter((each) => each !== StatusCode.OK)) {
      const error = await failureOf(loopback.echo.unary({ failWithCode: code }), code);
      assert.equal(error.statusMessage, "said so");
    }
  });

  it("name what the server has when a method or service is unknown", async () => {
    const server = createServer();
    server.addPartial(EchoService, { unary: () => ({}) });
    const { address } = await server.listen("127.0.0.1:0");
    const channel = createChannel(address, { credentials: insecure() });
    const partial = await failureOf(
      collect(createClient(EchoService, channel).serverStream({})),
      StatusCode.UNIMPLEMENTED,
    );
    assert.match(
      partial.message,
      /method "ServerStream" of service godwit.testing.v1.EchoService is not implemented by this server, it has: Unary/,
    );
    const method = { ...(EchoService.methods[0] as MethodDescriptor), path: "/godwit.testing.v1.Other/Unary" };
    const other = { ...EchoService, methods: [method] } as Service<{ unary(request: object): Promise<unknown> }>;
    const unknown = await failureOf(createClient(other, channel).unary({}), StatusCode.UNIMPLEMENTED);
    assert.match(
      unknown.message,
      /unknown service "godwit.testing.v1.Other", this server has: godwit.testing.v1.EchoService/,
    );
    assert.equal(unknown.delivery, "processed");
    await channel.close();
    await server.close();
  });

  it("say that a request does not decode", async () => {
    await using loopback = await openLoopback();
    await using client = new RawClient(loopback.port);
    const answer = await client.call(unaryPath, garbage);
    assert.equal(answer.headers["grpc-status"], String(StatusCode.INTERNAL));
    assert.match(String(answer.headers["grpc-message"]), /^request message of 2 bytes does not decode: /);
    // The connection and the server are as good as before.
    const good = await client.call(unaryPath, Buffer.alloc(5));
    assert.equal(good.trailers?.["grpc-status"], "0");
  });

  it("say that a response does not decode", async () => {
    const codec = {
      encode: (_: unknown, sink: { append(bytes: Uint8Array): void }) => sink.append(garbage.subarray(5)),
    };
    const method = EchoService.methods[0] as MethodDescriptor;
    const responseCodec = { ...method.responseCodec, encode: codec.encode } as MethodDescriptor["responseCodec"];
    const broken = { ...EchoService, methods: [{ ...method, responseCodec }] } as unknown as Service<
      object,
      { unary: () => object }
    >;
    const server = createServer();
    server.add(broken, { unary: () => ({}) });
    const { address } = await server.listen("127.0.0.1:0");
    const channel = createChannel(address, { credentials: insecure() });
    const error = await failureOf(createClient(EchoService, channel).unary({}), StatusCode.INTERNAL);
    assert.match(error.statusMessage, /^response message of 2 bytes does not decode: /);
    assert.ok(error.cause instanceof Error);
    await channel.close();
    await server.close();
  });

  it("of a unary call with too few or too many messages are UNIMPLEMENTED", async () => {
    await using loopback = await openLoopback();
    await using client = new RawClient(loopback.port);
    for (const body of [Buffer.alloc(0), Buffer.alloc(10)]) {
      const answer = await client.call(unaryPath, body);
      assert.equal(answer.headers["grpc-status"], String(StatusCode.UNIMPLEMENTED));
    }
  });
});
