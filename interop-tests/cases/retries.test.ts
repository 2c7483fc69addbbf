import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { type RetryPolicyInit, StatusCode, StatusError } from "godwit";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { expectStatusError } from "../support/expect-status-error.js";

const attemptsKey = "grpc-previous-rpc-attempts";

const retryPolicy: RetryPolicyInit = {
  maxAttempts: 4,
  initialBackoff: "0.005s",
  maxBackoff: "0.01s",
  backoffMultiplier: 1,
  retryableStatusCodes: ["UNAVAILABLE"],
};
const retrying = { "grpc.service_config": JSON.stringify({ methodConfig: [{ name: [{}], retryPolicy }] }) };

/** Fails with UNAVAILABLE so often, with headers in front where that is wanted, and then echoes. */
function failing(times: number, seen: string[], how: { headers?: boolean; pushback?: string } = {}) {
  return async (call: grpc.ServerUnaryCall<{ id: string }, unknown>, callback: grpc.sendUnaryData<never>) => {
    seen.push(String(call.metadata.get(attemptsKey)[0] ?? "-"));
    if (seen.length > times) {
      callback(null, { id: call.request.id, payload: Buffer.alloc(0) } as never);
      return;
    }
    const metadata = new grpc.Metadata();
    if (how.pushback !== undefined) metadata.set("grpc-retry-pushback-ms", how.pushback);
    if (how.headers === true) call.sendMetadata(new grpc.Metadata());
    callback({ code: grpc.status.UNAVAILABLE, details: "busy", metadata });
  };
}

describe("retries: our client, grpc-js server", () => {
  it("an idempotent method is tried again until it is answered, and the server sees which attempt it is", async () => {
    const seen: string[] = [];
    await using server = await startGrpcJsServer({ unary: failing(3, seen) as never });
    await using client = openOurClient(server.port);
    assert.equal((await client.echo.unary({ id: "kettle" })).id, "kettle");
    assert.deepEqual(seen, ["-", "1", "2", "3"]);
  });

  it("the fourth failure is the call's, with the history of all", async () => {
    const seen: string[] = [];
    await using server = await startGrpcJsServer({ unary: failing(99, seen) as never });
    await using client = openOurClient(server.port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.deepEqual([error.statusMessage, error.delivery, error.attempts], ["busy", "processed", 4]);
    const address = `ipv4:127.0.0.1:${server.port}`;
    assert.deepEqual(
      error.history.map(({ code, peer }) => [code, peer?.address]),
      Array.from({ length: 4 }, () => [StatusCode.UNAVAILABLE, address]),
    );
  });

  it("headers before the failure commit the call", async () => {
    const seen: string[] = [];
    await using server = await startGrpcJsServer({ unary: failing(1, seen, { headers: true }) as never });
    await using client = openOurClient(server.port);
    await expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.equal(seen.length, 1);
  });

  it("what grpc-js pushes back is obeyed", async () => {
    const stopped: string[] = [];
    await using stopping = await startGrpcJsServer({ unary: failing(1, stopped, { pushback: "-1" }) as never });
    await using client = openOurClient(stopping.port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.deepEqual([stopped.length, error.retryAfterMs], [1, -1]);
    const delayed: string[] = [];
    await using delaying = await startGrpcJsServer({ unary: failing(1, delayed, { pushback: "200" }) as never });
    await using other = openOurClient(delaying.port);
    const before = performance.now();
    await other.echo.unary({});
    assert.ok(performance.now() - before >= 199, "it came too early");
    assert.equal(delayed.length, 2);
  });

  it("a compressed upload is sent again whole, with its end", async () => {
    let attempts = 0;
    await using server = await startGrpcJsServer({
      clientStream(call, callback) {
        const isLast = ++attempts === 3;
        let messages = 0;
        let bytes = 0;
        call.on("data", ({ payload }: { payload: Buffer }) => {
          messages++;
          bytes += payload.length;
        });
        call.on("end", () => {
          if (isLast) callback(null, { messages, bytes });
          else callback({ code: grpc.status.UNAVAILABLE, details: `busy behind ${messages}` });
        });
      },
    });
    await using client = openOurClient(server.port);
    const requests = Array.from({ length: 5 }, () => ({ payload: new Uint8Array(20_000) }));
    const options = { compression: "gzip", retry: { initialBackoffMs: 5 } };
    const answer = await client.echo.clientStream(requests, options);
    assert.deepEqual([answer.messages, answer.bytes, attempts], [5, 100_000n, 3]);
  });

  it("a method without side effects is hedged: the slow attempt is cancelled", async () => {
    let attempts = 0;
    let cancelled = 0;
    await using server = await startGrpcJsServer({
      serverStream(call) {
        if (++attempts > 1) {
          call.write({ index: 7, payload: Buffer.alloc(0) });
          call.end();
        } else call.on("cancelled", () => cancelled++);
      },
    });
    await using client = openOurClient(server.port);
    const indexes: number[] = [];
    const hedging = { delayMs: 20, maxExtraLoad: Number.POSITIVE_INFINITY };
    for await (const { index } of client.echo.serverStream({}, { hedging })) indexes.push(index);
    assert.deepEqual([indexes, attempts], [[7], 2]);
    while (cancelled === 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("retries: grpc-js client, our server", () => {
  it("tries again what our handler fails before its first message: that is Trailers-Only", async () => {
    const attempts: number[] = [];
    await using server = await startOurServer({
      unary({ id }, context) {
        attempts.push(context.attempt);
        if (attempts.length < 4) throw new StatusError(StatusCode.UNAVAILABLE, "busy");
        return { id };
      },
    });
    using client = new GrpcJsClient(server.port, retrying);
    const { status, responses } = await client.unary({ id: "kettle" });
    assert.deepEqual([status.code, responses[0]?.id], [StatusCode.OK, "kettle"]);
    assert.deepEqual(attempts, [1, 2, 3, 4]);
  });

  it("does not try again behind headers that our handler sent", async () => {
    let attempts = 0;
    await using server = await startOurServer({
      unary(_request, context) {
        attempts++;
        context.setHeaders({ "x-early": "1" });
        throw new StatusError(StatusCode.UNAVAILABLE, "busy");
      },
    });
    using client = new GrpcJsClient(server.port, retrying);
    const { status } = await client.unary({});
    assert.deepEqual([status.code, attempts], [StatusCode.UNAVAILABLE, 1]);
  });

  it("obeys retryAfterMs", async () => {
    let attempts = 0;
    await using server = await startOurServer({
      unary() {
        attempts++;
        throw new StatusError(StatusCode.UNAVAILABLE, "busy", { retryAfterMs: attempts === 1 ? 100 : -1 });
      },
    });
    using client = new GrpcJsClient(server.port, retrying);
    const before = performance.now();
    const { status } = await client.unary({});
    assert.deepEqual([status.code, attempts], [StatusCode.UNAVAILABLE, 2]);
    assert.ok(performance.now() - before >= 99, "it came too early");
  });
});
