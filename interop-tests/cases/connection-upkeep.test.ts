import assert from "node:assert/strict";
import { setLogger } from "@grpc/grpc-js";
import { StatusCode } from "godwit";
import { GrpcJsClient, readAll } from "../grpc-js/grpc-js-client.js";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { deferred } from "../support/deferred.js";
import { CallerLoad } from "../support/fleet.js";

const callers = 10;
const connections = 8;
/** So old that a client comes back many times while a test runs. */
const connectionAge = { maxConnectionAgeMs: 30, maxConnectionAgeGraceMs: 10_000 };

/** Calls until the server has seen so many connections; gives the reasons of those that failed. */
async function failuresOfMoving(
  call: (id: string) => Promise<string | undefined>,
  peers: Set<string>,
): Promise<string[]> {
  const load = new CallerLoad(callers, call);
  await new Promise<void>((resolve) => {
    load.onEnded = () => {
      if (peers.size >= connections) resolve();
    };
  });
  await load.stop();
  return load.failed.map(({ reason }) => reason);
}

describe("connections that grow old lose no call", () => {
  async function startAgeing() {
    const peers = new Set<string>();
    const unary = async ({ id }: { id: string }, { peer }: { peer: { address: string } }) => {
      peers.add(peer.address);
      await new Promise((resolve) => setImmediate(resolve));
      return { id };
    };
    return { peers, server: await startOurServer({ unary }, { connectionAge }) };
  }

  it("of our client", async () => {
    const { peers, server } = await startAgeing();
    await using _server = server;
    await using client = openOurClient(server.port);
    const failures = await failuresOfMoving(
      (id) =>
        client.echo.unary({ id }, { timeoutMs: 10_000 }).then(
          () => undefined,
          (error: Error) => error.message,
        ),
      peers,
    );
    assert.deepEqual(failures, []);
  });

  it("of grpc-js's client", async () => {
    const { peers, server } = await startAgeing();
    await using _server = server;
    using client = new GrpcJsClient(server.port);
    const failures = await failuresOfMoving(async (id) => {
      const { status } = await client.unary({ id }, { deadline: Date.now() + 10_000 });
      return status.code === StatusCode.OK ? undefined : `${status.code} ${status.details}`;
    }, peers);
    assert.deepEqual(failures, []);
  });
});

describe("grpc-js's client that pings too often", () => {
  const logged: unknown[] = [];
  before(() => setLogger({ error: (message) => logged.push(message) }));
  after(() => setLogger(console));

  it("is sent away with too_many_pings, and told apart from one that floods", async () => {
    const sentAway = deferred<string>();
    await using server = await startOurServer({}, { onConnectionError: (error) => sentAway.resolve(error.message) });
    using client = new GrpcJsClient(server.port, { "grpc.keepalive_time_ms": 20 });
    const call = client.bidi();
    const ended = readAll(call);
    call.write({ index: 1 });
    assert.equal(
      await sentAway.promise,
      "the client sends PINGs more often than every 300000 ms with calls (keepalive.minPingIntervalMs)",
    );
    // Its own reading of ENHANCE_YOUR_CALM.
    assert.equal((await ended).status.code, StatusCode.RESOURCE_EXHAUSTED);
    assert.match(logged.join(), /rejected by server because of excess pings. Increasing ping interval to 40 ms/);
  });

  it("may do so where the server permits it", async () => {
    const errors: string[] = [];
    const keepalive = { minPingIntervalMs: 0 };
    await using server = await startOurServer(
      {},
      { keepalive, onConnectionError: (error) => errors.push(error.message) },
    );
    using client = new GrpcJsClient(server.port, { "grpc.keepalive_time_ms": 5 });
    const call = client.bidi();
    const ended = readAll(call);
    call.write({ index: 1 });
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if ((server.server.connections()[0]?.counters.pings ?? 0) >= 10) resolve();
        else setImmediate(look);
      };
      look();
    });
    call.end();
    assert.equal((await ended).status.code, StatusCode.OK);
    assert.deepEqual(errors, []);
  });
});
