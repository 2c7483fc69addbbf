import assert from "node:assert/strict";
import {
  CallInfo,
  type Channel,
  type ChannelOptions,
  createChannel,
  createClient,
  createServer,
  type Endpoint,
  insecure,
  insecureServer,
  type LoadBalancingPolicyFactory,
  type ResolverFactory,
  type ResolverListener,
  type Server,
  staticResolver,
} from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { echoHandlers } from "./loopback.js";

/** Servers on loopback, each in a zone of its own name. */
class Servers implements AsyncDisposable {
  readonly ports = new Map<string, number>();
  readonly #servers = new Map<string, Server>();
  #channel: Channel | undefined;

  async start(...zones: string[]): Promise<void> {
    for (const zone of zones) {
      const server = createServer();
      server.add(EchoService, echoHandlers);
      const address = `127.0.0.1:${this.ports.get(zone) ?? 0}`;
      const { port } = await server.listen(address, { credentials: insecureServer() });
      this.ports.set(zone, port);
      this.#servers.set(zone, server);
    }
  }

  async stop(zone: string): Promise<void> {
    await this.#servers.get(zone)?.close({ graceMs: 5000 });
  }

  connect({ target = "shop:all", ...options }: ChannelOptions & { readonly target?: string }): Channel {
    const endpoints = [...this.ports].map(([zone, port]): Endpoint => {
      return { addresses: [{ transport: "tcp", host: "127.0.0.1", port }], attributes: { zone } };
    });
    const resolvers = [staticResolver("shop", endpoints)];
    this.#channel = createChannel(target, { credentials: insecure(), resolvers, ...options });
    return this.#channel;
  }

  zoneOf(info: CallInfo): string | undefined {
    return [...this.ports].find(([, port]) => info.peer?.address === `ipv4:127.0.0.1:${port}`)?.[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel?.close();
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
  }
}

describe("e2e: load balancing", () => {
  checkRejections();

  /** Which zone answers a call. */
  async function callZone(servers: Servers, channel: Channel): Promise<string | undefined> {
    const info = new CallInfo();
    await createClient(EchoService, channel).unary({}, { info, timeoutMs: 10_000 });
    return servers.zoneOf(info);
  }

  /** Calls one by one until there is a connection to every server. */
  async function reachAll(servers: Servers, channel: Channel): Promise<void> {
    const readyCount = (): number => channel.describe().subchannels.filter(({ state }) => state === "READY").length;
    while (readyCount() < servers.ports.size) await callZone(servers, channel);
  }

  it("round_robin gives each of three servers a third of the calls", async () => {
    await using servers = new Servers();
    await servers.start("a", "b", "c");
    const channel = servers.connect({ loadBalancing: "round_robin" });
    await reachAll(servers, channel);
    const counts = new Map<string | undefined, number>();
    const calls = Array.from({ length: 3000 }, async () => {
      const zone = await callZone(servers, channel);
      counts.set(zone, (counts.get(zone) ?? 0) + 1);
    });
    await Promise.all(calls);
    for (const zone of ["a", "b", "c"])
      assert.ok(Math.abs((counts.get(zone) ?? 0) - 1000) <= 10, `${zone}: ${counts.get(zone)}`);
  });

  it("a rolling restart of three servers fails no call", async () => {
    await using servers = new Servers();
    await servers.start("a", "b", "c");
    const channel = servers.connect({ loadBalancing: "round_robin" });
    await reachAll(servers, channel);
    let isOver = false;
    let count = 0;
    const callers = Array.from({ length: 20 }, async () => {
      for (; !isOver; count++) await callZone(servers, channel);
    });
    const restarts = (async () => {
      for (const zone of ["a", "b", "c"]) {
        await servers.stop(zone);
        await servers.start(zone);
        await reachAll(servers, channel);
      }
    })();
    // A caller ends early only by a failure.
    await Promise.race([restarts, ...callers]).finally(() => {
      isOver = true;
    });
    await Promise.all([restarts, ...callers]);
    assert.ok(count > 20);
  });

  it("servers come and go, one to five and back, and no call fails", async () => {
    await using servers = new Servers();
    const zones = ["a", "b", "c", "d", "e"];
    await servers.start(...zones);
    let listener: ResolverListener | undefined;
    const tell = (count: number): void => {
      const endpoints = [...servers.ports.values()].slice(0, count).map((port): Endpoint => {
        return { addresses: [{ transport: "tcp", host: "127.0.0.1", port }] };
      });
      assert.equal(listener?.onResult({ endpoints: { value: endpoints } }), true);
    };
    const told: ResolverFactory = {
      scheme: "told",
      defaultAuthority: () => "shop",
      create: () => {
        const start = (given: ResolverListener): void => {
          listener = given;
          queueMicrotask(() => tell(1));
        };
        return { value: { start, resolveNow() {}, close: async () => {} } };
      },
    };
    const channel = servers.connect({ target: "told:shop", resolvers: [told], loadBalancing: "round_robin" });
    let isOver = false;
    const seen = new Map<string | undefined, number>();
    const callers = Array.from({ length: 16 }, async () => {
      while (!isOver) {
        const zone = await callZone(servers, channel);
        seen.set(zone, (seen.get(zone) ?? 0) + 1);
      }
    });
    const steps = (async () => {
      for (const count of [1, 2, 3, 4, 5, 4, 3, 2, 1, 5, 1]) {
        if (listener !== undefined) tell(count);
        const expected = zones.slice(0, count).join();
        // Until each of them is called and none of the others: what ran before may end a little later.
        do {
          seen.clear();
          for (let i = 0; i < 50; i++) await callZone(servers, channel);
        } while ([...seen.keys()].sort().join() !== expected);
      }
    })();
    await Promise.race([steps, ...callers]).finally(() => {
      isOver = true;
    });
    await Promise.all([steps, ...callers]);
  });

  it("the policy of examples/ stays in its zone while it can", async () => {
    // The example is compiled with the others, beside this test's own build.
    const example = new URL("../../../../examples/build/zone-first.js", import.meta.url);
    const { zoneFirst } = (await import(example.href)) as { zoneFirst: LoadBalancingPolicyFactory };
    await using servers = new Servers();
    await servers.start("near", "far");
    const options = { loadBalancing: { zone_first: { zone: "near" } }, loadBalancingPolicies: [zoneFirst] };
    const channel = servers.connect(options);
    while ((await callZone(servers, channel)) !== "near");
    for (let i = 0; i < 20; i++) assert.equal(await callZone(servers, channel), "near");
    await servers.stop("near");
    assert.equal(await callZone(servers, channel), "far");
    assert.throws(() => servers.connect({ ...options, loadBalancing: { zone_first: {} } }), {
      message: "loadBalancing.zone_first.zone is undefined: expected the name of a zone",
    });
  });
});
