import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { checkRejections } from "../support/unhandled-rejections.js";
import { deferred, openLoopback } from "./loopback.js";

const size = 1024;
const payload = new Uint8Array(size);
const total = 10_000;

/**
 * Messages of 1 KiB that may be under way: 64 KiB queued at the sender, 256 KiB of the receiver's window, 16 that are
 * asked for ahead, and the one in between. Twice as many for what the receiver has given back and is asked for anew.
 */
const aheadLimit = 2 * (64 + 256 + 16 + 1);

/** How far a sender got ahead of its reader. */
class Lead {
  sent = 0;
  read = 0;
  most = 0;

  onSent(): void {
    this.sent++;
    this.most = Math.max(this.most, this.sent - this.read);
  }

  assertBounded(): void {
    assert.equal(this.read, total);
    assert.ok(this.most <= aheadLimit, `the sender was ${this.most} messages ahead, limit ${aheadLimit}`);
    assert.ok(this.most >= 16, `the sender was never more than ${this.most} messages ahead`);
  }

  *messages(): Generator<{ index: number; payload: Uint8Array }> {
    for (let index = 0; index < total; index++) {
      this.onSent();
      yield { index, payload };
    }
  }
}

describe("e2e: back-pressure", function () {
  this.timeout(15_000);
  checkRejections();

  it("holds a handler that is faster than its reader", async () => {
    const lead = new Lead();
    await using loopback = await openLoopback({ handlers: { serverStream: () => lead.messages() } });
    for await (const { index } of loopback.echo.serverStream({})) {
      assert.equal(index, lead.read);
      lead.read++;
      if (lead.read % 8 === 0) await setImmediate();
    }
    lead.assertBounded();
  });

  it("holds a source that is faster than its handler", async () => {
    const lead = new Lead();
    await using loopback = await openLoopback({
      handlers: {
        async clientStream(requests) {
          for await (const _ of requests) {
            lead.read++;
            if (lead.read % 8 === 0) await setImmediate();
          }
          return { messages: lead.read };
        },
      },
    });
    const { messages } = await loopback.echo.clientStream(lead.messages());
    assert.equal(messages, total);
    lead.assertBounded();
  });

  it("holds both sides of a bidi call whose answers nobody reads, and lets go when somebody does", async () => {
    const up = new Lead();
    const down = new Lead();
    await using loopback = await openLoopback({
      handlers: {
        async *bidi(requests) {
          for await (const { index, payload } of requests) {
            up.read++;
            down.onSent();
            yield { index, payload };
          }
        },
      },
    });
    const chat = loopback.echo.bidi(up.messages());
    // The answers wait: so must, sooner or later, the requests.
    for (let sent = -1; sent !== up.sent; ) {
      sent = up.sent;
      await loopback.echo.unary({});
    }
    assert.ok(up.sent < total, "the requests were not held");
    for await (const { index } of chat) {
      assert.equal(index, down.read);
      down.read++;
    }
    up.assertBounded();
    down.assertBounded();
  });

  it("holds a handler that never reads, and the call ends all the same", async () => {
    const lead = new Lead();
    const go = deferred();
    await using loopback = await openLoopback({
      handlers: {
        async clientStream() {
          await go.promise;
          return { messages: -1 };
        },
      },
    });
    const call = loopback.echo.clientStream(lead.messages());
    for (let sent = -1; sent !== lead.sent || lead.sent < 16; ) {
      sent = lead.sent;
      await loopback.echo.unary({});
    }
    assert.ok(lead.sent <= aheadLimit, `the source gave ${lead.sent} messages`);
    go.resolve();
    assert.equal((await call).messages, -1);
    assert.ok(lead.sent <= aheadLimit);
  });

  it("of streams that wait does not hold the other calls of their connection", async () => {
    await using loopback = await openLoopback();
    const streams = Array.from({ length: 16 }, () => loopback.echo.serverStream({ count: 2000, size }));
    const readers = streams.map((stream) => stream[Symbol.asyncIterator]());
    await Promise.all(readers.map((reader) => reader.next()));
    for (let i = 0; i < 50; i++) await loopback.echo.unary({ payload: new Uint8Array(16_384) }, { timeoutMs: 5000 });
    await Promise.all(readers.map((reader) => reader.return?.()));
  });

  it("of requests that wait does not hold the other calls of their connection", async () => {
    const go = deferred();
    await using loopback = await openLoopback({
      handlers: {
        async clientStream() {
          await go.promise;
          return {};
        },
      },
    });
    const leads = Array.from({ length: 16 }, () => new Lead());
    const calls = leads.map((lead) => loopback.echo.clientStream(lead.messages()));
    for (let i = 0; i < 50; i++) await loopback.echo.unary({ payload: new Uint8Array(16_384) }, { timeoutMs: 5000 });
    go.resolve();
    await Promise.all(calls);
  });
});
