import assert from "node:assert/strict";
import { DnsFixture } from "./dns-fixture.js";

const google = "8.8.8.8:53";

describe("dns resolver with a DNS server in the target", () => {
  it("asks that server for A and AAAA records, and not the system", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    const server = dns.platform.dnsServer(google);
    server.setHost("shop", ["10.0.0.1", "fd00::1"], 60_000);
    await dns.start();
    assert.deepEqual(dns.lines, ["[fd00::1]:1, 10.0.0.1:1"]);
    assert.deepEqual(server.questions, ["AAAA shop", "A shop"]);
    assert.deepEqual(dns.platform.lookups, []);
  });

  it("takes a port, and IPv6 in brackets", async () => {
    for (const [text, address] of [
      ["dns://1.1.1.1:5353/shop:1", "1.1.1.1:5353"],
      ["dns://[2001:db8::1]/shop:1", "[2001:db8::1]:53"],
      ["dns://[2001:db8::1]:5353/shop:1", "[2001:db8::1]:5353"],
    ] as const) {
      const dns = new DnsFixture(text);
      dns.platform.dnsServer(address).setHost("shop", ["10.0.0.1"], 0);
      await dns.start();
      assert.deepEqual(dns.lines, ["10.0.0.1:1"]);
    }
  });

  it("looks again when the shortest TTL is over, but no sooner than the interval and within an hour", async () => {
    for (const [ttlMs, periodMs] of [
      [45_000, 45_000],
      [0, 30_000],
      [5000, 30_000],
      [86_400_000, 3_600_000],
    ] as const) {
      const dns = new DnsFixture("dns://8.8.8.8/shop:1");
      const server = dns.platform.dnsServer(google);
      server.setHost("shop", ["10.0.0.1"], ttlMs);
      server.v6.set("shop", [{ address: "fd00::1", ttlMs: 10 ** 8 }]);
      await dns.start();
      const gap = dns.platform.nextTimerAt - dns.platform.now();
      assert.ok(gap >= periodMs && gap <= periodMs * 1.2, `refresh after ${gap} ms, expected ${periodMs}`);
    }
  });

  it("a TTL goes before refreshMs", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1", { refreshMs: 600_000, minIntervalMs: 1000 });
    dns.platform.dnsServer(google).setHost("shop", ["10.0.0.1"], 2000);
    await dns.start();
    assert.ok(dns.platform.nextTimerAt - dns.platform.now() <= 2400);
  });

  it("asks the system's DNS servers with source: dns", async () => {
    const dns = new DnsFixture("shop:1", { source: "dns" });
    dns.platform.dnsServer("").setHost("shop", ["10.0.0.1"], 1000);
    await dns.start();
    assert.deepEqual(dns.lines, ["10.0.0.1:1"]);
    assert.deepEqual(dns.platform.lookups, []);
  });

  it("says that a name has no address", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    await dns.start();
    assert.deepEqual(dns.lines, ["cannot resolve shop at 8.8.8.8:53: it has no A and no AAAA record"]);
  });

  it("fails when both questions fail", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    const server = dns.platform.dnsServer(google);
    for (const question of ["A shop", "AAAA shop"]) server.failures.set(question, "ETIMEOUT");
    await dns.start();
    assert.deepEqual(dns.lines, ["cannot resolve shop at 8.8.8.8:53: the name server did not answer (ETIMEOUT)"]);
  });

  it("uses one IP version when the question for the other failed, and notes it", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    const server = dns.platform.dnsServer(google);
    server.setHost("shop", ["10.0.0.1"], 60_000);
    server.failures.set("AAAA shop", "ESERVFAIL");
    await dns.start();
    assert.deepEqual(dns.lines, ["10.0.0.1:1"]);
    assert.equal(dns.last?.note, "cannot resolve shop at 8.8.8.8:53: the name server failed (ESERVFAIL)");
  });

  it("keeps the addresses of an IP version whose question is lost later", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    const server = dns.platform.dnsServer(google);
    server.setHost("shop", ["10.0.0.1", "fd00::1"], 30_000);
    await dns.start();
    server.failures.set("A shop", "ETIMEOUT");
    await dns.platform.advanceAsync(36_000);
    assert.deepEqual(dns.lines.slice(1), ["[fd00::1]:1, 10.0.0.1:1"]);
    server.failures.clear();
    server.v4.delete("shop");
    await dns.platform.advanceAsync(36_000);
    assert.deepEqual(dns.lines.slice(2), ["[fd00::1]:1"], "what the server says itself is believed");
  });

  it("gives its questions up at close, and when they take too long", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    const server = dns.platform.dnsServer(google);
    server.silences.add("A shop");
    await dns.start();
    assert.equal(server.waiting, 1);
    await dns.platform.advanceAsync(30_000);
    assert.equal(server.waiting, 0);
    assert.deepEqual(dns.lines, ["cannot resolve shop at 8.8.8.8:53: no answer within 30 s"]);
    dns.resolver.resolveNow();
    await dns.platform.settle();
    assert.equal(server.waiting, 1);
    await dns.resolver.close();
    assert.equal(server.waiting, 0);
    await dns.platform.settle();
    assert.equal(dns.lines.length, 1);
    dns.platform.assertQuiet();
  });
});

