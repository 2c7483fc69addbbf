import assert from "node:assert/strict";
import type { Channel } from "../../src/channel/channel.js";
import type { ChannelOptions } from "../../src/channel/channel-options.js";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { insecureServer } from "../../src/credentials/server-credentials.js";
import { createServer, type Server } from "../../src/server/server.js";
import type { ServerOptions } from "../../src/server/server-options.js";
import { createClient } from "../../src/stub/client.js";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { FakePlatform } from "../support/fake-platform.js";
import type { FakeLink } from "../support/fake-stream.js";

const address = { transport: "tcp", host: "10.0.0.1", port: 443 } as const;

/** The product's own client and server, in virtual time. */
class World {
  readonly platform = new FakePlatform();
  readonly server: Server;
  readonly channel: Channel;
  readonly echo: EchoServiceClient;
  /** Handlers that wait for `answer`. */
  readonly held: (() => void)[] = [];

  constructor(options: ChannelOptions = {}, server: ServerOptions = {}) {
    this.server = this.#startServer(server);
    this.channel = this.connect(options);
    this.echo = createClient(EchoService, this.channel);
  }

  static async open(options: ChannelOptions = {}, server: ServerOptions = {}): Promise<World> {
    const world = new World(options, server);
    await world.server.listen("10.0.0.1:443", { credentials: insecureServer() });
    return world;
  }

  connect(options: ChannelOptions = {}): Channel {
    return createChannel("ipv4:10.0.0.1:443", { platform: this.platform, credentials: insecure(), ...options });
  }

  /** How a call ends, after everything that can happen now. */
  async outcome(call: Promise<unknown>): Promise<unknown> {
    const watched = watch(call);
    await this.platform.settle();
    return watched();
  }

  get links(): readonly FakeLink[] {
    return this.platform.links;
  }

  async close(): Promise<void> {
    const closed = Promise.all([this.channel.close(), this.server.close({ graceMs: 0 })]);
    await this.platform.advanceAsync(2000);
    await closed;
    this.platform.assertQuiet();
  }

  #startServer(options: ServerOptions): Server {
    const server = createServer({ platform: this.platform, ...options });
    server.add(EchoService, {
      unary: async ({ id }) => {
        if (id.startsWith("held")) await new Promise<void>((resolve) => this.held.push(resolve));
        return { id };
      },
      async *serverStream() {},
      clientStream: async () => ({}),
      async *bidi() {},
    });
    return server;
  }
}

/** `waiting`, `OK`, or the error's message. */
function watch(call: Promise<unknown>): () => string {
  let outcome = "waiting";
  call.then(
    () => {
      outcome = "OK";
    },
    (error: unknown) => {
      outcome = String(error);
    },
  );
  return () => outcome;
}

