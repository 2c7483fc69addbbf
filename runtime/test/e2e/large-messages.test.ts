import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";

const mebibyte = 1024 * 1024;

/** Bytes that show it when some of them are lost or swapped. */
function pattern(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

describe("e2e: large messages", function () {
  this.timeout(10_000);
  checkRejections();

  const raised = { limits: { maxReceiveMessageBytes: 32 * mebibyte } };

  it("of 20 MiB pass every window, both ways", async () => {
    await using loopback = await openLoopback({ server: raised, channel: raised });
    const payload = pattern(20 * mebibyte);
    const response = await loopback.echo.unary({ payload });
    assert.ok(payload.equals(response.payload));
  });

  it("pass in streams too", async () => {
    await using loopback = await openLoopback({ server: raised, channel: raised });
    const payload = pattern(5 * mebibyte);
    const responses = await collect(loopback.echo.bidi([0, 1, 2].map((index) => ({ index, payload }))));
    assert.deepEqual(
      responses.map((response) => [response.index, payload.equals(response.payload)]),
      [0, 1, 2].map((index) => [index, true]),
    );
  });

  it("of more than 4 MiB are refused by whoever receives them, by default", async () => {
    await using loopback = await openLoopback({ channel: raised });
    const request = await failureOf(
      loopback.echo.unary({ payload: new Uint8Array(4 * mebibyte) }),
      StatusCode.RESOURCE_EXHAUSTED,
    );
    assert.equal(request.statusMessage, "request message is 4194309 bytes, limit 4194304 (maxReceiveMessageBytes)");
    assert.equal(request.delivery, "processed");
    const { echo } = loopback.connect();
    const response = await failureOf(echo.unary({ responseSize: 4 * mebibyte }), StatusCode.RESOURCE_EXHAUSTED);
    assert.equal(response.statusMessage, "response message is 4194309 bytes, limit 4194304 (maxReceiveMessageBytes)");
    assert.equal((await echo.unary({ responseSize: 4 * mebibyte - 10 })).payload.length, 4 * mebibyte - 10);
  });

  it("may be limited for one call, and for what is sent", async () => {
    const limits = { maxSendMessageBytes: 2000 };
    await using loopback = await openLoopback({ server: { limits } });
    const { echo } = loopback;
    const received = await failureOf(
      echo.unary({ responseSize: 1500 }, { maxResponseBytes: 1000 }),
      StatusCode.RESOURCE_EXHAUSTED,
    );
    assert.equal(received.statusMessage, "response message is 1503 bytes, limit 1000 (maxReceiveMessageBytes)");
    const answered = await failureOf(echo.unary({ responseSize: 2500 }), StatusCode.RESOURCE_EXHAUSTED);
    assert.equal(answered.statusMessage, "response message is 2503 bytes, limit 2000");
    const sent = await failureOf(
      echo.unary({ payload: new Uint8Array(500) }, { maxRequestBytes: 100 }),
      StatusCode.RESOURCE_EXHAUSTED,
    );
    assert.equal(sent.statusMessage, "request message is 503 bytes, limit 100");
    assert.equal((await echo.unary({ responseSize: 1500 })).payload.length, 1500);
  });
});
