import assert from "node:assert/strict";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, deferred, openLoopback } from "./loopback.js";

describe("e2e: many calls", () => {
  checkRejections();

  it("a thousand run at once on one connection", async () => {
    const go = deferred();
    let running = 0;
    let most = 0;
    await using loopback = await openLoopback({
      handlers: {
        unary: async ({ id }) => {
          most = Math.max(most, ++running);
          if (running === 1000) go.resolve();
          await go.promise;
          running--;
          return { id };
        },
      },
    });
    const ids = Array.from({ length: 1000 }, (_, i) => String(i));
    const responses = await Promise.all(ids.map((id) => loopback.echo.unary({ id }, { timeoutMs: 10_000 })));
    assert.deepEqual(
      responses.map(({ id }) => id),
      ids,
    );
    assert.equal(most, 1000);
    assert.equal(loopback.channel.describe().subchannels.length, 1);
  });

  it("more than the server allows wait for their turn", async () => {
    let running = 0;
    let most = 0;
    await using loopback = await openLoopback({
      server: { limits: { maxConcurrentStreams: 10 } },
      handlers: {
        unary: async ({ id }) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
          return { id };
        },
      },
    });
    const responses = await Promise.all(
      Array.from({ length: 300 }, (_, i) => loopback.echo.unary({ id: String(i) }, { timeoutMs: 10_000 })),
    );
    assert.equal(new Set(responses.map(({ id }) => id)).size, 300);
    assert.ok(most <= 10, `${most} ran at once`);
  });

  it("of all kinds, with payloads of every size, keep their bytes apart", async () => {
    await using loopback = await openLoopback();
    const calls = Array.from({ length: 200 }, async (_, i) => {
      const payload = new Uint8Array((i * 997) % 70_000).fill(i & 0xff);
      if (i % 2 === 0) {
        const response = await loopback.echo.unary({ id: String(i), payload });
        assert.equal(response.id, String(i));
        assert.ok(Buffer.from(payload).equals(response.payload));
        return;
      }
      const responses = await collect(loopback.echo.bidi([0, 1, 2].map((index) => ({ index, payload }))));
      assert.equal(responses.length, 3);
      for (const response of responses) assert.ok(Buffer.from(payload).equals(response.payload));
    });
    await Promise.all(calls);
  });

  it("ten thousand, one behind the other, leave nothing behind", async () => {
    await using loopback = await openLoopback();
    let left = 10_000;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await loopback.echo.unary({ id: "x" });
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    assert.equal(loopback.channel.describe().runningCalls, 0);
    assert.equal(loopback.channel.state(), "READY");
  });
});
