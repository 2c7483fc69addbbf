import assert from "node:assert/strict";
import type { Address } from "../../src/base/platform.js";
import { ResolverRegistry } from "../../src/resolver/registry.js";
import type { ResolverResult } from "../../src/resolver/resolver.js";
import { staticResolver } from "../../src/resolver/static.js";
import { parseTarget } from "../../src/resolver/target.js";
import { FakePlatform } from "../support/fake-platform.js";

const registry = new ResolverRegistry();

function create(text: string, from = registry) {
  const target = parseTarget(text, (scheme) => from.find(scheme) !== undefined);
  if ("error" in target) assert.fail(target.error);
  const factory = from.find(target.value.scheme);
  assert.ok(factory);
  const platform = new FakePlatform();
  return {
    platform,
    factory,
    target: target.value,
    resolver: factory.create(target.value, { platform, defaultPort: 443 }),
  };
}

/** Addresses of the first result, one list for each endpoint. */
function resolve(text: string, from = registry): readonly (readonly Address[])[] {
  const { platform, resolver } = create(text, from);
  if ("error" in resolver) assert.fail(resolver.error);
  const results: ResolverResult[] = [];
  resolver.value.start({ onResult: (result) => results.push(result) > 0 });
  assert.equal(results.length, 0, "a listener is not called within start");
  platform.runTurns();
  assert.equal(results.length, 1);
  const endpoints = results[0]?.endpoints ?? assert.fail();
  if ("status" in endpoints) assert.fail(endpoints.status.message);
  return endpoints.value.map((endpoint) => endpoint.addresses);
}

const tcp = (host: string, port: number): Address => ({ transport: "tcp", host, port });