describe("dns resolver with very long answers", () => {
  it("uses 1000 addresses of a kind and no more", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    const many = Array.from({ length: 1001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    dns.platform.dnsServer(google).setHost("shop", [...many, "fd00::1"], 1000);
    await dns.start();
    assert.equal(dns.endpoints.length, 1001);
    assert.equal(dns.last?.note, "shop has 1001 addresses of IPv4, of which 1000 are used");
  });
});

describe("dns resolver with srv=true", () => {
  const srv = (host: string, port: number, priority = 0, weight = 0) => ({ host, port, priority, weight });

  it("gives an endpoint for each record, with every address of its host", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop?srv=true");
    const server = dns.platform.dnsServer(google);
    server.services.set("_grpc._tcp.shop", [srv("a.shop", 1001, 5, 10), srv("b.shop", 1002, 5, 0)]);
    server.setHost("a.shop", ["10.0.0.1", "fd00::1"], 1000);
    server.setHost("b.shop", ["10.0.0.2"], 1000);
    await dns.start();
    assert.deepEqual(dns.lines, ["[fd00::1]:1001 10.0.0.1:1001, 10.0.0.2:1002"]);
    assert.ok(dns.last !== undefined && "value" in dns.last.endpoints);
    assert.deepEqual(
      dns.last.endpoints.value.map(({ attributes }) => attributes),
      [
        { id: "a.shop:1001", weight: 10 },
        { id: "b.shop:1002", weight: 1 },
      ],
    );
    assert.equal(dns.last.note, undefined, "a port is not missed");
  });

  it("takes a host that begins with an underscore as the record's name", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/_orders._tcp.service.consul?srv=true");
    const server = dns.platform.dnsServer(google);
    server.services.set("_orders._tcp.service.consul", [srv("a.node.consul", 7)]);
    server.setHost("a.node.consul", ["10.0.0.1"], 1000);
    await dns.start();
    assert.deepEqual(dns.lines, ["10.0.0.1:7"]);
  });

  it("uses the records of the lowest priority alone (RFC 2782)", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop?srv=true");
    const server = dns.platform.dnsServer(google);
    server.services.set("_grpc._tcp.shop", [srv("spare", 1, 20), srv("main", 2, 10)]);
    server.setHost("spare", ["10.0.0.1"], 1000);
    server.setHost("main", ["10.0.0.2"], 1000);
    await dns.start();
    assert.deepEqual(dns.lines, ["10.0.0.2:2"]);
  });

  it("looks the hosts up as the system does where no DNS server is named, and again after refreshMs", async () => {
    const dns = new DnsFixture("dns:shop?srv=true");
    dns.platform.dnsServer("").services.set("_grpc._tcp.shop", [srv("a.shop", 1)]);
    dns.platform.hosts.set("a.shop", ["10.0.0.1"]);
    await dns.start();
    dns.platform.dnsServer("").services.set("_grpc._tcp.shop", [srv("a.shop", 1), srv("localhost", 2)]);
    await dns.platform.advanceAsync(36_000);
    assert.deepEqual(dns.lines, ["10.0.0.1:1", "10.0.0.1:1, 127.0.0.1:2"]);
  });

  it("leaves out a host without addresses, and notes it", async () => {
    const dns = new DnsFixture("dns:shop?srv=true");
    dns.platform.dnsServer("").services.set("_grpc._tcp.shop", [srv("localhost", 1), srv("gone", 2)]);
    await dns.start();
    assert.deepEqual(dns.lines, ["127.0.0.1:1"]);
    assert.equal(dns.last?.note, "cannot resolve gone: no such host (ENOTFOUND)");
  });

  it("keeps the addresses of a host that cannot be looked up later, until its record goes", async () => {
    const dns = new DnsFixture("dns:shop?srv=true");
    const services = dns.platform.dnsServer("").services;
    services.set("_grpc._tcp.shop", [srv("localhost", 1), srv("a.shop", 2)]);
    dns.platform.hosts.set("a.shop", ["10.0.0.1"]);
    await dns.start();
    dns.platform.hosts.delete("a.shop");
    await dns.platform.advanceAsync(36_000);
    assert.deepEqual(dns.lines.slice(1), ["127.0.0.1:1, 10.0.0.1:2"]);
    assert.equal(dns.last?.note, "cannot resolve a.shop: no such host (ENOTFOUND)");
    services.set("_grpc._tcp.shop", [srv("localhost", 1)]);
    await dns.platform.advanceAsync(36_000);
    services.set("_grpc._tcp.shop", [srv("localhost", 1), srv("a.shop", 2)]);
    await dns.platform.advanceAsync(36_000);
    assert.deepEqual(dns.lines.slice(2), ["127.0.0.1:1", "127.0.0.1:1"]);
  });

  it("fails when no host has an address, and when there is no record or only that there is none", async () => {
    for (const [records, line] of [
      [[srv("gone", 1)], "cannot resolve gone: no such host (ENOTFOUND)"],
      [[], "cannot resolve _grpc._tcp.shop: it has no SRV record"],
      [[srv("", 0)], "cannot resolve _grpc._tcp.shop: it has no SRV record"],
    ] as const) {
      const dns = new DnsFixture("dns:shop?srv=true");
      dns.platform.dnsServer("").services.set("_grpc._tcp.shop", records);
      await dns.start();
      assert.deepEqual(dns.lines, [line]);
    }
  });

  it("takes 32 addresses of a host and no more", async () => {
    const dns = new DnsFixture("dns:shop?srv=true");
    dns.platform.dnsServer("").services.set("_grpc._tcp.shop", [srv("a.shop", 1)]);
    dns.platform.hosts.set(
      "a.shop",
      Array.from({ length: 4000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`),
    );
    await dns.start();
    assert.deepEqual(
      dns.endpoints.map((addresses) => addresses.length),
      [32],
    );
  });

  it("looks up 256 hosts and no more", async () => {
    const dns = new DnsFixture("dns:shop?srv=true");
    const records = Array.from({ length: 300 }, (_, i) => srv("localhost", i + 1));
    dns.platform.dnsServer("").services.set("_grpc._tcp.shop", records);
    await dns.start();
    assert.equal(dns.endpoints.length, 256);
    assert.equal(dns.last?.note, "_grpc._tcp.shop has 300 SRV records, of which 256 are used");
  });
});
