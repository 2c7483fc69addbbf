/**
 * A fast sender and a slow reader: how far the one may get ahead of the other is bounded by windows and queues, not by
 * time. Bounds are counted in messages of 16 KiB.
 */
import assert from "node:assert/strict";
import { Metadata } from "@grpc/grpc-js";
import { StatusCode } from "godwit";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { deferred } from "../support/deferred.js";
import { retainedBufferBytes } from "../support/retained-bytes.js";
import { settled } from "../support/settled.js";

const size = 16 * 1024;
const payload = Buffer.alloc(size);
/** What a sender has to say: 32 MiB, far more than all windows and queues together. */
const total = 2048;

/**
 * Our receiver: its window (256 KiB a stream), 16 messages that the stub or handler is ahead, and the message in between.
 * Our sender: 64 KiB of queue and the message above it. grpc-js: 64 KiB of window, and queues of 16 objects in its
 * Readables and Writables at either end. What lies in the sockets is within the windows.
 */
const aheadLimit = 100;
/** The same in bytes, each message once on each side, with room for read chunks that a message holds as a whole. */
const retainedLimit = 4 * aheadLimit * size;

/** Turns of the event loop, so that a reader is slower than its sender could be. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** How far a sender got ahead of its reader. */
class Lead {
  sent = 0;
  read = 0;
  most = 0;

  onSent(): void {
    this.sent++;
    this.most = Math.max(this.most, this.sent - this.read);
  }
}

function assertBounded(lead: Lead): void {
  assert.equal(lead.read, total);
  assert.ok(lead.most <= aheadLimit, `the sender was ${lead.most} messages ahead, expected at most ${aheadLimit}`);
}

function* countedRequests(lead: Lead): Generator<{ payload: Buffer }> {
  for (let i = 0; i < total; i++) {
    lead.onSent();
    yield { payload };
  }
}

describe("back-pressure: our client, grpc-js server", () => {
  it("our source waits for a handler that does not read, and memory stays flat", async () => {
    const lead = new Lead();
    const go = deferred();
    await using server = await startGrpcJsServer({
      async clientStream(call, callback) {
        await go.promise;
        for await (const _ of call) {
          lead.read++;
          if (lead.read % 16 === 0) await turns(1);
        }
        callback(null, { messages: lead.read, bytes: lead.read * size });
      },
    });
    await using client = openOurClient(server.port);
    await using fence = openOurClient(server.port);
    await fence.echo.unary({});
    const before = retainedBufferBytes();
    const call = client.echo.clientStream(countedRequests(lead));
    const stalledAt = await settled(
      () => lead.sent,
      () => fence.echo.unary({}),
    );
    assert.ok(stalledAt > 0 && stalledAt <= aheadLimit, `the source was asked for ${stalledAt} messages`);
    const retained = retainedBufferBytes() - before;
    assert.ok(retained < retainedLimit, `${retained} bytes are held`);
    go.resolve();
    assert.equal((await call).messages, total);
    assertBounded(lead);
  });

  it("a server's fast stream waits for our loop", async () => {
    const lead = new Lead();
    await using server = await startGrpcJsServer({
      serverStream(call) {
        const write = (): void => {
          while (lead.sent < total) {
            lead.onSent();
            if (!call.write({ index: lead.sent - 1, payload })) return void call.once("drain", write);
          }
          call.end();
        };
        write();
      },
    });
    await using client = openOurClient(server.port);
    await using fence = openOurClient(server.port);
    await fence.echo.unary({});
    const before = retainedBufferBytes();
    for await (const { index } of client.echo.serverStream({})) {
      assert.equal(index, lead.read++);
      if (lead.read === 1) {
        const stalledAt = await settled(
          () => lead.sent,
          () => fence.echo.unary({}),
        );
        assert.ok(stalledAt <= aheadLimit, `the server sent ${stalledAt} messages`);
        const retained = retainedBufferBytes() - before;
        assert.ok(retained < retainedLimit, `${retained} bytes are held`);
      }
      if (lead.read % 16 === 0) await turns(1);
    }
    assertBounded(lead);
  });
});

describe("back-pressure: grpc-js client, our server", () => {
  it("a client's fast stream waits for a handler that does not read, and memory stays flat", async () => {
    const lead = new Lead();
    const go = deferred();
    await using server = await startOurServer({
      async clientStream(requests) {
        await go.promise;
        for await (const _ of requests) {
          lead.read++;
          if (lead.read % 16 === 0) await turns(1);
        }
        return { messages: lead.read };
      },
    });
    using client = new GrpcJsClient(server.port);
    using fence = new GrpcJsClient(server.port);
    await fence.unary({});
    const before = retainedBufferBytes();
    const ended = deferred<number>();
    const call = client.raw.clientStream(new Metadata(), {}, (error) => ended.resolve(error?.code ?? StatusCode.OK));
    const write = (): void => {
      while (lead.sent < total) {
        lead.onSent();
        if (!call.write({ payload })) return void call.once("drain", write);
      }
      call.end();
    };
    write();
    const stalledAt = await settled(
      () => lead.sent,
      () => fence.unary({}),
    );
    assert.ok(stalledAt > 0 && stalledAt <= aheadLimit, `the client wrote ${stalledAt} messages`);
    const retained = retainedBufferBytes() - before;
    assert.ok(retained < retainedLimit, `${retained} bytes are held`);
    go.resolve();
    assert.equal(await ended.promise, StatusCode.OK);
    assertBounded(lead);
  });

  it("our generator waits for a client that does not read", async () => {
    const lead = new Lead();
    await using server = await startOurServer({
      *serverStream() {
        for (let index = 0; index < total; index++) {
          lead.onSent();
          yield { index, payload };
        }
      },
    });
    using client = new GrpcJsClient(server.port);
    using fence = new GrpcJsClient(server.port);
    await fence.unary({});
    const before = retainedBufferBytes();
    for await (const { index } of client.serverStream({})) {
      assert.equal(index, lead.read++);
      if (lead.read === 1) {
        const stalledAt = await settled(
          () => lead.sent,
          () => fence.unary({}),
        );
        assert.ok(stalledAt <= aheadLimit, `the generator was asked for ${stalledAt} messages`);
        const retained = retainedBufferBytes() - before;
        assert.ok(retained < retainedLimit, `${retained} bytes are held`);
      }
      if (lead.read % 16 === 0) await turns(1);
    }
    assertBounded(lead);
  });

  it("a stream that is not read does not hold up the others of its connection", async () => {
    const go = deferred();
    await using server = await startOurServer({
      async clientStream(requests) {
        await go.promise;
        let messages = 0;
        for await (const _ of requests) messages++;
        return { messages };
      },
    });
    await using client = openOurClient(server.port);
    // Their windows together are no more than the connection's.
    const stalled = [1, 2, 3].map(() => {
      const requests = Array.from({ length: 20 }, () => ({ payload }));
      return client.echo.clientStream(requests);
    });
    for (let i = 0; i < 50; i++) assert.equal((await client.echo.unary({ id: `${i}` })).id, `${i}`);
    go.resolve();
    for (const { messages } of await Promise.all(stalled)) assert.equal(messages, 20);
  });
});