describe("ResolverRegistry", () => {
  const results: readonly [string, readonly Address[]][] = [
    ["127.0.0.1:50051", [tcp("127.0.0.1", 50051)]],
    ["dns:///127.0.0.1", [tcp("127.0.0.1", 443)]],
    ["[::1]:50051", [tcp("::1", 50051)]],
    ["::1", [tcp("::1", 443)]],
    ["ipv4:1.2.3.4:50,5.6.7.8", [tcp("1.2.3.4", 50), tcp("5.6.7.8", 443)]],
    ["ipv4:///1.2.3.4:50", [tcp("1.2.3.4", 50)]],
    ["ipv6:[::1]:50", [tcp("::1", 50)]],
    ["ipv6:::1,[::2]:3,[::4]", [tcp("::1", 443), tcp("::2", 3), tcp("::4", 443)]],
    ["unix:run/x.sock", [{ transport: "unix", path: "run/x.sock" }]],
    ["unix:///run/x.sock", [{ transport: "unix", path: "/run/x.sock" }]],
    ["inproc:name", [{ transport: "inproc", name: "name" }]],
    ["inproc:///name", [{ transport: "inproc", name: "name" }]],
    ["passthrough:///shop", [tcp("shop", 443)]],
    ["passthrough:shop:1", [tcp("shop", 1)]],
  ];
  for (const [text, addresses] of results) {
    it(`resolves ${text}`, () =>
      assert.deepEqual(
        resolve(text),
        addresses.map((address) => [address]),
      ));
  }

  const errors: readonly [string, string][] = [
    [
      "dns://8.8.8.8/shop",
      'it names the DNS server "8.8.8.8": only the system\'s own is supported, expected "dns:///host:port"',
    ],
    ["dns:///", 'host is empty: expected "host", "host:port" or "[ipv6]:port"'],
    ["dns:///shop?x=1", 'query is "x=1": dns: takes none (write a "?" of the name as %3F)'],
    ["shop:port", 'port is "port": expected a number from 1 to 65535'],
    ["ipv4:[::1]:50", 'address is "[::1]:50": expected ipv4 addresses such as 1.2.3.4:443'],
    ["ipv4:shop:50", 'address is "shop:50": expected ipv4 addresses such as 1.2.3.4:443'],
    ["ipv4:1.2.3.4,", 'host is empty: expected "host", "host:port" or "[ipv6]:port"'],
    ["ipv6:1.2.3.4:50", 'address is "1.2.3.4:50": expected ipv6 addresses such as [::1]:443'],
    ["ipv4://a/1.2.3.4", 'authority is "a": ipv4: takes none'],
    ["unix://run/x", 'authority is "run": expected "unix:path" or "unix:///absolute/path"'],
    ["unix:", 'path is empty: expected "unix:path" or "unix:///absolute/path"'],
    ["unix:a%00b", "path holds a zero byte"],
    ["unix:a?b", 'query is "b": unix: takes none (write a "?" of the name as %3F)'],
    ["unix-abstract:name", 'abstract unix sockets are not supported: expected "unix:path"'],
    ["inproc:", 'name is empty: expected "inproc:name"'],
    ["inproc://a/b", 'authority is "a": inproc: takes none'],
    ["passthrough:///", 'host is empty: expected "host", "host:port" or "[ipv6]:port"'],
  ];
  for (const [text, error] of errors) {
    it(`refuses ${text}`, () => assert.deepEqual(create(text).resolver, { error }));
  }

  const authorities: readonly [string, string][] = [
    ["shop.internal:8443", "shop.internal:8443"],
    ["dns:///shop.internal", "shop.internal"],
    ["::1", "[::1]"],
    ["[fe80::1%eth0]:1", "[fe80::1%25eth0]:1"],
    ["ipv4:1.2.3.4:50,5.6.7.8", "1.2.3.4:50"],
    ["ipv4:1.2.3.4", "1.2.3.4"],
    ["ipv6:[::1]:50", "[::1]:50"],
    ["ipv6:::1", "[::1]"],
    ["unix:///run/x.sock", "localhost"],
    ["inproc:name", "localhost"],
    ["passthrough:///shop:1", "shop:1"],
  ];
  for (const [text, authority] of authorities) {
    it(`calls ${text} by the authority ${authority}`, () => {
      const { factory, target } = create(text);
      assert.equal(factory.defaultAuthority(target), authority);
    });
  }

  it("takes resolvers of one's own, and prefers them", () => {
    const address = tcp("10.0.0.1", 1);
    const own = new ResolverRegistry([
      staticResolver("shop", [{ addresses: [address] }]),
      staticResolver("dns", [{ addresses: [address, tcp("10.0.0.2", 2)] }]),
    ]);
    assert.deepEqual(resolve("shop:///blue", own), [[address]]);
    assert.deepEqual(resolve("anything", own), [[address, tcp("10.0.0.2", 2)]]);
    const { factory, target } = create("shop:///blue/x", own);
    assert.equal(factory.defaultAuthority(target), "blue%2Fx");
    assert.equal(registry.find("shop"), undefined, "other registries know nothing of them");
  });

  it("refuses a scheme that cannot stand in a URI", () => {
    assert.throws(() => new ResolverRegistry([staticResolver("My Scheme", [])]), {
      name: "TypeError",
      message:
        'resolver scheme "My Scheme" is not valid: expected a lower-case letter, then letters, digits, "+", "." and "-"',
    });
  });
});

describe("StaticResolver", () => {
  it("tells nothing after close, and nothing more after its one result", async () => {
    const { platform, resolver } = create("ipv4:1.2.3.4");
    assert.ok("value" in resolver);
    let results = 0;
    resolver.value.start({ onResult: () => ++results > 0 });
    await resolver.value.close();
    platform.runTurns();
    assert.equal(results, 0);

    const other = create("ipv4:1.2.3.4");
    assert.ok("value" in other.resolver);
    other.resolver.value.start({ onResult: () => ++results > 0 });
    other.platform.runTurns();
    other.resolver.value.resolveNow();
    other.platform.runTurns();
    assert.equal(results, 1);
  });
});
