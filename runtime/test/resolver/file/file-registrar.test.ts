import assert from "node:assert/strict";
import type { Endpoint } from "../../../src/resolver/endpoint.js";
import { fileResolver } from "../../../src/resolver/file/file.js";
import { FileRegistrar } from "../../../src/resolver/file/file-registrar.js";
import type { ResolverListener } from "../../../src/resolver/resolver.js";
import { parseTarget } from "../../../src/resolver/target.js";
import { FakePlatform } from "../../support/fake-platform.js";

const endpoint = (port: number, id?: string): Endpoint => ({
  addresses: [{ transport: "tcp", host: "10.0.0.1", port }],
  ...(id === undefined ? {} : { attributes: { id } }),
});

/** What clients of `file:///run/shop/` see. */
class Client {
  ports: readonly number[] = [];

  constructor(platform: FakePlatform) {
    const target = parseTarget("file:///run/shop/", () => true);
    assert.ok("value" in target);
    const created = fileResolver.create(target.value, { platform, defaultPort: 443, lot: 0 });
    assert.ok("value" in created);
    const onResult: ResolverListener["onResult"] = ({ endpoints }) => {
      const found = "value" in endpoints ? endpoints.value.flatMap(({ addresses }) => addresses) : [];
      this.ports = found.map((address) => (address.transport === "tcp" ? address.port : 0));
      return true;
    };
    created.value.start({ onResult });
  }
}

