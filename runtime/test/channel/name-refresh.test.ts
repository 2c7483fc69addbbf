/** Channels with the real DNS resolver, sessions and servers, in virtual time. */
import assert from "node:assert/strict";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { insecureServer } from "../../src/credentials/server-credentials.js";
import { dnsResolver } from "../../src/resolver/dns/dns.js";
import type { ResolverFactory } from "../../src/resolver/resolver.js";
import { CallInfo } from "../../src/rpc/call-info.js";
import { createServer, type Server } from "../../src/server/server.js";
import { createClient } from "../../src/stub/client.js";
import { echoHandlers } from "../e2e/loopback.js";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { FakePlatform } from "../support/fake-platform.js";

const hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];

describe("a channel whose name changes while its connections are healthy", () => {
  it("grpc/grpc#12295: scales from 1 to 5 servers and back, and no call fails", async () => {
    const platform = new FakePlatform();
    const servers: Server[] = [];
    for (const host of hosts) {
      const server = createServer({ platform }).add(EchoService, echoHandlers);
      await server.listen(`${host}:1`, { credentials: insecureServer() });
      servers.push(server);
    }
    platform.hosts.set("shop", hosts.slice(0, 1));
    const channel = createChannel("dns:///shop:1", {
      credentials: insecure(),
      platform,
      loadBalancing: "round_robin",
    });
    const echo = createClient(EchoService, channel);
    /** Makes calls for 40 s: a refresh and what follows from it. Returns who answered the last ones. */
    const callFor40s = async (): Promise<string[]> => {
      const peers: string[] = [];
      for (let i = 0; i < 400; i++) {
        const info = new CallInfo();
        const call = echo.unary({}, { info });
        await platform.advanceAsync(100);
        await call;
        peers.push(info.peer?.address ?? "");
      }
      return [...new Set(peers.slice(-hosts.length))].sort();
    };
    const addresses = hosts.map((host) => `ipv4:${host}:1`);
    assert.deepEqual(await callFor40s(), addresses.slice(0, 1));
    platform.hosts.set("shop", hosts);
    assert.deepEqual(await callFor40s(), addresses);
    platform.hosts.set("shop", hosts.slice(4));
    assert.deepEqual(await callFor40s(), addresses.slice(4));
    const closed = Promise.all([channel.close(), ...servers.map((server) => server.close())]);
    await platform.advanceAsync(1000);
    await closed;
    platform.assertQuiet();
  });
});

describe("a channel that has become idle", () => {
  it("looks nothing up until it is wanted again, and then draws no other lot", async () => {
    const platform = new FakePlatform();
    const server = createServer({ platform }).add(EchoService, echoHandlers);
    await server.listen("127.0.0.1:1", { credentials: insecureServer() });
    const lots = new Set<number>();
    const dns = dnsResolver();
    const watched: ResolverFactory = {
      ...dns,
      create(target, options) {
        lots.add(options.lot);
        return dns.create(target, options);
      },
    };
    const channel = createChannel("localhost:1", {
      credentials: insecure(),
      platform,
      idleTimeoutMs: 60_000,
      resolvers: [watched],
    });
    const echo = createClient(EchoService, channel);
    for (let i = 0; i < 3; i++) {
      const call = echo.unary({});
      await platform.settle();
      await call;
      await platform.advanceAsync(61_000);
      assert.equal(channel.state(), "IDLE");
      const { length } = platform.lookups;
      await platform.advanceAsync(3_600_000);
      assert.equal(platform.lookups.length, length);
    }
    assert.equal(lots.size, 1);
    const closed = Promise.all([channel.close(), server.close()]);
    await platform.advanceAsync(1000);
    await closed;
  });
});
