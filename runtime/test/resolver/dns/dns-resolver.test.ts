import assert from "node:assert/strict";
import type { ResolverResult } from "../../../src/resolver/resolver.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { DnsFixture } from "./dns-fixture.js";

const intervalMs = 30_000;
/** The latest that a refresh may come: a period and its jitter. */
const refreshedByMs = 36_000;

describe("dns resolver", () => {
  it("gives each address of a name as an endpoint, in the system's order", async () => {
    const dns = new DnsFixture("dns:///shop:50051");
    dns.platform.hosts.set("shop", ["10.0.0.2", "fd00::1", "10.0.0.1"]);
    await dns.start();
    assert.deepEqual(dns.lines, ["10.0.0.2:50051, [fd00::1]:50051, 10.0.0.1:50051"]);
    assert.equal(dns.endpoints.length, 3);
    assert.equal(dns.last?.note, undefined);
  });

  it("takes the credentials' port for a name without one, and notes it", async () => {
    const dns = new DnsFixture("localhost");
    await dns.start();
    assert.deepEqual(dns.lines, ["127.0.0.1:443"]);
    assert.equal(dns.last?.note, "the target names no port, so 443 was used");
  });

  it("does not look an address up, and never again", async () => {
    const dns = new DnsFixture("127.0.0.1:1");
    await dns.start();
    await dns.platform.advanceAsync(10 * refreshedByMs);
    assert.deepEqual(dns.lines, ["127.0.0.1:1"]);
    assert.deepEqual(dns.platform.lookups, []);
  });

  it("tells a failure with the platform's sentence, and tries again at once when asked", async () => {
    const dns = new DnsFixture("nowhere:1");
    await dns.start();
    assert.deepEqual(dns.lines, ["cannot resolve nowhere: no such host (ENOTFOUND)"]);
    assert.ok(dns.last !== undefined && "status" in dns.last.endpoints);
    assert.equal(dns.last.endpoints.status.code, StatusCode.UNAVAILABLE);
    dns.platform.hosts.set("nowhere", ["10.0.0.1"]);
    dns.resolver.resolveNow();
    await dns.platform.settle();
    assert.deepEqual(dns.lines.slice(1), ["10.0.0.1:1"]);
  });

  it("names the host when the platform throws something without a text", async () => {
    const dns = new DnsFixture("shop:1");
    dns.platform.lookup = () => Promise.reject("broken");
    await dns.start();
    assert.deepEqual(dns.lines, ["cannot resolve shop: broken"]);
  });

  describe("refresh", () => {
    it("grpc-node#2455, grpc/grpc#12295: finds servers that were added while all connections are healthy", async () => {
      const dns = new DnsFixture("shop:1");
      dns.platform.hosts.set("shop", ["10.0.0.1"]);
      await dns.start();
      dns.platform.hosts.set("shop", ["10.0.0.1", "10.0.0.2"]);
      await dns.platform.advanceAsync(refreshedByMs);
      assert.deepEqual(dns.lines, ["10.0.0.1:1", "10.0.0.1:1, 10.0.0.2:1"]);
    });

    it("etcd's naming resolver: goes on after a failure, which leaves what is known to the channel", async () => {
      const dns = new DnsFixture("shop:1");
      dns.platform.hosts.set("shop", ["10.0.0.1"]);
      await dns.start();
      dns.platform.hosts.delete("shop");
      await dns.platform.advanceAsync(refreshedByMs);
      assert.equal(dns.lines[1], "cannot resolve shop: no such host (ENOTFOUND)");
      dns.platform.hosts.set("shop", ["10.0.0.3"]);
      // What the channel does after its backoff.
      dns.resolver.resolveNow();
      await dns.platform.settle();
      assert.equal(dns.lines[2], "10.0.0.3:1");
      await dns.platform.advanceAsync(refreshedByMs);
      assert.equal(dns.lines.length, 4);
    });

    it("comes up to a fifth late, never early, and not at the same time for all", async () => {
      const times = new Set<number>();
      const dns = new DnsFixture("localhost:1");
      await dns.start();
      for (let i = 0; i < 20; i++) {
        const gap = dns.platform.nextTimerAt - dns.platform.now();
        assert.ok(gap >= intervalMs && gap <= refreshedByMs, `refresh after ${gap} ms`);
        times.add(gap);
        await dns.platform.advanceAsync(gap);
      }
      assert.ok(times.size > 15);
      assert.equal(dns.lines.length, 21);
    });

    it("comes after refreshMs, but no sooner than minIntervalMs", async () => {
      for (const [options, periodMs] of [
        [{ refreshMs: 60_000 }, 60_000],
        [{ refreshMs: 5000 }, 30_000],
        [{ refreshMs: 5000, minIntervalMs: 2000 }, 5000],
      ] as const) {
        const dns = new DnsFixture("localhost:1", options);
        await dns.start();
        const gap = dns.platform.nextTimerAt - dns.platform.now();
        assert.ok(gap >= periodMs && gap <= periodMs * 1.2, `refresh after ${gap} ms, expected ${periodMs}`);
      }
    });

    it("does not come when refreshMs is Infinity, whatever the TTL", async () => {
      const dns = new DnsFixture("dns://1.1.1.1/shop:1", { refreshMs: Number.POSITIVE_INFINITY });
      dns.platform.dnsServer("1.1.1.1:53").setHost("shop", ["10.0.0.1"], 5000);
      await dns.start();
      dns.platform.assertQuiet();
      dns.resolver.resolveNow();
      await dns.platform.advanceAsync(intervalMs);
      assert.equal(dns.lines.length, 2, "but a hint is heard");
    });
  });

  describe("resolveNow", () => {
    it("grpc-node#2023: looks up no more than every 30 s, however often it is asked", async () => {
      const dns = new DnsFixture("localhost:1");
      await dns.start();
      for (let i = 0; i < 5; i++) dns.resolver.resolveNow();
      await dns.platform.advanceAsync(intervalMs - 1);
      assert.equal(dns.platform.lookups.length, 1);
      await dns.platform.advanceAsync(1);
      assert.equal(dns.platform.lookups.length, 2, "all hints together are one look");
    });

    it("is heard at once when the interval is over", async () => {
      const dns = new DnsFixture("localhost:1", { refreshMs: 600_000 });
      await dns.start();
      await dns.platform.advanceAsync(intervalMs);
      dns.resolver.resolveNow();
      await dns.platform.settle();
      assert.equal(dns.platform.lookups.length, 2);
    });

    it("is heard at once when the last result was of no use: the channel waits itself", async () => {
      const dns = new DnsFixture("localhost:1");
      dns.accepts = false;
      await dns.start();
      dns.platform.assertQuiet();
      dns.resolver.resolveNow();
      await dns.platform.settle();
      assert.equal(dns.platform.lookups.length, 2);
    });

    it("is ignored while it is looking", async () => {
      const dns = new DnsFixture("localhost:1");
      dns.resolver.resolveNow();
      dns.resolver.start({ onResult: () => true });
      dns.resolver.resolveNow();
      await dns.platform.settle();
      assert.equal(dns.platform.lookups.length, 1);
    });
  });

  it("gives a look-up up after 30 s, and hears nothing of it later", async () => {
    const dns = new DnsFixture("shop:1");
    let answer: (hosts: readonly string[]) => void = () => assert.fail();
    dns.platform.lookup = () => new Promise((resolve) => (answer = resolve));
    await dns.start();
    await dns.platform.advanceAsync(30_000);
    assert.deepEqual(dns.lines, ["cannot resolve shop: no answer within 30 s"]);
    answer(["10.0.0.1"]);
    await dns.platform.settle();
    assert.equal(dns.lines.length, 1);
  });

  it("does not keep the process alive, and gives everything back at close", async () => {
    const dns = new DnsFixture("localhost:1");
    await dns.start();
    dns.resolver.resolveNow();
    assert.equal(dns.platform.timers, 1);
    assert.equal(dns.platform.holdingTimers, 0);
    await dns.resolver.close();
    dns.platform.assertQuiet();
    dns.resolver.resolveNow();
    dns.platform.assertQuiet();
  });

  it("grpc-node#2080: leaves nothing behind, however many come and go in every state", async () => {
    const platform = new FakePlatform();
    for (let i = 0; i < 300; i++) {
      const dns = new DnsFixture(i % 3 === 0 ? "nowhere:1" : "localhost:1", {}, platform);
      if (i % 2 === 0) await dns.start();
      else dns.resolver.start({ onResult: () => true });
      if (i % 5 === 0) dns.resolver.resolveNow();
      await dns.resolver.close();
    }
    await platform.settle();
    platform.assertQuiet();
  });

  it("tells nothing after close, whether the name is found or not", async () => {
    for (const host of ["localhost:1", "nowhere:1"]) {
      const dns = new DnsFixture(host);
      const results: ResolverResult[] = [];
      dns.resolver.start({ onResult: (result) => results.push(result) > 0 });
      await dns.resolver.close();
      await dns.platform.settle();
      assert.deepEqual(results, []);
      dns.platform.assertQuiet();
    }
  });

  for (const [options, message] of [
    [{ refreshMs: 10 }, "refreshMs is 10: expected a number of milliseconds of 1000 or more"],
    [{ minIntervalMs: 0 }, "minIntervalMs is 0: expected a number of milliseconds of 1000 or more"],
    [{ minIntervalMs: Number.NaN }, "minIntervalMs is NaN: expected a number of milliseconds of 1000 or more"],
    [{ source: "hosts" as "dns" }, 'source is "hosts": expected "system" or "dns"'],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new DnsFixture("localhost:1", options), { name: "TypeError", message });
    });
  }
});