describe("FileRegistrar", () => {
  const registrarOf = (platform: FakePlatform, leaseMs?: number) =>
    new FileRegistrar(platform, { folder: "/run/", ...(leaseMs === undefined ? {} : { leaseMs }) });

  it("makes servers of several processes known, changes, drains and forgets them", async () => {
    const platform = new FakePlatform();
    const client = new Client(platform);
    const one = await registrarOf(platform).register({ name: "shop", endpoint: endpoint(1, "one") });
    const two = await registrarOf(platform).register({ name: "shop", endpoint: endpoint(2, "two") });
    assert.deepEqual([one.id, one.state], ["one", "registered"]);
    const see = async (...ports: number[]) => {
      await platform.advanceAsync(100);
      assert.deepEqual(client.ports, ports);
    };
    await see(1, 2);
    await one.update(endpoint(3));
    await see(3, 2);
    await two.drain();
    assert.equal(two.state, "draining");
    await see(3);
    assert.deepEqual(platform.files.paths(), ["/run/shop/one.json", "/run/shop/two.json"]);
    await two.update(endpoint(2));
    await see(3, 2);
    await one.deregister();
    await one.deregister();
    assert.equal(one.state, "deregistered");
    await see(2);
    await assert.rejects(one.update(endpoint(1)), { message: "registration one of shop is over: it was deregistered" });
    await two.deregister();
    assert.deepEqual(platform.files.paths(), []);
    assert.equal(platform.holdingTimers, 0);
  });

  it("renews a registration for as long as the server lives, and it expires when the server has crashed", async () => {
    const platform = new FakePlatform();
    const client = new Client(platform);
    await registrarOf(platform).register({ name: "shop", endpoint: endpoint(1, "one") });
    await registrarOf(platform).register({ name: "shop", endpoint: endpoint(2, "two") });
    await platform.advanceAsync(300_000);
    assert.deepEqual(client.ports, [1, 2]);
    // A crash of one: nothing renews its file, and nothing removes it.
    const replace = platform.files.replace.bind(platform.files);
    platform.files.replace = (path, content) => (path.includes("one") ? new Promise(() => {}) : replace(path, content));
    await platform.advanceAsync(19_000);
    assert.deepEqual(client.ports, [1, 2]);
    await platform.advanceAsync(11_100);
    assert.deepEqual(client.ports, [2]);
    assert.deepEqual(platform.files.paths(), ["/run/shop/one.json", "/run/shop/two.json"]);
  });

  it("says when a registration is lost, and tries until it stands again", async () => {
    const platform = new FakePlatform();
    const client = new Client(platform);
    const states: string[] = [];
    const onState = (state: string, reason?: string) => {
      states.push(reason === undefined ? state : `${state}: ${reason}`);
      throw new Error("a listener's fault");
    };
    const handle = await registrarOf(platform).register({ name: "shop", endpoint: endpoint(1, "one"), onState });
    assert.deepEqual(states, []);
    platform.files.failures.set("write /run/shop/one.json", "ENOSPC");
    await platform.advanceAsync(60_000);
    assert.equal(handle.state, "lost");
    assert.deepEqual(client.ports, [1], "it is the only one that there is");
    await assert.rejects(handle.drain(), /cannot write \/run\/shop\/one.json/);
    platform.files.failures.clear();
    await platform.advanceAsync(20_000);
    assert.equal(handle.state, "draining");
    assert.deepEqual(states, ["lost: cannot write /run/shop/one.json: ENOSPC", "draining"]);
    await handle.update(endpoint(1));
    await platform.advanceAsync(100);
    assert.deepEqual(client.ports, [1]);
  });

  it("writes the file anew that somebody has removed", async () => {
    const platform = new FakePlatform();
    const client = new Client(platform);
    await registrarOf(platform).register({ name: "shop", endpoint: endpoint(1, "one") });
    platform.files.delete("/run/shop/one.json");
    await platform.advanceAsync(100);
    assert.deepEqual(client.ports, []);
    await platform.advanceAsync(10_000);
    assert.deepEqual(client.ports, [1]);
  });

  it("neither renews nor expires what has no lease", async () => {
    const platform = new FakePlatform();
    await registrarOf(platform, Number.POSITIVE_INFINITY).register({ name: "shop", endpoint: endpoint(1, "one") });
    platform.assertQuiet();
    assert.doesNotMatch(platform.files.text("/run/shop/one.json") ?? "", /expires/);
  });

  it("rejects a first registration that cannot be written, and leaves nothing of it", async () => {
    const platform = new FakePlatform();
    platform.files.failures.set("write /run/shop/one.json", "EACCES");
    const registered = registrarOf(platform).register({ name: "shop", endpoint: endpoint(1, "one") });
    await assert.rejects(registered, { message: "cannot write /run/shop/one.json: not permitted (EACCES)" });
    platform.assertQuiet();
  });

  it("makes up an id that other processes do not have", async () => {
    const platform = new FakePlatform();
    const registrar = registrarOf(platform);
    const ids = new Set<string>();
    for (let i = 0; i < 100; i++) ids.add((await registrar.register({ name: "shop", endpoint: endpoint(i) })).id);
    assert.equal(ids.size, 100);
    for (const id of ids) assert.match(id, /^test-host-[0-9a-z]+$/);
  });

  it("deregisters everything at its close, even what is being written or cannot be removed", async () => {
    const platform = new FakePlatform();
    const registrar = registrarOf(platform);
    const handle = await registrar.register({ name: "shop", endpoint: endpoint(1, "one") });
    await registrar.register({ name: "shop", endpoint: endpoint(2, "two") });
    platform.files.failures.set("remove /run/shop/two.json", "EACCES");
    const updated = handle.update(endpoint(3));
    await registrar.close();
    await updated;
    assert.deepEqual(platform.files.paths(), ["/run/shop/two.json"]);
    assert.equal(platform.timers, 0);
  });

  for (const [name, id, message] of [
    ["../etc", "one", 'name is "../etc"'],
    ["", "one", 'name is ""'],
    ["shop", "a/b", 'endpoint.attributes.id is "a/b"'],
    ["shop", ".hidden", 'endpoint.attributes.id is ".hidden"'],
  ] as const) {
    it(`refuses the name ${JSON.stringify(name)} with the id ${JSON.stringify(id)}`, async () => {
      const registered = registrarOf(new FakePlatform()).register({ name, endpoint: endpoint(1, id) });
      await assert.rejects(
        registered,
        (error: Error) => error instanceof TypeError && error.message.startsWith(message),
      );
    });
  }

  it("refuses options that are not valid", () => {
    const platform = new FakePlatform();
    assert.throws(() => new FileRegistrar(platform, { folder: "" }), { message: "folder is empty: expected a path" });
    assert.throws(() => new FileRegistrar(platform, { folder: "/run", leaseMs: 10 }), {
      name: "TypeError",
      message: "leaseMs is 10: expected a number of milliseconds of 1000 or more",
    });
  });
});
