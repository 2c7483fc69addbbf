/** Client-side health checking (gRFC A17) over real sockets: calls keep away from servers that are not well. */
import assert from "node:assert/strict";
import {
  CallInfo,
  type Channel,
  createChannel,
  createClient,
  createNodePlatform,
  createServer,
  insecure,
  type Platform,
  type Server,
  StatusCode,
} from "godwit";
import { createHealthService, Health, type HealthService } from "godwit/health";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { echoHandlers, failureOf } from "./loopback.js";

const serviceConfig = {
  loadBalancingConfig: [{ round_robin: {} }],
  healthCheckConfig: { serviceName: EchoService.typeName },
};

interface Peer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly health: HealthService;
}

async function startPeer(withHealth = true): Promise<Peer> {
  const health = createHealthService();
  health.setServing(EchoService.typeName);
  const server = createServer().add(EchoService, echoHandlers);
  if (withHealth) server.add(Health, health);
  const { port } = await server.listen("127.0.0.1:0");
  return { server, port, health, [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }) };
}

function open(
  peers: readonly Peer[],
  platform?: Platform,
): { readonly channel: Channel; readonly echo: EchoServiceClient } {
  const target = `ipv4:${peers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  const channel = createChannel(target, { credentials: insecure(), serviceConfig, platform });
  return { channel, echo: createClient(EchoService, channel) };
}

/** Who answers. */
async function portOf(echo: EchoServiceClient): Promise<number> {
  const info = new CallInfo();
  await echo.unary({}, { info, waitForReady: true });
  return Number(info.peer?.address.split(":").at(-1));
}

/** Calls until `count` of them in a row were answered by these alone, each of them at least once. */
async function untilOnly(echo: EchoServiceClient, ...peers: readonly Peer[]): Promise<void> {
  const wanted = new Set(peers.map(({ port }) => port));
  let row: number[] = [];
  for (let calls = 0; calls < 10_000; calls++) {
    const port = await portOf(echo);
    row = wanted.has(port) ? [...row, port] : [];
    if (row.length >= 20 && new Set(row.slice(-20)).size === wanted.size) return;
  }
  assert.fail(`calls went to ${row.slice(-20)}, expected ${[...wanted]}`);
}

describe("client-side health checking, end to end", () => {
  it("R119 grpc-js 1.14.7: gives calls to those that serve, follows every change, and loses none on the way", async () => {
    await using a = await startPeer();
    await using b = await startPeer();
    a.health.setNotServing(EchoService.typeName);
    const { channel, echo } = open([a, b]);
    for (let i = 0; i < 20; i++) assert.equal(await portOf(echo), b.port, "a was not well from the beginning");
    a.health.setServing(EchoService.typeName);
    await untilOnly(echo, a, b);
    b.health.shutdown();
    await untilOnly(echo, a);
    b.health.resume();
    await untilOnly(echo, a, b);
    await channel.close();
  });

  it("lets calls fail with the reason while no server is well, and wait where they say so", async () => {
    await using a = await startPeer();
    a.health.setNotServing(EchoService.typeName);
    const { channel, echo } = open([a]);
    const error = await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
    const reason = `127.0.0.1:${a.port} is not healthy: its health service says NOT_SERVING of "${EchoService.typeName}"`;
    assert.ok(error.statusMessage.includes(reason), error.statusMessage);
    const waiting = echo.unary({ id: "1" }, { waitForReady: true });
    a.health.setServing(EchoService.typeName);
    assert.equal((await waiting).id, "1");
    await channel.close();
  });

  it("counts a server without the health service as well, with one warning", async () => {
    await using a = await startPeer(false);
    const warnings: string[] = [];
    const platform = Object.assign(createNodePlatform(), { warn: (message: string) => warnings.push(message) });
    const { channel, echo } = open([a], platform);
    assert.equal(await portOf(echo), a.port);
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      /^127\.0\.0\.1:\d+ has no health service \(UNIMPLEMENTED: .*\): healthCheckConfig of the service/,
    );
    await channel.close();
  });

  it("leaves a server that drains: its close does not wait for the Watch", async () => {
    await using a = await startPeer();
    const { channel, echo } = open([a]);
    assert.equal(await portOf(echo), a.port);
    await a.server.close({ graceMs: 3_600_000 });
    await channel.close();
  });

  it("does not check where the channel says that it should not", async () => {
    await using a = await startPeer();
    a.health.shutdown();
    await using channel = createChannel(`127.0.0.1:${a.port}`, {
      credentials: insecure(),
      serviceConfig,
      healthChecks: false,
    });
    assert.equal((await createClient(EchoService, channel).unary({ id: "1" })).id, "1");
  });

  it("does not check where the policy does not ask for it", async () => {
    await using a = await startPeer();
    a.health.shutdown();
    await using channel = createChannel(`127.0.0.1:${a.port}`, {
      credentials: insecure(),
      serviceConfig: { healthCheckConfig: {} },
    });
    assert.equal((await createClient(EchoService, channel).unary({ id: "1" })).id, "1");
  });
});
