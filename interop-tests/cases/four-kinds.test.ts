import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { pushable, StatusCode } from "godwit";
import type { BidiRequestInit, UnaryRequestInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import { UnaryRequestSchema } from "../gen/godwit/testing/v1/echo_pb.js";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { collect, expectStatusError } from "../support/expect-status-error.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const payloads = ["", "a", "two", "x".repeat(70_000), "last"].map(bytes);
const totalBytes = payloads.reduce((sum, { length }) => sum + length, 0);

describe("four kinds of calls: our client, grpc-js server", () => {
  it("unary, of an init object and of a message", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const init: UnaryRequestInit = { id: "7", payload: bytes("hello") };
    for (const request of [init, create(UnaryRequestSchema, init)]) {
      const response = await client.echo.unary(request);
      assert.equal(response.$typeName, "godwit.testing.v1.UnaryResponse");
      assert.equal(response.id, "7");
      assert.deepEqual(response.payload, bytes("hello"));
    }
  });

  it("server stream, of none, one and many messages", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    for (const count of [0, 1, 500]) {
      const responses = await collect(client.echo.serverStream({ count, size: 10 }));
      assert.deepEqual(
        responses.map(({ index }) => index),
        Array.from({ length: count }, (_, index) => index),
      );
    }
  });

  it("server stream that fails behind its messages: they are all read first", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const read: number[] = [];
    const reading = (async () => {
      const stream = client.echo.serverStream({ count: 40, size: 5, failWithCode: StatusCode.ABORTED });
      for await (const { index } of stream) read.push(index);
    })();
    const error = await expectStatusError(reading, StatusCode.ABORTED);
    assert.equal(error.statusMessage, "failed behind 40 messages");
    assert.equal(read.length, 40);
  });

  it("client stream, from an array and from a generator", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const requests = payloads.map((payload) => ({ payload }));
    async function* generate() {
      yield* requests;
    }
    for (const source of [requests, generate()]) {
      const { messages, bytes: received } = await client.echo.clientStream(source);
      assert.equal(messages, payloads.length);
      assert.equal(received, BigInt(totalBytes));
    }
    assert.equal((await client.echo.clientStream([])).messages, 0);
  });

  it("bidi, message for message", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const source = pushable<BidiRequestInit>();
    const responses = client.echo.bidi(source)[Symbol.asyncIterator]();
    for (const [index, payload] of payloads.entries()) {
      await source.write({ index, payload });
      const { value } = await responses.next();
      assert.equal(value.index, index);
      assert.deepEqual(value.payload, payload);
    }
    source.finish();
    assert.equal((await responses.next()).done, true);
  });
});

describe("four kinds of calls: grpc-js client, our server", () => {
  it("unary", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const { status, responses } = await client.unary({ id: "7", payload: bytes("hello") });
    assert.equal(status.code, StatusCode.OK);
    assert.deepEqual(responses, [{ id: "7", payload: Buffer.from("hello") }]);
  });

  it("server stream, of none, one and many messages", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    for (const count of [0, 1, 500]) {
      const { status, responses } = await readAll(client.serverStream({ count, size: 10 }));
      assert.equal(status.code, StatusCode.OK);
      assert.deepEqual(
        responses.map(({ index }) => index),
        Array.from({ length: count }, (_, index) => index),
      );
    }
  });

  it("server stream that fails behind its messages: they are all read first", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const call = client.serverStream({ count: 40, size: 5, failWithCode: StatusCode.ABORTED });
    const { status, responses } = await readAll(call);
    assert.equal(status.code, StatusCode.ABORTED);
    assert.equal(status.details, "failed behind 40 messages");
    assert.equal(responses.length, 40);
  });

  it("client stream, of none and of many messages", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const many = await client.clientStream(payloads.map((payload) => ({ payload })));
    assert.deepEqual(many.responses, [{ messages: payloads.length, bytes: totalBytes }]);
    const none = await client.clientStream([]);
    assert.deepEqual(none.responses, [{ messages: 0, bytes: 0 }]);
  });

  it("bidi, message for message", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const call = client.bidi();
    const requests = payloads.map((payload, index) => ({ index, payload }));
    const send = (): void => {
      const request = requests.shift();
      if (request !== undefined) call.write(request);
      else call.end();
    };
    call.on("data", send);
    const outcome = readAll(call);
    send();
    const { status, responses } = await outcome;
    assert.equal(status.code, StatusCode.OK);
    assert.deepEqual(
      responses.map(({ payload }) => payload.length),
      payloads.map(({ length }) => length),
    );
  });
});
