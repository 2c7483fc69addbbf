import assert from "node:assert/strict";
import type * as grpc from "@grpc/grpc-js";
import { createClient, createServer, StatusCode, StatusError } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { UnimplementedService } from "../gen/grpc/testing/test_godwit.js";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { packErrorInfo, unpackErrorInfos } from "../grpc-js/status-details.js";
import { openOurClient } from "../ours/our-client.js";
import { echoHandlers, startOurServer } from "../ours/our-server.js";
import { collect, expectStatusError } from "../support/expect-status-error.js";
import { framed, RawClient } from "../support/raw-call.js";
import { answer, startRawServer } from "../support/raw-server.js";

const failures = Object.values(StatusCode).filter((code) => code !== StatusCode.OK);
const texts = [
  "plain",
  "50% of it, 100%25",
  "two\nlines\r\nand a\ttab",
  "žluťoučký kůň — 天地玄黃 🦜",
  "  spaces at both ends  ",
  "",
];
const info = { reason: "STOCK_EMPTY", domain: "shop.example.com", metadata: { item: "žlutý", left: "0" } };

describe("status: our client, grpc-js server", () => {
  it("every code, with its message", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    for (const code of failures) {
      const call = client.echo.unary({ failWithCode: code, failWithMessage: `code ${code}` });
      const error = await expectStatusError(call, code);
      assert.equal(error.statusMessage, `code ${code}`);
      assert.equal(error.delivery, "processed");
      assert.equal(error.method, "/godwit.testing.v1.EchoService/Unary");
    }
  });

  it("messages with percent signs, lines, tabs and letters beyond ASCII", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    for (const text of texts.filter((text) => text !== "")) {
      const call = client.echo.unary({ failWithCode: StatusCode.ABORTED, failWithMessage: text });
      assert.equal((await expectStatusError(call, StatusCode.ABORTED)).statusMessage, text);
    }
  });

  it("details that grpc-js sends are found", async () => {
    await using server = await startGrpcJsServer({
      unary(_call, callback) {
        const metadata = packErrorInfo(StatusCode.FAILED_PRECONDITION, "no stock", info);
        callback({ code: StatusCode.FAILED_PRECONDITION, details: "no stock", metadata });
      },
    });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.FAILED_PRECONDITION);
    const [found, ...others] = error.findDetails(ErrorInfoSchema);
    assert.equal(found?.reason, info.reason);
    assert.equal(found?.domain, info.domain);
    assert.deepEqual({ ...found?.metadata }, info.metadata);
    assert.deepEqual(others, []);
    assert.deepEqual(error.findDetails(BadRequestSchema), []);
  });

  it("a method that the server does not have is UNIMPLEMENTED", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const call = createClient(UnimplementedService, client.channel).unimplementedCall({});
    const error = await expectStatusError(call, StatusCode.UNIMPLEMENTED);
    assert.match(error.message, /UnimplementedService\/UnimplementedCall/);
  });
});

describe("status: our client, node:http2 server", () => {
  it("Trailers-Only, for a unary call and for a stream", async () => {
    await using server = await startRawServer((stream) => {
      const headers = { ":status": 200, "content-type": "application/grpc", "grpc-status": "5", "x-why": "gone" };
      stream.respond({ ...headers, "grpc-message": "no %C3%A9clair" }, { endStream: true });
    });
    await using client = openOurClient(server.port);
    for (const call of [client.echo.unary({}), collect(client.echo.bidi([{ index: 1 }]))]) {
      const error = await expectStatusError(call, StatusCode.NOT_FOUND);
      assert.equal(error.statusMessage, "no éclair");
      assert.equal(error.trailers.get("x-why"), "gone");
      assert.equal(error.headers.size, 0);
    }
  });

  it("an HTTP status without a grpc-status", async () => {
    const codes: Record<string, StatusCode> = { 404: StatusCode.UNIMPLEMENTED, 503: StatusCode.UNAVAILABLE };
    await using server = await startRawServer((stream, headers) => {
      stream.respond({ ":status": Number(headers["x-answer"]), "content-type": "text/html" });
      stream.end("<h1>not gRPC</h1>");
    });
    await using client = openOurClient(server.port);
    for (const [status, code] of Object.entries(codes)) {
      const call = client.echo.unary({}, { metadata: { "x-answer": status } });
      const error = await expectStatusError(call, code);
      assert.match(error.statusMessage, new RegExp(`HTTP status ${status} .*text/html`));
    }
  });

  it("a stream that ends without trailers, with two messages or with none", async () => {
    const status = { "grpc-status": "0" };
    await using server = await startRawServer((stream, headers) => {
      const message = framed(new Uint8Array(0));
      if (headers["x-answer"] === "bare") {
        stream.respond({ ":status": 200, "content-type": "application/grpc" });
        stream.end(message);
      } else answer(stream, {}, headers["x-answer"] === "two" ? [message, message] : [], status);
    });
    await using client = openOurClient(server.port);
    const call = (kind: string) => client.echo.unary({}, { metadata: { "x-answer": kind } });
    assert.match((await expectStatusError(call("bare"), StatusCode.INTERNAL)).message, /without trailers/);
    assert.match((await expectStatusError(call("two"), StatusCode.UNIMPLEMENTED)).message, /second response/);
    assert.match((await expectStatusError(call("none"), StatusCode.UNIMPLEMENTED)).message, /no response message/);
  });
});

