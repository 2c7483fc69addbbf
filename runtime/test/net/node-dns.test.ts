import assert from "node:assert/strict";
import type { DnsClient } from "../../src/base/dns-client.js";
import { createNodePlatform } from "../../src/net/node-platform.js";
import { TestDnsServer } from "../support/dns-server.js";

describe("NodeDnsClient, against a DNS server on a UDP port", () => {
  let server: TestDnsServer;
  let client: DnsClient;

  beforeEach(async () => {
    server = await TestDnsServer.open();
    client = createNodePlatform().dns(server.address);
    server.zone.set("shop.test", [
      { type: "A", address: "10.0.0.1", ttl: 30 },
      { type: "A", address: "10.0.0.2", ttl: 7 },
      { type: "AAAA", address: "fd00::1", ttl: 0 },
      { type: "TXT", strings: ["grpc_config=[", "]"] },
      { type: "TXT", strings: ["other"] },
    ]);
    server.zone.set("_grpc._tcp.shop.test", [
      { type: "SRV", host: "a.shop.test", port: 50051, priority: 1, weight: 2 },
      { type: "SRV", host: "", port: 0, priority: 3, weight: 0 },
    ]);
  });

  afterEach(async () => {
    client.cancel();
    await server[Symbol.asyncDispose]();
  });

  it("asks for A and AAAA records, with their TTL", async () => {
    assert.deepEqual(await client.addresses("shop.test", 4), [
      { address: "10.0.0.1", ttlMs: 30_000 },
      { address: "10.0.0.2", ttlMs: 7000 },
    ]);
    assert.deepEqual(await client.addresses("shop.test", 6), [{ address: "fd00::1", ttlMs: 0 }]);
    assert.deepEqual(server.questions, ["A shop.test", "AAAA shop.test"]);
  });

  it("takes the TTL of the others for records beyond those whose TTL Node tells", async () => {
    const addresses = Array.from({ length: 300 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
    server.zone.set(
      "many.test",
      addresses.map((address) => ({ type: "A", address, ttl: 30 })),
    );
    assert.deepEqual(
      await client.addresses("many.test", 4),
      addresses.map((address) => ({ address, ttlMs: 30_000 })),
    );
  });

  it("asks for SRV records; the root as a host is none", async () => {
    assert.deepEqual(await client.services("_grpc._tcp.shop.test"), [
      { host: "a.shop.test", port: 50051, priority: 1, weight: 2 },
      { host: "", port: 0, priority: 3, weight: 0 },
    ]);
  });

  it("asks for TXT records, and joins the strings of each", async () => {
    assert.deepEqual(await client.texts("shop.test"), ["grpc_config=[]", "other"]);
  });

  it("has an empty list where there is no such name, or no such record", async () => {
    assert.deepEqual(await client.addresses("nowhere.test", 4), []);
    assert.deepEqual(await client.services("shop.test"), []);
  });

  for (const [failure, why] of [
    [2, "the name server failed (ESERVFAIL)"],
    [5, "the name server refused to answer (EREFUSED)"],
  ] as const) {
    it(`says that ${why}`, async () => {
      server.failure = failure;
      await assert.rejects(client.addresses("shop.test", 4), {
        message: `cannot resolve shop.test at ${server.address}: ${why}`,
      });
    });
  }

  it("gives questions up", async () => {
    server.isSilent = true;
    const asked = client.addresses("shop.test", 4);
    client.cancel();
    await assert.rejects(asked, { message: `cannot resolve shop.test at ${server.address}: given up (ECANCELLED)` });
  });

  it("refuses what is no name, and a server that is no address", async () => {
    await assert.rejects(client.texts("two words"), {
      message: 'cannot resolve "two words": host is empty or has a space or a control character',
    });
    assert.throws(() => createNodePlatform().dns("dns.google"), {
      name: "TypeError",
      message: 'DNS server is "dns.google": expected an IP address, with or without a port',
    });
  });
});
