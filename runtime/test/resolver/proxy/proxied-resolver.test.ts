import assert from "node:assert/strict";
import type { Address } from "../../../src/base/platform.js";
import { createChannel } from "../../../src/channel/create-channel.js";
import { insecure } from "../../../src/credentials/channel-credentials.js";
import { addressName } from "../../../src/resolver/endpoint.js";
import { proxiedResolver } from "../../../src/resolver/proxy/proxied-resolver.js";
import { proxySetting } from "../../../src/resolver/proxy/proxy-setting.js";
import { ResolverRegistry } from "../../../src/resolver/registry.js";
import type { ResolverFactory, ResolverResult } from "../../../src/resolver/resolver.js";
import { staticResolver } from "../../../src/resolver/static.js";
import { parseTarget } from "../../../src/resolver/target.js";
import { FakePlatform } from "../../support/fake-platform.js";

const ownProxy = { host: "own", port: 1, authorization: () => undefined };
const own: readonly Address[] = [
  { transport: "tcp", host: "10.0.0.1", port: 1 },
  { transport: "unix", path: "/run/x.sock" },
  { transport: "tcp", host: "192.168.0.1", port: 2 },
  { transport: "tcp", host: "10.0.0.2", port: 3, proxy: ownProxy },
];
const ownResolver: ResolverFactory = staticResolver("own", {
  endpoints: { value: [{ addresses: own as [Address, ...Address[]], attributes: { weight: 3 } }] },
  note: "kept",
});

/** What a target comes to under an environment. */
async function resultOf(text: string, variables: Readonly<Record<string, string>> = {}): Promise<ResolverResult> {
  const platform = new FakePlatform();
  platform.hosts.set("shop.corp", ["10.9.9.9"]);
  const registry = new ResolverRegistry([ownResolver]);
  const target = parseTarget(text, (scheme) => registry.find(scheme) !== undefined);
  assert.ok("value" in target);
  const created = registry.find(target.value.scheme)?.create(target.value, { platform, defaultPort: 443, lot: 0 });
  assert.ok(created !== undefined && "value" in created);
  const setting = proxySetting(undefined, (name) => ({ https_proxy: "http://ann:secret@p:3128", ...variables })[name]);
  assert.ok(setting !== undefined);
  const resolver = proxiedResolver(target.value, created.value, setting, { platform, defaultPort: 443 });
  assert.ok("value" in resolver);
  const results: ResolverResult[] = [];
  resolver.value.start({ onResult: (result) => results.push(result) > 0 });
  await platform.settle();
  await resolver.value.close();
  assert.equal(results.length, 1);
  return results[0] as ResolverResult;
}

async function addressesOf(text: string, variables?: Readonly<Record<string, string>>): Promise<string[]> {
  const { endpoints } = await resultOf(text, variables);
  return "value" in endpoints ? endpoints.value.flatMap(({ addresses }) => addresses.map(addressName)) : [];
}

describe("proxiedResolver", () => {
  it("leaves the name of a dns target to the proxy", async () => {
    assert.deepEqual(await addressesOf("dns:///shop.corp:8443"), ["shop.corp:8443 via proxy p:3128"]);
    assert.deepEqual(await addressesOf("nowhere.corp:1"), ["nowhere.corp:1 via proxy p:3128"]);
    assert.deepEqual(await addressesOf("10.1.2.3:1"), ["10.1.2.3:1 via proxy p:3128"]);
    assert.deepEqual(await addressesOf("dns:[fd00::1]:1"), ["[fd00::1]:1 via proxy p:3128"]);
    const { note } = await resultOf("shop.corp");
    assert.equal(note, "the target names no port, so 443 was used");
  });

  it("resolves a name that is exempt, and does not look at its addresses again", async () => {
    assert.deepEqual(await addressesOf("shop.corp:1", { no_proxy: ".corp" }), ["10.9.9.9:1"]);
    assert.deepEqual(await addressesOf("localhost:1"), ["127.0.0.1:1"]);
    assert.deepEqual(await addressesOf("shop.corp:1", { no_proxy: "10.0.0.0/8" }), ["shop.corp:1 via proxy p:3128"]);
  });

  it("reaches the addresses of other targets one by one", async () => {
    assert.deepEqual(await addressesOf("ipv4:10.0.0.1:1,127.0.0.1:2,192.168.0.1:3", { no_proxy: "192.168.0.0/16" }), [
      "10.0.0.1:1 via proxy p:3128",
      "127.0.0.1:2",
      "192.168.0.1:3",
    ]);
    assert.deepEqual(await addressesOf("passthrough:///shop.corp:1"), ["shop.corp:1 via proxy p:3128"]);
  });

  it("takes what a resolver says of its endpoints, proxies of its own too, and never a socket", async () => {
    const result = await resultOf("own:x", { no_proxy: "192.168.0.0/16" });
    assert.ok("value" in result.endpoints);
    const [endpoint] = result.endpoints.value;
    assert.deepEqual(endpoint?.addresses.map(addressName), [
      "10.0.0.1:1 via proxy p:3128",
      "unix:/run/x.sock",
      "192.168.0.1:2",
      "10.0.0.2:3 via proxy own:1",
    ]);
    assert.deepEqual(endpoint?.attributes, { weight: 3 });
    assert.equal(result.note, "kept");
  });

  it("leads no socket through a proxy", async () => {
    for (const target of ["unix:/run/x.sock", "unix-abstract:x", "inproc:x"]) {
      assert.deepEqual(await addressesOf(target), [target]);
    }
  });

  describe("of a channel", () => {
    function create(target: string, proxy: unknown, variables: Readonly<Record<string, string>> = {}): void {
      const platform = new FakePlatform();
      for (const [name, value] of Object.entries(variables)) platform.environment.set(name, value);
      createChannel(target, { credentials: insecure(), platform, proxy: proxy as string });
    }

    it("says what is wrong with a proxy, and not its password", () => {
      const secret = "socks5://ann:secret@p:1";
      assert.throws(() => create("shop:1", secret), {
        name: "TypeError",
        message: 'proxy is not valid: its scheme is "socks5": expected http',
      });
      assert.throws(() => create("shop:1", undefined, { HTTPS_PROXY: secret }), {
        name: "TypeError",
        message: 'the environment\'s HTTPS_PROXY is not valid: its scheme is "socks5": expected http',
      });
      assert.throws(() => create("shop:1", true), { message: "proxy is boolean: expected a URL or false" });
    });

    it("does not mind a proxy that it does not need", () => {
      const variables = { https_proxy: "socks5://p:1", no_proxy: "shop" };
      for (const target of ["shop:1", "localhost:1", "unix:/run/x.sock"]) create(target, undefined, variables);
      create("other:1", false, variables);
    });
  });
});
