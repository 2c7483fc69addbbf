import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import {
  CallInfo,
  type CallOptions,
  createChannel,
  createClient,
  createServer,
  insecure,
  type Status,
  StatusCode,
  StatusError,
  statusDetail,
} from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { DebugInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { bytesOf, clientPreface, describeFrame, frames, hpackLiterals, parseFrames } from "../support/frames.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { deferred, failureOf, openLoopback } from "./loopback.js";

describe("e2e: what a hostile peer or application once broke", () => {
  checkRejections();
  const grace: CallOptions = { timeoutMs: 500 };

  it("takes an :authority that is a literal behind three indexed fields, however often", async () => {
    await using loopback = await openLoopback();
    const socket = createConnection(loopback.port, "127.0.0.1");
    await once(socket, "connect");
    let received = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    socket.write(bytesOf(clientPreface, frames.settings(), frames.settingsAck()));
    const shared = Buffer.of(0x83, 0x86, 0x84); // :method POST, :scheme http, :path /
    for (let id = 1; id < 12; id += 2) {
      const rest = hpackLiterals(":authority", `tenant-${id}`, "content-type", "application/grpc", "te", "trailers");
      socket.write(
        bytesOf(
          frames
            .headers(id)
            .block(Buffer.concat([shared, rest]))
            .endStream(),
        ),
      );
    }
    while (!parseable(received).some((frame) => frame.streamId === 11)) await once(socket, "data");
    socket.destroy();
    assert.deepEqual(
      parseable(received)
        .map(describeFrame)
        .filter((text) => text.startsWith("RST_STREAM")),
      [],
    );
  });

  it("answers a StatusError whose message is no string with UNKNOWN", async () => {
    for (const message of [undefined, new Error("x"), 7]) {
      await using loopback = await openLoopback({
        handlers: {
          unary: async () => {
            throw new StatusError(StatusCode.NOT_FOUND, message as never);
          },
        },
      });
      await failureOf(loopback.echo.unary({}, grace), StatusCode.UNKNOWN);
      assert.equal(loopback.errors.length, 1);
    }
  });

  it("answers what an interceptor returns that is no Status with UNKNOWN", async () => {
    for (const status of [
      { code: 5 },
      { code: 5, message: "", trailers: { a: "b" } },
      { code: 5, message: "", details: "x" },
    ]) {
      await using loopback = await openLoopback({
        server: { interceptors: [() => async () => status as Status], onError: () => {} },
      });
      await failureOf(loopback.echo.unary({}, grace), StatusCode.UNKNOWN);
    }
  });

  it("survives thrown values that cannot be looked at", async () => {
    const hostile = new Proxy(
      {},
      {
        has() {
          throw new Error("has");
        },
        get() {
          throw new Error("get");
        },
      },
    );
    await using proxied = await openLoopback({
      handlers: {
        unary: async () => {
          throw hostile;
        },
      },
    });
    await failureOf(proxied.echo.unary({}, grace), StatusCode.UNKNOWN);
    await using late = await openLoopback({
      handlers: {
        unary: async (_, { signal }) => {
          await once(signal, "abort");
          throw {
            get name() {
              throw new Error("name");
            },
          };
        },
      },
    });
    await failureOf(late.echo.unary({}, { timeoutMs: 20 }), StatusCode.DEADLINE_EXCEEDED);
    while (late.errors.length === 0) await turn();
    const message = {
      $typeName: "godwit.testing.v1.UnaryResponse",
      id: "",
      get payload(): never {
        throw Object.create(null);
      },
    };
    await using encoding = await openLoopback({ handlers: { unary: async () => message as never } });
    await failureOf(encoding.echo.unary({}, grace), StatusCode.INTERNAL);
  });

  it("ends one call alone when its headers or trailers are larger than the client takes", async () => {
    const gate = deferred();
    await using loopback = await openLoopback({
      handlers: {
        unary: async ({ id }, context) => {
          if (id === "other") await gate.promise;
          if (id === "headers") context.setHeaders({ x: "y".repeat(40_000) });
          if (id !== "trailers") return {};
          throw new StatusError(StatusCode.INVALID_ARGUMENT, "bad", {
            details: [statusDetail(DebugInfoSchema, { detail: "x".repeat(40_000) })],
          });
        },
      },
    });
    const other = loopback.echo.unary({ id: "other" });
    const failed = await failureOf(loopback.echo.unary({ id: "trailers" }), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(failed.message, /limit 16384/);
    await failureOf(loopback.echo.unary({ id: "headers" }), StatusCode.RESOURCE_EXHAUSTED);
    gate.resolve();
    await other;
  });

  it("refuses limits that HTTP/2 cannot express", () => {
    for (const limits of [
      { maxConcurrentStreams: Infinity },
      { connectionWindowBytes: Infinity },
      { streamWindowBytes: 2 ** 31 },
      { maxFrameBytes: 100 },
    ]) {
      assert.throws(
        () => createServer({ limits }),
        /^TypeError: limit "\w+" is \w+: expected a whole number from \d+ to \d+$/,
      );
      assert.throws(() => createChannel("localhost:1", { credentials: insecure(), limits }), TypeError);
    }
  });

  it("replaces a connection whose stream ids are used up", async () => {
    await using loopback = await openLoopback({ channel: { limits: { maxStreamId: 5 } } });
    for (let call = 0; call < 10; call++) await loopback.echo.unary({}, grace);
  });

  it("refuses an authority that cannot be sent, and goes on", async () => {
    await using loopback = await openLoopback();
    for (const authority of ["☃", "a\r\nb", 5 as never]) {
      await failureOf(loopback.echo.unary({}, { authority, ...grace }), StatusCode.INTERNAL);
      await loopback.echo.unary({}, grace);
    }
  });

  it("refuses a CallInfo that cannot be filled in, and goes on", async () => {
    await using loopback = await openLoopback();
    for (const info of [Object.freeze(new CallInfo()), null as never]) {
      await failureOf(loopback.echo.unary({}, { info, ...grace }), StatusCode.INTERNAL);
      await loopback.echo.unary({}, grace);
    }
  });

  it("rejects for options of the wrong type and an Invoker that throws", async () => {
    await using loopback = await openLoopback();
    for (const options of [
      { signal: null },
      { signal: {} },
      { deadline: Date.now() + 500 },
      { deadline: null },
      { timeoutMs: 1n },
      { context: {} },
    ]) {
      await failureOf(loopback.echo.unary({}, options as never), StatusCode.INTERNAL);
      assert.equal(loopback.channel.describe().runningCalls, 0);
    }
    const broken = createClient(EchoService, {
      invoke: () => {
        throw new Error("no");
      },
    });
    await failureOf(broken.unary({}), StatusCode.INTERNAL);
    await failureOf(broken.clientStream([]), StatusCode.INTERNAL);
  });

  it("tells a handler that closes its own server", async () => {
    const aborted = deferred();
    await using loopback = await openLoopback({
      handlers: {
        clientStream: (_, context) => {
          context.signal.addEventListener("abort", () => aborted.resolve());
          void loopback.server.close({ graceMs: 0 });
          return new Promise(() => {});
        },
      },
    });
    await failureOf(loopback.echo.clientStream([]), StatusCode.UNAVAILABLE);
    await aborted.promise;
  }).timeout(1000);

  it("lets any number of calls share a signal", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on("warning", listen);
    await using loopback = await openLoopback();
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => loopback.echo.unary({}, { signal })));
    await turn();
    process.off("warning", listen);
    assert.deepEqual(warnings, []);
  });

  it("takes request trailers behind an answer that is being compressed for what they are", async () => {
    const payload = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => Math.imul(i, 2654435761) >>> 13));
    await using loopback = await openLoopback({
      server: { compression: "gzip" },
      handlers: {
        async *bidi() {
          yield { payload };
        },
      },
    });
    const socket = createConnection(loopback.port, "127.0.0.1");
    await once(socket, "connect");
    let received = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    const request = frames
      .headers(1)
      .request(
        "/godwit.testing.v1.EchoService/Bidi",
        "content-type",
        "application/grpc",
        "grpc-accept-encoding",
        "gzip",
      );
    socket.write(
      bytesOf(
        clientPreface,
        frames.settings(4, 0x7fffffff),
        frames.settingsAck(),
        frames.windowUpdate(0, 0x70000000),
        request,
      ),
    );
    while (!parseable(received).some((frame) => frame.type === 1)) await once(socket, "data");
    socket.write(bytesOf(frames.headers(1).fields("x", "y").endStream()));
    const isEnd = (text: string) => text === "HEADERS 1 END_STREAM";
    while (!parseable(received).map(describeFrame).some(isEnd)) await once(socket, "data");
    socket.destroy();
    assert.ok(
      parseable(received).some((frame) => frame.type === 0 && frame.payload.length > 0),
      "the message came before the status",
    );
  });
});

function parseable(bytes: Buffer) {
  let end = 0;
  while (end + 9 <= bytes.length && end + 9 + bytes.readUIntBE(end, 3) <= bytes.length)
    end += 9 + bytes.readUIntBE(end, 3);
  return parseFrames(bytes.subarray(0, end));
}
