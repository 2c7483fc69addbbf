import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { collect, expectStatusError } from "../support/expect-status-error.js";

const mebibyte = 1024 * 1024;
const bigBytes = 10 * mebibyte;
/** Raised explicitly: the default is 4 MiB on both sides. */
const limitBytes = 16 * mebibyte;
const theirLimits = { "grpc.max_receive_message_length": limitBytes, "grpc.max_send_message_length": limitBytes };
const ourLimits = { limits: { maxReceiveMessageBytes: limitBytes } };

/** Differs at every offset of a 16 KiB frame, so that frames in the wrong order would show. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE(i, i);
  return bytes;
}

function assertPattern(received: Uint8Array, expected: Buffer): void {
  assert.equal(received.length, expected.length);
  assert.equal(Buffer.compare(received, expected), 0, "the bytes are not those that were sent");
}

describe("message size: our client, grpc-js server", () => {
  it("10 MiB each way, which is larger than every window", async () => {
    await using server = await startGrpcJsServer({}, theirLimits);
    await using client = openOurClient(server.port, ourLimits);
    const payload = pattern(bigBytes);
    const response = await client.echo.unary({ payload });
    assertPattern(response.payload, payload);
  });

  it("several large messages in a stream", async () => {
    await using server = await startGrpcJsServer({}, theirLimits);
    await using client = openOurClient(server.port, ourLimits);
    const payload = pattern(3 * mebibyte + 1);
    const source = [1, 2, 3].map((index) => ({ index, payload }));
    const responses = await collect(client.echo.bidi(source));
    assert.equal(responses.length, 3);
    for (const response of responses) assertPattern(response.payload, payload);
  });

  it("windows of one octet more than a frame's least carry a large message, too", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port, {
      limits: { streamWindowBytes: 16_385, connectionWindowBytes: 65_535 },
    });
    const payload = pattern(mebibyte);
    assertPattern((await client.echo.unary({ payload })).payload, payload);
  });

  it("a response above the default limit of 4 MiB: RESOURCE_EXHAUSTED with both sizes", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const responseSize = 4 * mebibyte;
    const error = await expectStatusError(client.echo.unary({ responseSize }), StatusCode.RESOURCE_EXHAUSTED);
    // protobufjs also writes the empty id: 2 bytes, and 5 of tag and length come on top of the payload.
    assert.equal(
      error.statusMessage,
      `response message is ${responseSize + 7} bytes, limit 4194304 (maxReceiveMessageBytes)`,
    );
    // The call's own limit goes before the channel's.
    const response = await client.echo.unary({ responseSize }, { maxResponseBytes: limitBytes });
    assert.equal(response.payload.length, responseSize);
  });

  it("a request above the server's limit gets the server's answer", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const call = client.echo.unary({ payload: pattern(4 * mebibyte) });
    const error = await expectStatusError(call, StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.statusMessage, /4194309.*4194304/);
  });

  it("a request above the channel's own limit is not sent", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port, { limits: { maxSendMessageBytes: 1000 } });
    const call = client.echo.unary({ payload: pattern(1000) });
    const error = await expectStatusError(call, StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.statusMessage, /request message is 1003 bytes, limit 1000/);
  });
});

describe("message size: grpc-js client, our server", () => {
  it("10 MiB each way, which is larger than every window", async () => {
    await using server = await startOurServer({}, ourLimits);
    using client = new GrpcJsClient(server.port, theirLimits);
    const payload = pattern(bigBytes);
    const { status, responses } = await client.unary({ payload });
    assert.equal(status.code, StatusCode.OK, status.details);
    assertPattern(responses[0]?.payload ?? Buffer.alloc(0), payload);
  });

  it("several large messages in a stream", async () => {
    await using server = await startOurServer({}, ourLimits);
    using client = new GrpcJsClient(server.port, theirLimits);
    const payload = pattern(3 * mebibyte + 1);
    const call = client.bidi();
    const outcome = readAll(call);
    for (const index of [1, 2, 3]) call.write({ index, payload });
    call.end();
    const { status, responses } = await outcome;
    assert.equal(status.code, StatusCode.OK, status.details);
    assert.equal(responses.length, 3);
    for (const response of responses) assertPattern(response.payload, payload);
  });

  it("small windows carry a large message, too", async () => {
    await using server = await startOurServer(
      {},
      { limits: { streamWindowBytes: 16_385, connectionWindowBytes: 65_535 } },
    );
    using client = new GrpcJsClient(server.port);
    const payload = pattern(mebibyte);
    const { responses } = await client.unary({ payload });
    assertPattern(responses[0]?.payload ?? Buffer.alloc(0), payload);
  });

  it("a request above the default limit of 4 MiB: RESOURCE_EXHAUSTED with both sizes", async () => {
    let calls = 0;
    await using server = await startOurServer({
      unary: () => {
        calls++;
        return {};
      },
    });
    using client = new GrpcJsClient(server.port);
    const { status } = await client.unary({ payload: pattern(4 * mebibyte) });
    assert.equal(status.code, StatusCode.RESOURCE_EXHAUSTED);
    assert.equal(status.details, "request message is 4194309 bytes, limit 4194304 (maxReceiveMessageBytes)");
    assert.equal(calls, 0);
    // The connection goes on.
    assert.equal((await client.unary({})).status.code, StatusCode.OK);
    assert.equal(calls, 1);
  });

  it("a response above the client's limit ends the call on both sides", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const { status } = await client.unary({ responseSize: 5 * mebibyte });
    assert.equal(status.code, StatusCode.RESOURCE_EXHAUSTED);
    assert.equal((await client.unary({ id: "next" })).responses[0]?.id, "next");
  });
});
