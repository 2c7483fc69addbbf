import assert from "node:assert/strict";
import { connectivityState, status as GrpcJsStatus, Metadata, type sendUnaryData } from "@grpc/grpc-js";
import { StatusCode } from "godwit";
import type { UnaryResponseInit } from "../gen/godwit/testing/v1/echo_godwit.js";
import type { UnaryResponse } from "../grpc-js/echo-definition.js";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { deferred } from "../support/deferred.js";
import { expectStatusError } from "../support/expect-status-error.js";

/** Resolves when a connected client has been told to leave its connection. */
function goAwayReceived({ raw }: GrpcJsClient): Promise<void> {
  return new Promise((resolve, reject) => {
    raw.getChannel().watchConnectivityState(connectivityState.READY, Date.now() + 10_000, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

describe("shutdown: our client, grpc-js server", () => {
  it("a server that shuts down lets running calls end; calls behind it are UNAVAILABLE", async () => {
    const held = deferred<sendUnaryData<UnaryResponse>>();
    await using server = await startGrpcJsServer({ unary: (_call, callback) => held.resolve(callback) });
    await using client = openOurClient(server.port);
    const running = client.echo.unary({});
    const answer = await held.promise;
    const down = server.shutdown();
    const refused = await expectStatusError(client.echo.unary({}, { timeoutMs: 5000 }), StatusCode.UNAVAILABLE);
    // It may have met the connection's end or found the port closed: in either case no handler saw it.
    assert.match(String(refused.delivery), /^not-(sent|processed)$/);
    assert.match(refused.message, /ECONNREFUSED|going away/);
    answer(null, { id: "late", payload: Buffer.alloc(0) });
    assert.equal((await running).id, "late");
    await down;
  });

  it("a stream that runs goes on to its end through a shutdown", async () => {
    await using server = await startGrpcJsServer();
    await using client = openOurClient(server.port);
    const gate = deferred();
    async function* source() {
      yield { index: 1 };
      await gate.promise;
      yield { index: 2 };
    }
    const read: number[] = [];
    let down: Promise<void> | undefined;
    for await (const { index } of client.echo.bidi(source())) {
      read.push(index);
      if (index === 1) {
        down = server.shutdown();
        gate.resolve();
      }
    }
    assert.deepEqual(read, [1, 2]);
    await down;
  });

  it("a server that dies ends calls with UNAVAILABLE; its successor on the port gets the next ones", async () => {
    const started = deferred();
    const first = await startGrpcJsServer({ unary: () => started.resolve() });
    await using client = openOurClient(first.port);
    const lost = expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    await started.promise;
    first.server.forceShutdown();
    const error = await lost;
    assert.equal(error.delivery, "unknown");
    await using second = await startGrpcJsServer({}, {}, first.port);
    assert.equal(second.port, first.port);
    const response = await client.echo.unary({ id: "again" }, { waitForReady: true, timeoutMs: 10_000 });
    assert.equal(response.id, "again");
  });

  it("closing the channel with a grace lets running calls end and takes no new ones", async () => {
    const held = deferred<sendUnaryData<UnaryResponse>>();
    await using server = await startGrpcJsServer({ unary: (_call, callback) => held.resolve(callback) });
    await using client = openOurClient(server.port);
    const running = client.echo.unary({});
    const answer = await held.promise;
    const closed = client.channel.close({ graceMs: 10_000 });
    const refused = await expectStatusError(client.echo.unary({}), StatusCode.CANCELLED);
    assert.equal(refused.delivery, "not-sent");
    answer(null, { id: "late", payload: Buffer.alloc(0) });
    assert.equal((await running).id, "late");
    await closed;
    assert.equal(client.channel.state(), "SHUTDOWN");
  });
});

describe("shutdown: grpc-js client, our server", () => {
  it("a server that closes lets running calls end; calls behind it are UNAVAILABLE", async () => {
    const held = deferred();
    const started = deferred();
    await using server = await startOurServer({
      async unary({ id }): Promise<UnaryResponseInit> {
        started.resolve();
        await held.promise;
        return { id };
      },
    });
    using client = new GrpcJsClient(server.port);
    const running = client.unary({ id: "late" });
    await started.promise;
    const closed = server.server.close({ graceMs: 10_000 });
    await goAwayReceived(client);
    const refused = await client.unary({}, { deadline: Date.now() + 5000 });
    assert.equal(refused.status.code, StatusCode.UNAVAILABLE, refused.status.details);
    held.resolve();
    const { status, responses } = await running;
    assert.equal(status.code, StatusCode.OK, status.details);
    assert.equal(responses[0]?.id, "late");
    await closed;
  });

  it("a stream that runs goes on to its end through a close", async () => {
    await using server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    const call = client.bidi();
    let closed: Promise<void> | undefined;
    call.on("data", ({ index }) => {
      if (index !== 1) return;
      closed = server.server.close({ graceMs: 10_000 });
      call.end({ index: 2 });
    });
    const outcome = readAll(call);
    call.write({ index: 1 });
    const { status, responses } = await outcome;
    assert.equal(status.code, StatusCode.OK, status.details);
    assert.deepEqual(
      responses.map(({ index }) => index),
      [1, 2],
    );
    await closed;
  });

  it("calls that outlast the grace end with UNAVAILABLE, and their handlers hear of it", async () => {
    const started = deferred();
    const aborted = deferred();
    await using server = await startOurServer({
      unary(_request, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve());
        started.resolve();
        return new Promise(() => {});
      },
    });
    using client = new GrpcJsClient(server.port);
    const running = client.unary({});
    await started.promise;
    const closed = server.server.close({ graceMs: 20 });
    const { status } = await running;
    assert.equal(status.code, StatusCode.UNAVAILABLE, status.details);
    await aborted.promise;
    await closed;
  });

  it("a client that closes while a call runs gets its answer", async () => {
    const held = deferred();
    const started = deferred();
    await using server = await startOurServer({
      async unary({ id }): Promise<UnaryResponseInit> {
        started.resolve();
        await held.promise;
        return { id };
      },
    });
    const client = new GrpcJsClient(server.port);
    const ended = deferred<string | number | undefined>();
    client.raw.unary({ id: "kept" }, new Metadata(), {}, (error, response) => {
      ended.resolve(error?.code ?? response?.id);
    });
    await started.promise;
    client.raw.close();
    held.resolve();
    assert.equal(await ended.promise, "kept");
  });

  it("a server that is closed for good refuses connections", async () => {
    const server = await startOurServer();
    using client = new GrpcJsClient(server.port);
    assert.equal((await client.unary({})).status.code, GrpcJsStatus.OK);
    await server.server.close();
    const { status } = await client.unary({});
    assert.equal(status.code, GrpcJsStatus.UNAVAILABLE);
    assert.match(status.details, /ECONNREFUSED/);
  });
});
