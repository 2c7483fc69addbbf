import assert from "node:assert/strict";
import { create, createRegistry } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { createClient, type MessageFormat, StatusCode } from "godwit";
import { CodecService } from "../gen/godwit/testing/codec/v1/codec_service_godwit.js";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";
import { RawClient } from "./raw-client.js";
import { message as framed } from "./raw-peer.js";

const json = { messageFormat: "json" } as const;
const path = "/godwit.testing.v1.EchoService/";
const jsonHeaders = { "content-type": "application/grpc+json" };

/** The messages of a body, as text. */
function messagesOf(body: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    texts.push(body.toString("utf8", at + 5, end));
    at = end;
  }
  return texts;
}

describe("e2e: messages in JSON", () => {
  checkRejections();

  it("go both ways in all four kinds of call", async () => {
    await using loopback = await openLoopback({ channel: json });
    const payload = Buffer.from([0, 1, 254, 255]);
    const { echo } = loopback;
    const response = await echo.unary({ id: "né \u{1f426}", payload });
    assert.deepEqual([response.id, Buffer.from(response.payload)], ["né \u{1f426}", payload]);
    const listed = await collect(echo.serverStream({ count: 3, size: 2 }));
    assert.deepEqual(
      listed.map(({ index, payload: { length } }) => [index, length]),
      [
        [0, 2],
        [1, 2],
        [2, 2],
      ],
    );
    const counted = await echo.clientStream([{ payload }, { payload }, {}]);
    assert.deepEqual([counted.messages, counted.bytes], [3, 8n]);
    const answered = await collect(echo.bidi([{ index: 1 }, { index: 2, payload }]));
    assert.deepEqual(
      answered.map(({ index, payload: { length } }) => [index, length]),
      [
        [1, 0],
        [2, 4],
      ],
    );
  });

  it("may be asked for call by call, beside binary ones on one connection", async () => {
    await using loopback = await openLoopback();
    const formats: (MessageFormat | undefined)[] = ["json", "proto", undefined, "json", "proto"];
    const calls = formats.map((messageFormat, i) => loopback.echo.unary({ id: `${i}` }, { messageFormat }));
    assert.deepEqual(
      (await Promise.all(calls)).map(({ id }) => id),
      ["0", "1", "2", "3", "4"],
    );
    const { echo } = loopback.connect(json);
    assert.equal((await echo.unary({ id: "binary" }, { messageFormat: "proto" })).id, "binary");
  });

  it("are on the wire as ProtoJSON, and answered in kind", async () => {
    await using loopback = await openLoopback();
    await using client = new RawClient(loopback.port);
    const request = framed(Buffer.from('{"count": 2, "size": 1, "noSuchField": {"a": [1]}}'));
    const answer = await client.call(`${path}ServerStream`, request, jsonHeaders);
    assert.equal(answer.headers["content-type"], "application/grpc+json");
    assert.deepEqual(messagesOf(answer.body), ['{"payload":"AA=="}', '{"index":1,"payload":"AA=="}']);
    assert.equal(answer.trailers?.["grpc-status"], "0");
    const spelt = { "content-type": "Application/gRPC+JSON; charset=utf-8" };
    const again = await client.call(`${path}Unary`, framed(Buffer.from('{"id":"a"}')), spelt);
    assert.deepEqual(messagesOf(again.body), ['{"id":"a"}']);
  });

  it("are answered in JSON's content-type when the call fails before a message", async () => {
    await using loopback = await openLoopback();
    await using client = new RawClient(loopback.port);
    const unknown = await client.call(`${path}NoSuch`, framed(Buffer.from("{}")), jsonHeaders);
    assert.equal(unknown.headers["content-type"], "application/grpc+json");
    assert.equal(unknown.headers["grpc-status"], String(StatusCode.UNIMPLEMENTED));
    for (const text of ["", "{", "[]", "5", '{"id":5}', "\ufeff{}", '{"id":"\ud800"']) {
      const bad = await client.call(`${path}Unary`, framed(Buffer.from(text)), jsonHeaders);
      assert.equal(bad.headers["grpc-status"], String(StatusCode.INTERNAL), text);
      assert.match(
        String(bad.headers["grpc-message"]),
        new RegExp(`^request message of ${Buffer.byteLength(text)} bytes does not decode: `),
      );
    }
    const latin1 = await client.call(`${path}Unary`, framed(Buffer.from('{"id":"\xe9"}', "latin1")), jsonHeaders);
    assert.equal(latin1.headers["grpc-status"], String(StatusCode.INTERNAL));
    assert.equal((await loopback.echo.unary({ id: "on" }, json)).id, "on");
  });

  it("that nest too deep cost their call alone", async () => {
    await using loopback = await openLoopback();
    loopback.server.add(CodecService, codecHandlers);
    await using client = new RawClient(loopback.port);
    const service = "/godwit.testing.codec.v1.CodecService/";
    const deep = (levels: number): string => `${'{"left":'.repeat(levels)}{}${"}".repeat(levels)}`;
    const within = await client.call(`${service}EchoTree`, framed(Buffer.from(deep(99))), jsonHeaders);
    assert.deepEqual(messagesOf(within.body), [deep(99)]);
    const list = `{"listValue":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
    for (const [method, text] of [
      ["EchoTree", deep(100)],
      ["EchoWellKnown", list],
    ] as const) {
      const { headers } = await client.call(`${service}${method}`, framed(Buffer.from(text)), jsonHeaders);
      assert.match(String(headers["grpc-message"]), /does not decode: .*maximum recursion depth of 100 reached/);
    }
  });

  it("compress, and count against the limits of messages", async () => {
    const limits = { maxReceiveMessageBytes: 1000 };
    await using loopback = await openLoopback({ server: { compression: "gzip", limits }, channel: json });
    const { echo } = loopback;
    assert.equal((await echo.unary({ id: "x".repeat(900) }, { compression: "gzip" })).id.length, 900);
    const error = await failureOf(echo.unary({ payload: new Uint8Array(800) }), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.message, /request message is 1082 bytes, limit 1000/);
  });

  it("carry Any of the service's own types, and of those that are given", async () => {
    const jsonTypes = createRegistry(ErrorInfoSchema);
    await using loopback = await openLoopback({ server: { jsonTypes } });
    loopback.server.add(CodecService, codecHandlers);
    const { channel } = loopback.connect({ ...json, jsonTypes });
    const any = anyPack(
      ErrorInfoSchema,
      create(ErrorInfoSchema, { reason: "R", metadata: { __proto__: "p", a: "b" } }),
    );
    const request = { any, struct: { a: [1, null, { b: "c" }] }, int64Value: 5n, timestamp: { seconds: 1n, nanos: 5 } };
    const response = await createClient(CodecService, channel).echoWellKnown(request);
    assert.ok(response.any);
    assert.equal(anyUnpack(response.any, ErrorInfoSchema)?.reason, "R");
    assert.deepEqual(response.struct, { a: [1, null, { b: "c" }] });
    assert.deepEqual([response.int64Value, response.timestamp?.nanos], [5n, 5]);
    const unknowing = createClient(CodecService, loopback.channel).echoWellKnown(request, json);
    const error = await failureOf(unknowing, StatusCode.INTERNAL);
    assert.match(
      error.message,
      /request message does not encode: .*google\.rpc\.ErrorInfo" is not in the type registry/,
    );
  });

  it("are refused by a server that takes binary messages alone", async () => {
    await using loopback = await openLoopback({ server: { messageFormats: ["proto"] } });
    const error = await failureOf(loopback.echo.unary({}, json), StatusCode.UNIMPLEMENTED);
    assert.match(
      error.message,
      /content-type application\/grpc\+json is not supported, expected application\/grpc\+proto/,
    );
    assert.equal((await loopback.echo.unary({ id: "on" })).id, "on");
  });

  it("or a format that nobody knows is told before anything is sent", async () => {
    const xml = "xml" as MessageFormat;
    await using loopback = await openLoopback();
    const error = await failureOf(loopback.echo.unary({}, { messageFormat: xml }), StatusCode.INTERNAL);
    assert.match(error.message, /messageFormat "xml" is not known, expected proto or json/);
    assert.equal(error.delivery, "not-sent");
    assert.throws(() => loopback.connect({ messageFormat: xml }), {
      name: "TypeError",
      message: 'messageFormat is "xml", expected proto or json',
    });
    await assert.rejects(openLoopback({ server: { messageFormats: ["json", xml] } }), {
      name: "TypeError",
      message: 'a format of messageFormats is "xml", expected proto or json',
    });
    await assert.rejects(openLoopback({ server: { messageFormats: [] } }), {
      name: "TypeError",
      message: "messageFormats is empty: expected proto or json in it",
    });
  });
});

/** Answers every message with itself. */
const codecHandlers = new Proxy({} as never, { get: () => (request: unknown) => request });