describe("connections of a channel", () => {
  it("are verified before a call when they have been silent, without a call failing", async () => {
    const world = await World.open();
    assert.equal(await world.outcome(world.echo.unary({})), "OK");
    await world.platform.advanceAsync(120_000);
    assert.equal(await world.outcome(world.echo.unary({})), "OK", "the server answered the ping");
    assert.equal(world.links.length, 1);
    await world.platform.advanceAsync(120_000);
    world.links[0]?.freeze();
    const call = watch(world.echo.unary({}));
    await world.platform.advanceAsync(4_999);
    assert.equal(call(), "waiting");
    await world.platform.advanceAsync(1);
    assert.equal(call(), "OK", "over another connection");
    assert.equal(world.links.length, 2);
    world.links[0]?.thaw();
    await world.close();
  });

  it("say to a call whose deadline is sooner that they were being asked for a sign of life", async () => {
    const world = await World.open();
    assert.equal(await world.outcome(world.echo.unary({})), "OK");
    await world.platform.advanceAsync(120_000);
    world.links[0]?.freeze();
    const call = watch(world.echo.unary({}, { timeoutMs: 2000 }));
    await world.platform.advanceAsync(2000);
    assert.match(call(), /ran out while 10\.0\.0\.1:443, silent for long, was asked for a sign of life/);
    world.links[0]?.thaw();
    await world.close();
  });

  it("end a call on a dead connection with keepalive, in a sentence", async () => {
    const world = await World.open({ keepalive: { timeMs: 30_000 } });
    const call = watch(world.echo.unary({ id: "held" }, { retry: false }));
    await world.platform.settle();
    world.links[0]?.freeze();
    await world.platform.advanceAsync(49_999);
    assert.equal(call(), "waiting");
    await world.platform.advanceAsync(1);
    assert.match(
      call(),
      /UNAVAILABLE: the connection was lost: the server has sent nothing within 20 s after a PING \(keepalive\.timeoutMs\)/,
    );
    world.links[0]?.thaw();
    await world.close();
  });

  it("go on with keepalive as long as the server lives", async () => {
    const world = await World.open({ keepalive: { timeMs: 600_000 } });
    const call = watch(world.echo.unary({ id: "held" }));
    await world.platform.advanceAsync(3_600_000);
    assert.equal(call(), "waiting");
    world.held[0]?.();
    await world.platform.settle();
    assert.equal(call(), "OK");
    await world.close();
  });

  it("send half as many pings to a server that complains of them", async () => {
    const world = await World.open({ keepalive: { timeMs: 10_000, permitWithoutCalls: true } });
    world.channel.connect();
    await world.platform.advanceAsync(60_000);
    assert.equal(world.platform.warnings.length, 1);
    assert.match(world.platform.warnings[0] ?? "", /^10\.0\.0\.1:443 ended a connection with GOAWAY too_many_pings/);
    await world.close();
  });

  it("are replaced before their stream ids are used up, and no call notices", async () => {
    const world = await World.open({ limits: { maxStreamId: 39 } });
    const calls = [];
    for (let i = 0; i < 100; i++) {
      calls.push(watch(world.echo.unary({})));
      await world.platform.settle();
    }
    assert.deepEqual(
      calls.map((call) => call()),
      calls.map(() => "OK"),
    );
    assert.ok(world.links.length >= 6 && world.links.length <= 8, `${world.links.length} connections`);
    assert.equal(world.platform.openLinks.length, 1);
    await world.close();
  });

  it("are more where the server allows few streams and the service config more connections (gRFC A105)", async () => {
    const serviceConfig = { connectionScaling: { maxConnectionsPerSubchannel: 3 } };
    const world = await World.open({ serviceConfig }, { limits: { maxConcurrentStreams: 2 } });
    const calls = Array.from({ length: 10 }, (_, i) => watch(world.echo.unary({ id: `held ${i}` })));
    await world.platform.settle();
    assert.equal(world.links.length, 3);
    assert.equal(world.held.length, 6);
    assert.equal(world.channel.describe().waitingCalls, 4);
    assert.equal(world.channel.describe().subchannels[0]?.connections.length, 3);
    while (calls.some((call) => call() === "waiting")) {
      for (const answer of world.held.splice(0)) answer();
      await world.platform.settle();
    }
    assert.deepEqual(new Set(calls.map((call) => call())), new Set(["OK"]));
    await world.close();
  });

  it("are no more than the channel allows, whatever the service config asks for", async () => {
    const serviceConfig = { connectionScaling: { maxConnectionsPerSubchannel: 1000 } };
    for (const [options, expected] of [
      [{}, 10],
      [{ maxConnectionsPerSubchannel: 2 }, 2],
    ] as const) {
      const world = await World.open({ serviceConfig, ...options }, { limits: { maxConcurrentStreams: 1 } });
      for (let i = 0; i < 20; i++) world.echo.unary({ id: "held" }).catch(() => {});
      await world.platform.settle();
      assert.equal(world.links.length, expected);
      await world.close();
    }
  });

  it("are shared between channels that connect in the same way, and outlive the one that closes", async () => {
    const world = await World.open();
    const other = world.connect();
    const [a, b] = [world.echo, createClient(EchoService, other)];
    assert.equal(await world.outcome(a.unary({})), "OK");
    assert.equal(await world.outcome(b.unary({})), "OK");
    assert.equal(world.links.length, 1);
    const running = watch(b.unary({ id: "held" }));
    await world.platform.settle();
    const first = world.channel.close();
    await world.platform.settle();
    await first;
    assert.equal(world.platform.openLinks.length, 1);
    world.held[0]?.();
    await world.platform.settle();
    assert.equal(running(), "OK");
    const closed = other.close();
    await world.platform.settle();
    await closed;
    assert.equal(world.platform.openLinks.length, 0);
    await world.close();
  });

  it("are not shared where an option makes a difference, or says so", async () => {
    const world = await World.open();
    assert.equal(await world.outcome(world.echo.unary({})), "OK");
    const others: ChannelOptions[] = [
      { shareConnections: false },
      { authority: "other" },
      { userAgent: "other" },
      { limits: { maxReceiveMessageBytes: 1000 } },
      { keepalive: { timeMs: 60_000 } },
      { connect: { timeoutMs: 5000 } },
      { messageFormat: "json" },
      { credentials: { ...insecure(), security: { kind: "none" } } },
    ];
    for (const [i, options] of others.entries()) {
      const channel = world.connect(options);
      assert.equal(await world.outcome(createClient(EchoService, channel).unary({})), "OK");
      assert.equal(world.links.length, i + 2, JSON.stringify(options));
      const closed = channel.close();
      await world.platform.settle();
      await closed;
    }
    const same = world.connect({ defaultTimeoutMs: 5000, idleTimeoutMs: 5000, interceptors: [] });
    assert.equal(await world.outcome(createClient(EchoService, same).unary({})), "OK");
    assert.equal(world.links.length, others.length + 1);
    const last = same.close();
    await world.platform.settle();
    await last;
    await world.close();
  });

  it("are given up when the server never sends its SETTINGS, and calls hear why", async () => {
    const platform = new FakePlatform();
    await platform.listen(
      address,
      { kind: "none" },
      {
        onAccept: () => ({ onData() {}, onDrain() {}, onEnd() {}, onClose() {} }),
        onError() {},
      },
    );
    const options = { platform, credentials: insecure(), connect: { timeoutMs: 3000 } };
    const channel = createChannel("ipv4:10.0.0.1:443", options);
    const call = watch(createClient(EchoService, channel).unary({}, { retry: false }));
    await platform.advanceAsync(2999);
    assert.equal(call(), "waiting");
    await platform.advanceAsync(1);
    assert.match(
      call(),
      /UNAVAILABLE: .*10\.0\.0\.1:443 accepted the connection but sent no HTTP\/2 SETTINGS \(limit 3 s\)/,
    );
    const closed = channel.close();
    await platform.advanceAsync(2000);
    await closed;
  });

  it("cost one attempt a backoff to a server that accepts and closes at once (G20)", async () => {
    const platform = new FakePlatform();
    await platform.listen(
      address,
      { kind: "none" },
      {
        onAccept: (stream) => {
          stream.destroy();
          return { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };
        },
        onError() {},
      },
    );
    const channel = createChannel("ipv4:10.0.0.1:443", { platform, credentials: insecure() });
    const call = watch(createClient(EchoService, channel).unary({}, { waitForReady: true }));
    const starts: number[] = [];
    for (let ms = 0; ms < 60_000; ms += 100) {
      const before = platform.attempts.length;
      await platform.advanceAsync(100);
      if (platform.attempts.length > before) starts.push(ms);
      assert.ok(platform.attempts.length - before <= 1, "more than one attempt at once");
    }
    assert.equal(call(), "waiting");
    for (let i = 1; i < starts.length; i++) {
      const gap = (starts[i] as number) - (starts[i - 1] as number);
      assert.ok(gap >= 0.8 * 1000 * 1.6 ** (i - 1) - 100, `gap ${i} is ${gap} ms`);
    }
    assert.ok(starts.length >= 5 && starts.length <= 9, `${starts.length} attempts in a minute`);
    const closed = channel.close();
    await platform.settle();
    await closed;
  });
});
