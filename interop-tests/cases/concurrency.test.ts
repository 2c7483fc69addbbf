import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { Barrier } from "../support/deferred.js";

const streams = 1000;
const ids = Array.from({ length: streams }, (_, index) => String(index));

describe("concurrency: our client, grpc-js server", () => {
  it("1,000 calls run at once on one connection", async () => {
    const barrier = new Barrier(streams);
    const peers = new Set<string>();
    await using server = await startGrpcJsServer({
      async unary(call, callback) {
        peers.add(call.getPeer());
        await barrier.arrive();
        callback(null, { id: call.request.id, payload: Buffer.alloc(0) });
      },
    });
    await using client = openOurClient(server.port);
    const responses = await Promise.all(ids.map((id) => client.echo.unary({ id })));
    assert.deepEqual(
      responses.map(({ id }) => id),
      ids,
    );
    assert.equal(peers.size, 1);
  });

  it("never opens more streams than the server allows; the others wait", async () => {
    const allowed = 10;
    const atOnce = { now: 0, most: 0 };
    await using server = await startGrpcJsServer(
      {
        unary(call, callback) {
          atOnce.now++;
          atOnce.most = Math.max(atOnce.most, atOnce.now);
          setImmediate(() => {
            atOnce.now--;
            callback(null, { id: call.request.id, payload: Buffer.alloc(0) });
          });
        },
      },
      { "grpc.max_concurrent_streams": allowed },
    );
    await using client = openOurClient(server.port);
    const responses = await Promise.all(ids.slice(0, 200).map((id) => client.echo.unary({ id })));
    assert.equal(responses.length, 200);
    assert.equal(atOnce.most, allowed);
  });

  it("opens more connections where a service config allows them (gRFC A105)", async () => {
    const allowed = 10;
    const barrier = new Barrier(3 * allowed);
    const peers = new Set<string>();
    await using server = await startGrpcJsServer(
      {
        async unary(call, callback) {
          peers.add(call.getPeer());
          await barrier.arrive();
          callback(null, { id: call.request.id, payload: Buffer.alloc(0) });
        },
      },
      { "grpc.max_concurrent_streams": allowed },
    );
    const serviceConfig = { connectionScaling: { maxConnectionsPerSubchannel: 3 } };
    await using client = openOurClient(server.port, { serviceConfig });
    const responses = await Promise.all(ids.slice(0, 3 * allowed).map((id) => client.echo.unary({ id })));
    assert.equal(responses.length, 3 * allowed);
    assert.equal(peers.size, 3);
  });
});

describe("concurrency: grpc-js client, our server", () => {
  it("1,000 calls run at once on one connection", async () => {
    const barrier = new Barrier(streams);
    const peers = new Set<string>();
    await using server = await startOurServer({
      async unary({ id }, { peer }) {
        peers.add(peer.address);
        await barrier.arrive();
        return { id };
      },
    });
    using client = new GrpcJsClient(server.port);
    const outcomes = await Promise.all(ids.map((id) => client.unary({ id })));
    assert.deepEqual(
      outcomes.map(({ responses }) => responses[0]?.id),
      ids,
    );
    assert.equal(peers.size, 1);
  });

  it("holds the client to the limit that the server was given", async () => {
    const allowed = 10;
    const atOnce = { now: 0, most: 0 };
    await using server = await startOurServer(
      {
        async unary({ id }) {
          atOnce.now++;
          atOnce.most = Math.max(atOnce.most, atOnce.now);
          await new Promise((resolve) => setImmediate(resolve));
          atOnce.now--;
          return { id };
        },
      },
      { limits: { maxConcurrentStreams: allowed } },
    );
    using client = new GrpcJsClient(server.port);
    // grpc-js opens streams before it has read the server's SETTINGS; one call waits for them.
    assert.equal((await client.unary({})).status.code, StatusCode.OK);
    const outcomes = await Promise.all(ids.slice(0, 200).map((id) => client.unary({ id })));
    for (const { status } of outcomes) assert.equal(status.code, StatusCode.OK, status.details);
    assert.ok(atOnce.most <= allowed, `${atOnce.most} ran at once`);
  });

  it("calls above the server's maxConcurrentCalls are refused", async () => {
    const barrier = new Barrier(3);
    await using server = await startOurServer(
      {
        async unary({ id }) {
          await barrier.arrive();
          return { id };
        },
      },
      { maxConcurrentCalls: 2 },
    );
    using client = new GrpcJsClient(server.port);
    const running = [client.unary({ id: "a" }), client.unary({ id: "b" })];
    const refused = await client.unary({ id: "c" });
    assert.equal(refused.status.code, StatusCode.RESOURCE_EXHAUSTED);
    assert.match(refused.status.details, /\b2\b/);
    barrier.arrive();
    for (const { status } of await Promise.all(running)) assert.equal(status.code, StatusCode.OK);
  });
});