describe("status: grpc-js client, our server", () => {
  it("every code, with its message", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    for (const code of failures) {
      const { status } = await client.unary({ failWithCode: code, failWithMessage: `code ${code}` });
      assert.deepEqual([status.code, status.details], [code, `code ${code}`]);
    }
  });

  it("messages with percent signs, lines, tabs and letters beyond ASCII", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    for (const text of texts) {
      const { status } = await client.unary({ failWithCode: StatusCode.ABORTED, failWithMessage: text });
      assert.deepEqual([status.code, status.details], [StatusCode.ABORTED, text]);
    }
  });

  it("details are in grpc-status-details-bin, trailers beside them", async () => {
    await using server = await startOurServer({
      unary() {
        throw new StatusError(StatusCode.FAILED_PRECONDITION, "no stock", {
          details: [
            { schema: ErrorInfoSchema, value: info },
            { schema: BadRequestSchema, value: { fieldViolations: [{ field: "id", description: "is empty" }] } },
          ],
          trailers: { "x-also": "this" },
        });
      },
    });
    using client = new GrpcJsClient(server.port);
    const { status } = await client.unary({});
    const received = unpackErrorInfos(status.metadata);
    assert.equal(received.status.code, StatusCode.FAILED_PRECONDITION);
    assert.equal(received.status.message, "no stock");
    assert.deepEqual(
      received.status.details.map(({ type_url }) => type_url),
      ["type.googleapis.com/google.rpc.ErrorInfo", "type.googleapis.com/google.rpc.BadRequest"],
    );
    assert.deepEqual(received.infos, [info]);
    assert.deepEqual(status.metadata.get("x-also"), ["this"]);
  });

  it("what a handler throws by mistake is UNKNOWN without its text, and onError hears of it", async () => {
    const secret = new Error("password is 1234");
    const heard: unknown[] = [];
    const fail = (): never => {
      throw secret;
    };
    await using server = await startOurServer(
      {
        unary: fail,
        async *serverStream() {
          yield { index: 1 };
          fail();
        },
        clientStream: async () => fail(),
      },
      { onError: (error, { method }) => heard.push([error, method.name]) },
    );
    using client = new GrpcJsClient(server.port);
    const outcomes = [
      await client.unary({}),
      await readAll(client.serverStream({})),
      await client.clientStream([{ payload: Buffer.alloc(1) }]),
    ];
    for (const { status } of outcomes) assert.deepEqual([status.code, status.details], [2, "Internal error"]);
    assert.deepEqual(heard, [
      [secret, "Unary"],
      [secret, "ServerStream"],
      [secret, "ClientStream"],
    ]);
  });

  it("an early error is Trailers-Only, one behind headers is not", async () => {
    await using server = await startOurServer({
      unary(request, context) {
        if (request.id === "headers") context.setHeaders({ "x-early": "yes" });
        throw new StatusError(StatusCode.NOT_FOUND, "no such thing");
      },
    });
    await using raw = new RawClient(server.port);
    const path = "/godwit.testing.v1.EchoService/Unary";
    const early = await raw.call(path, framed(new Uint8Array(0)));
    assert.equal(early.headersEndStream, true);
    assert.equal(early.headers[":status"], 200);
    assert.equal(early.headers["content-type"], "application/grpc");
    assert.equal(early.headers["grpc-status"], "5");
    assert.equal(early.headers["grpc-message"], "no such thing");
    assert.equal(early.trailers, undefined);
    // Field 1, 7 bytes: the id.
    const late = await raw.call(path, framed(Buffer.from("\x0a\x07headers", "latin1")));
    assert.equal(late.headersEndStream, false);
    assert.equal(late.headers["x-early"], "yes");
    assert.equal(late.headers["grpc-status"], undefined);
    assert.equal(late.trailers?.["grpc-status"], "5");
  });

  it("unknown methods and services are UNIMPLEMENTED and say what there is", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const call = (path: string) =>
      new Promise<grpc.ServiceError | null>((resolve) => {
        const identity = (bytes: Buffer): Buffer => bytes;
        client.raw.makeUnaryRequest(path, identity, identity, Buffer.alloc(0), (error) => resolve(error));
      });
    const service = await call("/no.such.Service/Get");
    assert.equal(service?.code, StatusCode.UNIMPLEMENTED);
    assert.equal(service?.details, 'unknown service "no.such.Service", this server has: godwit.testing.v1.EchoService');
    const method = await call("/godwit.testing.v1.EchoService/Nothing");
    assert.equal(method?.code, StatusCode.UNIMPLEMENTED);
    assert.match(String(method?.details), /method "Nothing" .* it has: Unary, ServerStream, ClientStream, Bidi/);
  });

  it("a method left out by addPartial is UNIMPLEMENTED", async () => {
    const server = createServer();
    server.addPartial(EchoService, { unary: echoHandlers.unary });
    const { port } = await server.listen("127.0.0.1:0");
    using client = new GrpcJsClient(port);
    const { status } = await readAll(client.serverStream({}));
    assert.equal(status.code, StatusCode.UNIMPLEMENTED);
    assert.match(status.details, /"ServerStream" .* is not implemented by this server, it has: Unary/);
    await server.close({ graceMs: 0 });
  });
});
