import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { StatusCode, StatusError } from "godwit";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";

const gzip = { compression: "gzip" } as const;
/** Large enough to be worked on in another thread, and not of one byte. */
const large = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) & 0xff));

describe("e2e: compression", () => {
  checkRejections();

  it("carries small and large messages both ways", async () => {
    await using loopback = await openLoopback({ server: gzip });
    for (const payload of [Buffer.alloc(0), Buffer.from("small"), large]) {
      const response = await loopback.echo.unary({ payload }, gzip);
      assert.ok(payload.equals(response.payload));
    }
  });

  it("carries one way alone", async () => {
    await using plainServer = await openLoopback();
    assert.ok(large.equals((await plainServer.echo.unary({ payload: large }, gzip)).payload));
    await using loopback = await openLoopback({ server: gzip });
    assert.ok(large.equals((await loopback.echo.unary({ payload: large })).payload));
    assert.ok(large.equals((await loopback.echo.unary({ payload: large }, { compression: "identity" })).payload));
  });

  it("keeps the order of streams of mixed sizes, far more than any window", async () => {
    await using loopback = await openLoopback({ server: gzip });
    const sizes = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 100_000 : i * 10));
    const requests = sizes.map((size, index) => ({ index, payload: large.subarray(0, size) }));
    const responses = await collect(loopback.echo.bidi(requests, gzip));
    assert.deepEqual(
      responses.map(({ index, payload }) => [index, payload.length]),
      sizes.map((size, index) => [index, size]),
    );
  });

  it("of what does not shrink does not stop a stream of requests", async () => {
    await using loopback = await openLoopback();
    let seed = 1;
    const noise = Buffer.from(
      Array.from({ length: 60_000 }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) | 0;
        return (seed >>> 16) & 0xff;
      }),
    );
    const requests = Array.from({ length: 40 }, () => ({ payload: noise }));
    const { messages, bytes } = await loopback.echo.clientStream(requests, { ...gzip, timeoutMs: 10_000 });
    assert.deepEqual([messages, bytes], [40, 2_400_000n]);
  });

  it("does not smuggle a message past the limit", async () => {
    await using loopback = await openLoopback({ channel: { limits: { maxReceiveMessageBytes: 1 << 26 } } });
    const bomb = { payload: new Uint8Array(8 << 20) };
    const error = await failureOf(loopback.echo.unary(bomb, gzip), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(
      error.message,
      /request message is more than 4194304 bytes when decompressed \(maxReceiveMessageBytes\)/,
    );
    assert.equal((await loopback.echo.unary({ id: "on" }, gzip)).id, "on");
  });

  it("that nobody knows fails the call, and a server's at once", async () => {
    await using loopback = await openLoopback();
    const error = await failureOf(loopback.echo.unary({}, { compression: "snappy" }), StatusCode.INTERNAL);
    assert.match(error.message, /compression "snappy" is not known, expected identity, gzip/);
    assert.equal(error.delivery, "not-sent");
    await assert.rejects(openLoopback({ server: { compression: "snappy" } }), /^TypeError: compression is "snappy"/);
  });

  it("cancelled amid the work ends well", async () => {
    await using loopback = await openLoopback({ server: gzip });
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const call = loopback.echo.unary({ payload: large }, { ...gzip, signal: controller.signal });
      setImmediate(() => controller.abort());
      await call.catch(() => undefined);
    }
    assert.equal((await loopback.echo.unary({ id: "on" }, gzip)).id, "on");
  });

  it("has a request that is tried again arrive whole and in order, though large messages are compressed beside it", async () => {
    const wanted = [20_000, 1, 2, 600_000, 3, 4, 20_000, 5, 6];
    const arrived: number[] = [];
    await using loopback = await openLoopback({
      handlers: {
        async clientStream(requests, { attempt }) {
          let messages = 0;
          for await (const { payload } of requests) {
            if (attempt > 1) arrived.push(payload.length);
            else if (++messages === 3) throw new StatusError(StatusCode.UNAVAILABLE, "while the fourth is compressed");
          }
          return {};
        },
      },
    });
    const requests = wanted.map((size) => ({ payload: randomBytes(size) }));
    await loopback.echo.clientStream(requests, { compression: "gzip", retry: { maxAttempts: 2 } });
    assert.deepEqual(arrived, wanted);
  });
});
