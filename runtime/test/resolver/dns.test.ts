import assert from "node:assert/strict";
import { dnsResolver, minResolutionIntervalMs } from "../../src/resolver/dns.js";
import type { Resolver, ResolverResult } from "../../src/resolver/resolver.js";
import { parseTarget } from "../../src/resolver/target.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { FakePlatform } from "../support/fake-platform.js";

class Fixture {
  readonly platform = new FakePlatform();
  readonly results: string[] = [];
  last: ResolverResult | undefined;
  readonly resolver: Resolver;

  constructor(text: string) {
    const target = parseTarget(text, (scheme) => scheme === "dns");
    assert.ok("value" in target);
    const created = dnsResolver.create(target.value, { platform: this.platform, defaultPort: 443 });
    assert.ok("value" in created);
    this.resolver = created.value;
  }

  async start(): Promise<void> {
    this.resolver.start({ onResult: (result) => this.#onResult(result) });
    assert.deepEqual(this.results, [], "a listener is not called within start");
    await this.platform.settle();
  }

  #onResult(result: ResolverResult): boolean {
    this.last = result;
    const { endpoints } = result;
    if ("status" in endpoints) this.results.push(endpoints.status.message);
    else {
      const all = endpoints.value.flatMap((endpoint) => endpoint.addresses);
      this.results.push(all.map((a) => (a.transport === "tcp" ? `${a.host} ${a.port}` : "?")).join(", "));
    }
    return true;
  }
}

describe("dns resolver", () => {
  it("gives each address of a name as an endpoint, in the system's order", async () => {
    const dns = new Fixture("dns:///shop:50051");
    dns.platform.hosts.set("shop", ["10.0.0.2", "fd00::1", "10.0.0.1"]);
    await dns.start();
    assert.deepEqual(dns.results, ["10.0.0.2 50051, fd00::1 50051, 10.0.0.1 50051"]);
    assert.ok(dns.last !== undefined && "value" in dns.last.endpoints);
    assert.equal(dns.last.endpoints.value.length, 3);
    assert.equal(dns.last.note, undefined);
  });

  it("takes port 443 for a name without one, and notes it", async () => {
    const dns = new Fixture("localhost");
    await dns.start();
    assert.deepEqual(dns.results, ["127.0.0.1 443"]);
    assert.equal(dns.last?.note, "the target names no port, so 443 was used");
  });

  it("does not look an address up", async () => {
    const dns = new Fixture("127.0.0.1:1");
    await dns.start();
    assert.deepEqual(dns.results, ["127.0.0.1 1"]);
    assert.deepEqual(dns.platform.lookups, []);
  });

  it("tells a failure with the platform's sentence, and tries again at once when asked", async () => {
    const dns = new Fixture("nowhere:1");
    await dns.start();
    assert.deepEqual(dns.results, ["cannot resolve nowhere: no such host (ENOTFOUND)"]);
    assert.ok(dns.last !== undefined && "status" in dns.last.endpoints);
    assert.equal(dns.last.endpoints.status.code, StatusCode.UNAVAILABLE);
    dns.platform.hosts.set("nowhere", ["10.0.0.1"]);
    dns.resolver.resolveNow();
    await dns.platform.settle();
    assert.deepEqual(dns.results.slice(1), ["10.0.0.1 1"]);
  });

  it("names the host when the platform throws something without a text", async () => {
    const dns = new Fixture("shop:1");
    dns.platform.lookup = () => Promise.reject("broken");
    await dns.start();
    assert.deepEqual(dns.results, ["cannot resolve shop: broken"]);
  });

  it("looks up no more than every 30 s, however often it is asked", async () => {
    const dns = new Fixture("localhost:1");
    await dns.start();
    for (let i = 0; i < 5; i++) dns.resolver.resolveNow();
    await dns.platform.advanceAsync(minResolutionIntervalMs - 1);
    assert.equal(dns.platform.lookups.length, 1);
    await dns.platform.advanceAsync(1);
    assert.equal(dns.platform.lookups.length, 2);
    await dns.platform.advanceAsync(10 * minResolutionIntervalMs);
    assert.equal(dns.platform.lookups.length, 2, "it does not look again by itself");
    dns.resolver.resolveNow();
    await dns.platform.settle();
    assert.equal(dns.platform.lookups.length, 3, "the interval is long over");
  });

  it("ignores the hint while it is looking", async () => {
    const dns = new Fixture("localhost:1");
    dns.resolver.resolveNow();
    dns.resolver.start({ onResult: () => true });
    dns.resolver.resolveNow();
    await dns.platform.settle();
    assert.equal(dns.platform.lookups.length, 1);
  });

  it("does not keep the process alive with its timer, and gives it back at close", async () => {
    const dns = new Fixture("localhost:1");
    await dns.start();
    dns.resolver.resolveNow();
    assert.equal(dns.platform.timers, 1);
    assert.equal(dns.platform.holdingTimers, 0);
    await dns.resolver.close();
    dns.platform.assertQuiet();
    dns.resolver.resolveNow();
    dns.platform.assertQuiet();
  });

  it("tells nothing after close, whether the name is found or not", async () => {
    for (const host of ["localhost:1", "nowhere:1"]) {
      const dns = new Fixture(host);
      const results: ResolverResult[] = [];
      dns.resolver.start({ onResult: (result) => results.push(result) > 0 });
      await dns.resolver.close();
      await dns.platform.settle();
      assert.deepEqual(results, []);
    }
  });
});
