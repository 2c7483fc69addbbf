import assert from "node:assert/strict";
import type { Address } from "../../src/base/platform.js";
import { ResolverRegistry, registerResolver } from "../../src/resolver/registry.js";
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
    resolver: factory.create(target.value, { platform, defaultPort: 443, lot: 0 }),
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
    ["unix-abstract:name", [{ transport: "unix", path: "\0name" }]],
    ["unix-abstract:///a/b", [{ transport: "unix", path: "\0/a/b" }]],
    ["static:10.0.0.1:1,shop,[::1]:2", [tcp("10.0.0.1", 1), tcp("shop", 443), tcp("::1", 2)]],
    [
      "static:///unix:/run/x.sock,inproc:y",
      [
        { transport: "unix", path: "/run/x.sock" },
        { transport: "inproc", name: "y" },
      ],
    ],
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
      "dns://dns.google/shop",
      'its DNS server is "dns.google": expected an IP address, as in "dns://8.8.8.8/host:port"',
    ],
    ["dns://8.8.8.8:x/shop", 'its DNS server is "8.8.8.8:x": expected an IP address, as in "dns://8.8.8.8/host:port"'],
    ["dns:///shop:1?srv=true", "port is 1: with srv=true the SRV records say it"],
    ["dns:///10.0.0.1?srv=true", 'host is "10.0.0.1": with srv=true it is a name'],
    ["dns:///", 'host is empty: expected "host", "host:port" or "[ipv6]:port"'],
    ["dns:///shop?x=1", 'query is "x=1": expected "srv=true" or none (write a "?" of the name as %3F)'],
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
    ["unix-abstract:", 'name is empty: expected "unix-abstract:name"'],
    ["unix-abstract:a%00b", "name holds a zero byte"],
    ["unix-abstract://a/b", 'authority is "a": unix-abstract: takes none'],
    ["static:", 'address is "": host is empty: expected "host", "host:port" or "[ipv6]:port"'],
    ["static:a:1,b:x", 'address is "b:x": port is "x": expected a number from 1 to 65535'],
    ["static:a?b", 'query is "b": static: takes none (write a "?" of the name as %3F)'],
    ["static:443", '"443" looks like a port: expected "dns:///static:443" for a host called static'],
    ["file:8080", '"8080" looks like a port: expected "dns:///file:8080" for a host called file'],
    ["file:", 'path is "": expected "file:///etc/shop.json", or "file:///run/shops/" for a folder'],
    ["file:///", 'path is "/": expected "file:///etc/shop.json", or "file:///run/shops/" for a folder'],
    [
      "file://etc/shop.json",
      'authority is "etc": expected "file:///etc/shop.json", or "file:///run/shops/" for a folder',
    ],
    ["file:a%00b", "path holds a zero byte"],
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
    ["unix-abstract:name", "localhost"],
    ["inproc:name", "localhost"],
    ["static:shop:1,10.0.0.1:2", "shop:1"],
    ["static:unix:/run/x.sock,shop:1", "localhost"],
    ["file:///etc/shop.json", "shop"],
    ["file:run/shop/", "shop"],
    ["dns://8.8.8.8/shop?srv=true", "shop"],
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

  it("a list of one's own may bring a service config", () => {
    const result = { endpoints: { value: [] }, serviceConfig: { value: {} }, note: "by hand" };
    const platform = new FakePlatform();
    const target = { text: "shop:x", scheme: "shop", authority: "", path: "x", query: "" };
    const created = staticResolver("shop", result).create(target, { platform, defaultPort: 443, lot: 0 });
    assert.ok("value" in created);
    const results: ResolverResult[] = [];
    created.value.start({ onResult: (told) => results.push(told) > 0 });
    platform.runTurns();
    assert.deepEqual(results, [result]);
  });

  describe("registerResolver", () => {
    const mine = staticResolver("mine", [{ addresses: [tcp("10.0.0.1", 1)] }]);
    const other = staticResolver("mine", [{ addresses: [tcp("10.0.0.2", 2)] }]);

    it("makes a resolver known to channels that are created later, until it is taken back", () => {
      const before = new ResolverRegistry();
      const takeBack = registerResolver(mine);
      try {
        assert.equal(new ResolverRegistry().find("mine"), mine);
        assert.equal(before.find("mine"), undefined);
        assert.equal(new ResolverRegistry([other]).find("mine"), other, "a channel's own goes before it");
      } finally {
        takeBack();
      }
      assert.equal(new ResolverRegistry().find("mine"), undefined);
    });

    it("takes a scheme once, from one factory", () => {
      const takeBack = registerResolver(mine);
      try {
        registerResolver(mine);
        assert.throws(() => registerResolver(other), {
          message: 'a resolver for scheme "mine" is registered already: expected one for each scheme',
        });
        assert.equal(new ResolverRegistry().find("mine"), mine);
      } finally {
        takeBack();
      }
      const takeOtherBack = registerResolver(other);
      takeBack();
      assert.equal(new ResolverRegistry().find("mine"), other, "what is taken back is one's own alone");
      takeOtherBack();
    });

    it("goes before a built-in one", () => {
      const dns = staticResolver("dns", []);
      const takeBack = registerResolver(dns);
      assert.equal(new ResolverRegistry().find("dns"), dns);
      takeBack();
      assert.notEqual(new ResolverRegistry().find("dns"), dns);
    });

    it("refuses a scheme that cannot stand in a URI", () => {
      assert.throws(() => registerResolver(staticResolver("My Scheme", [])), TypeError);
    });
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
