import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { StatusCode } from "godwit";
import {
  ServerStreamResponseSchema,
  UnaryRequestSchema,
  UnaryResponseSchema,
} from "../gen/godwit/testing/v1/echo_pb.js";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { ByteTap } from "../support/byte-tap.js";
import { collect, expectStatusError } from "../support/expect-status-error.js";
import { framed, RawClient } from "../support/raw-call.js";
import { answer, startRawServer } from "../support/raw-server.js";

const payload = Buffer.alloc(1024 * 1024, "all the same ");
/** More than the payload takes when it is compressed, far less than it takes when it is not. */
const compressedBytes = 100_000;
const gzip = { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip };

describe("compression: our client, grpc-js server", () => {
  it("gzip of requests, unary and in a stream", async () => {
    await using server = await startGrpcJsServer();
    await using tap = await ByteTap.open(server.port);
    await using client = openOurClient(tap.port);
    const options = { compression: "gzip" };
    const response = await client.echo.unary({ payload }, options);
    assert.equal(Buffer.compare(response.payload, payload), 0);
    const summary = await client.echo.clientStream([{ payload }, { payload: new Uint8Array(0) }, { payload }], options);
    assert.deepEqual([summary.messages, summary.bytes], [3, BigInt(2 * payload.length)]);
    assert.ok(tap.upBytes < compressedBytes, `${tap.upBytes} bytes went up`);
    // The server was not asked to compress, and grpc-js's does not by itself.
    assert.ok(tap.downBytes > payload.length, `${tap.downBytes} bytes came down`);
  });

  it("an encoding that does not exist fails before anything is sent", async () => {
    let calls = 0;
    await using server = await startGrpcJsServer({ unary: () => void calls++ });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}, { compression: "snappy" }), StatusCode.INTERNAL);
    assert.match(error.statusMessage, /compression "snappy" is not known, expected identity, gzip/);
    assert.equal(error.delivery, "not-sent");
    assert.equal(calls, 0);
  });
});

// grpc-js's server never compresses what it sends.
describe("compression: our client, node:http2 server", () => {
  const response = toBinary(UnaryResponseSchema, create(UnaryResponseSchema, { id: "z", payload }));

  it("offers gzip and reads it", async () => {
    let offered: unknown;
    await using server = await startRawServer((stream, headers) => {
      offered = headers["grpc-accept-encoding"];
      answer(stream, { "grpc-encoding": "gzip" }, [framed(gzipSync(response), true)], { "grpc-status": "0" });
    });
    await using client = openOurClient(server.port);
    const { id, payload: received } = await client.echo.unary({});
    assert.equal(id, "z");
    assert.equal(Buffer.compare(received, payload), 0);
    assert.match(String(offered), /\bgzip\b/);
  });

  it("reads compressed and plain messages side by side", async () => {
    const messages = [0, 1, 2, 3].map((index) => {
      const message = toBinary(ServerStreamResponseSchema, create(ServerStreamResponseSchema, { index, payload }));
      return index % 2 === 0 ? framed(gzipSync(message), true) : framed(message);
    });
    await using server = await startRawServer((stream) => {
      answer(stream, { "grpc-encoding": "gzip" }, messages, { "grpc-status": "0" });
    });
    await using client = openOurClient(server.port);
    const responses = await collect(client.echo.serverStream({}));
    assert.deepEqual(
      responses.map(({ index, payload: { length } }) => [index, length]),
      [0, 1, 2, 3].map((index) => [index, payload.length]),
    );
  });

  it("a small message that expands beyond the limit is RESOURCE_EXHAUSTED", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await using server = await startRawServer((stream) => {
      answer(stream, { "grpc-encoding": "gzip" }, [framed(bomb, true)], { "grpc-status": "0" });
    });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.statusMessage, /more than 4194304 bytes when decompressed/);
  });

  it("what is not gzip, and an encoding that was not offered, are INTERNAL", async () => {
    await using server = await startRawServer((stream, headers) => {
      const encoding = headers["x-encoding"] as string;
      answer(stream, { "grpc-encoding": encoding }, [framed(Buffer.from("no gzip"), true)], { "grpc-status": "0" });
    });
    await using client = openOurClient(server.port);
    for (const [encoding, sentence] of [
      ["gzip", /does not decompress/],
      ["snappy", /encoded with "snappy", which was not offered/],
      ["identity", /compressed flag set, but grpc-encoding is identity/],
    ] as const) {
      const call = client.echo.unary({}, { metadata: { "x-encoding": encoding } });
      const error = await expectStatusError(call, StatusCode.INTERNAL);
      assert.match(error.statusMessage, sentence);
    }
  });
});

describe("compression: grpc-js client, our server", () => {
  it("gzip of requests, unary and in a stream", async () => {
    await using server = await startOurServer();
    await using tap = await ByteTap.open(server.port);
    using client = new GrpcJsClient(tap.port, gzip);
    const { responses } = await client.unary({ payload });
    assert.equal(Buffer.compare(responses[0]?.payload ?? Buffer.alloc(0), payload), 0);
    const summary = await client.clientStream([{ payload }, { payload: Buffer.alloc(0) }, { payload }]);
    assert.deepEqual(summary.responses, [{ messages: 3, bytes: 2 * payload.length }]);
    assert.ok(tap.upBytes < compressedBytes, `${tap.upBytes} bytes went up`);
    assert.ok(tap.downBytes > payload.length, `${tap.downBytes} bytes came down`);
  });

  it("gzip of responses, for a client that accepts it", async () => {
    await using server = await startOurServer({}, { compression: "gzip" });
    await using tap = await ByteTap.open(server.port);
    using client = new GrpcJsClient(tap.port);
    const unary = await client.unary({ responseSize: 1024 * 1024 });
    assert.equal(unary.status.code, StatusCode.OK, unary.status.details);
    assert.equal(unary.responses[0]?.payload.length, 1024 * 1024);
    const stream = await readAll(client.serverStream({ count: 20, size: 100_000 }));
    assert.deepEqual(
      stream.responses.map((response) => [response.index, response.payload.length]),
      Array.from({ length: 20 }, (_, index) => [index, 100_000]),
    );
    assert.ok(tap.downBytes < compressedBytes, `${tap.downBytes} bytes came down`);
  });

  it("responses stay as they are for a client that accepts nothing", async () => {
    await using server = await startOurServer({}, { compression: "gzip" });
    await using raw = new RawClient(server.port);
    const path = "/godwit.testing.v1.EchoService/Unary";
    const request = toBinary(UnaryRequestSchema, create(UnaryRequestSchema, { responseSize: 5000 }));
    const answer = await raw.call(path, framed(request));
    assert.equal(answer.headers["grpc-encoding"], undefined);
    assert.equal(answer.body[0], 0);
    assert.ok(answer.body.length > 5000);
    assert.equal(answer.trailers?.["grpc-status"], "0");
  });

  it("a client that may be answered in gzip and sends a compressed request", async () => {
    await using server = await startOurServer({}, { compression: "gzip" });
    await using raw = new RawClient(server.port);
    const path = "/godwit.testing.v1.EchoService/Unary";
    const request = toBinary(UnaryRequestSchema, create(UnaryRequestSchema, { responseSize: 5000 }));
    const headers = { "grpc-encoding": "gzip", "grpc-accept-encoding": "gzip" };
    const answer = await raw.call(path, framed(gzipSync(request), true), headers);
    assert.equal(answer.headers["grpc-encoding"], "gzip");
    assert.equal(answer.body[0], 1);
    assert.ok(answer.body.length < 500);
    assert.equal(answer.trailers?.["grpc-status"], "0");
  });

  it("an unknown encoding is UNIMPLEMENTED and says what there is", async () => {
    await using server = await startOurServer();
    await using raw = new RawClient(server.port);
    const path = "/godwit.testing.v1.EchoService/Unary";
    const answer = await raw.call(path, framed(new Uint8Array(9), true), { "grpc-encoding": "snappy" });
    assert.equal(answer.headers["grpc-status"], String(StatusCode.UNIMPLEMENTED));
    assert.match(String(answer.headers["grpc-message"]), /snappy/);
    assert.match(String(answer.headers["grpc-accept-encoding"]), /gzip/);
  });

  it("a small request that expands beyond the limit is RESOURCE_EXHAUSTED", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port, gzip);
    const { status } = await client.unary({ payload: Buffer.alloc(64 * 1024 * 1024) });
    assert.equal(status.code, StatusCode.RESOURCE_EXHAUSTED);
    assert.match(status.details, /more than 4194304 bytes when decompressed/);
  });
});

describe("compression: our client, our server", () => {
  it("both directions of a bidi stream", async () => {
    await using server = await startOurServer({}, { compression: "gzip" });
    await using tap = await ByteTap.open(server.port);
    await using client = openOurClient(tap.port);
    const requests = Array.from({ length: 10 }, (_, index) => ({ index, payload: payload.subarray(0, 100_000) }));
    const responses = await collect(client.echo.bidi(requests, { compression: "gzip" }));
    assert.equal(responses.length, 10);
    for (const [index, response] of responses.entries()) {
      assert.equal(response.index, index);
      assert.equal(Buffer.compare(response.payload, payload.subarray(0, 100_000)), 0);
    }
    assert.ok(tap.upBytes < compressedBytes && tap.downBytes < compressedBytes);
  });
});
