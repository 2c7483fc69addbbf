import assert from "node:assert/strict";
import { addressName } from "../../../src/resolver/endpoint.js";
import { fileResolver } from "../../../src/resolver/file/file.js";
import type { Resolver, ResolverResult } from "../../../src/resolver/resolver.js";
import { parseTarget } from "../../../src/resolver/target.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { FakePlatform } from "../../support/fake-platform.js";

class Fixture {
  readonly platform = new FakePlatform();
  readonly lines: string[] = [];
  last: ResolverResult | undefined;
  readonly resolver: Resolver;

  constructor(text: string) {
    const target = parseTarget(text, (scheme) => scheme === "file");
    assert.ok("value" in target);
    const created = fileResolver.create(target.value, { platform: this.platform, defaultPort: 443, lot: 0 });
    if ("error" in created) assert.fail(created.error);
    this.resolver = created.value;
  }

  async start(): Promise<void> {
    this.resolver.start({ onResult: (result) => this.#onResult(result) });
    assert.deepEqual(this.lines, [], "a listener is not called within start");
    await this.platform.settle();
  }

  /** Writes a file, and waits until it must have been read. */
  async write(path: string, json: unknown): Promise<void> {
    this.platform.files.write(path, typeof json === "string" ? json : JSON.stringify(json));
    await this.platform.advanceAsync(50);
  }

  #onResult(result: ResolverResult): boolean {
    this.last = result;
    const { endpoints } = result;
    if ("status" in endpoints) this.lines.push(endpoints.status.message);
    else this.lines.push(endpoints.value.map(({ addresses }) => addresses.map(addressName).join(" ")).join(", "));
    return true;
  }
}

const list = (...endpoints: unknown[]) => ({ endpoints });

describe("file resolver", () => {
  it("tells endpoints with their attributes, and the service config", async () => {
    const f = new Fixture("file:///etc/shop.json");
    const attributes = { weight: 2, zone: "a", id: "x", serverIdentity: "shop", metadata: { rack: [1] } };
    const serviceConfig = { methodConfig: [] };
    f.platform.files.write(
      "/etc/shop.json",
      JSON.stringify({
        endpoints: [{ addresses: ["10.0.0.1:1", "[fd00::1]:1"], attributes }, "shop.internal", "unix:/run/x.sock"],
        serviceConfig,
      }),
    );
    await f.start();
    assert.deepEqual(f.lines, ["10.0.0.1:1 [fd00::1]:1, shop.internal:443, unix:/run/x.sock"]);
    assert.ok(f.last !== undefined && "value" in f.last.endpoints);
    assert.deepEqual(f.last.endpoints.value[0]?.attributes, attributes);
    assert.deepEqual(f.last.serviceConfig, { value: serviceConfig });
    assert.equal(f.last.note, undefined);
  });

  it("tells each change, several that come together as one", async () => {
    const f = new Fixture("file:///etc/shop.json");
    f.platform.files.write("/etc/shop.json", JSON.stringify(list("10.0.0.1:1")));
    await f.start();
    f.platform.files.write("/etc/shop.json", "");
    f.platform.files.write("/etc/shop.json", JSON.stringify(list("10.0.0.2:1")));
    await f.platform.advanceAsync(1000);
    assert.deepEqual(f.lines, ["10.0.0.1:1", "10.0.0.2:1"]);
  });

  it("reads again when something changes while it reads", async () => {
    const f = new Fixture("file:///etc/shop.json");
    f.platform.files.write("/etc/shop.json", JSON.stringify(list("10.0.0.1:1")));
    f.resolver.start({ onResult: () => true });
    f.platform.files.write("/etc/shop.json", JSON.stringify(list("10.0.0.2:1")));
    f.platform.runTurns();
    await f.platform.advanceAsync(50);
    assert.equal(f.platform.files.log.length, 2);
  });

  it("keeps the last good form of a broken file, and notes why", async () => {
    const f = new Fixture("file:///etc/shop.json");
    f.platform.files.write("/etc/shop.json", JSON.stringify({ ...list("10.0.0.1:1"), serviceConfig: {} }));
    await f.start();
    await f.write("/etc/shop.json", list({ addresses: ["10.0.0.2:x"] }));
    assert.deepEqual(f.lines[1], "10.0.0.1:1");
    assert.deepEqual(f.last?.serviceConfig, { value: {} });
    assert.equal(
      f.last?.note,
      '/etc/shop.json is broken: endpoints[0].addresses[0] is "10.0.0.2:x": port is "x": expected a number from 1 to 65535; what it said before holds',
    );
    f.platform.files.delete("/etc/shop.json");
    await f.platform.advanceAsync(50);
    assert.equal(f.last?.note, "/etc/shop.json does not exist; what it said before holds");
    await f.write("/etc/shop.json", list("10.0.0.3:1"));
    assert.deepEqual(f.lines.slice(2), ["10.0.0.1:1", "10.0.0.3:1"]);
    assert.equal(f.last?.note, undefined);
  });

  it("fails while there never was a good one, and goes on to look", async () => {
    const f = new Fixture("file:///etc/shop.json");
    await f.start();
    assert.deepEqual(f.lines, ["/etc/shop.json does not exist"]);
    assert.ok(f.last !== undefined && "status" in f.last.endpoints);
    assert.equal(f.last.endpoints.status.code, StatusCode.UNAVAILABLE);
    f.platform.files.failures.set("read /etc/shop.json", "EACCES");
    await f.write("/etc/shop.json", list("10.0.0.1:1"));
    f.platform.files.failures.clear();
    f.resolver.resolveNow();
    await f.platform.advanceAsync(50);
    assert.deepEqual(f.lines.slice(1), ["cannot read /etc/shop.json: not permitted (EACCES)", "10.0.0.1:1"]);
  });

  it("leaves out endpoints that drain, and those whose time is over, without being told", async () => {
    const f = new Fixture("file:///etc/shop.json");
    const expires = new Date(f.platform.wallClock() + 5000).toISOString();
    f.platform.files.write(
      "/etc/shop.json",
      JSON.stringify(
        list("10.0.0.1:1", { addresses: ["10.0.0.2:1"], draining: true }, { addresses: ["10.0.0.3:1"], expires }),
      ),
    );
    await f.start();
    assert.equal(f.platform.holdingTimers, 0);
    await f.platform.advanceAsync(4999);
    assert.deepEqual(f.lines, ["10.0.0.1:1, 10.0.0.3:1"]);
    await f.platform.advanceAsync(1);
    assert.deepEqual(f.lines.slice(1), ["10.0.0.1:1"]);
    assert.equal(f.platform.timers, 0);
  });

  it("uses no more of a list than a channel can bear, however long it is", async () => {
    const f = new Fixture("file:///etc/shop.json");
    const many = Array.from({ length: 200_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`);
    f.platform.files.write("/etc/shop.json", JSON.stringify({ endpoints: many }));
    await f.start();
    assert.ok(f.last !== undefined && "value" in f.last.endpoints);
    assert.equal(f.last.endpoints.value.length, 10_000);
    assert.equal(f.last.note, "/etc/shop.json has 200000 endpoints, of which 10000 are used");
  });

  it("rests between two readings when endpoints expire one behind the other, too", async () => {
    const f = new Fixture("file:///etc/shop.json");
    const slowMs = 100;
    const read = f.platform.files.read.bind(f.platform.files);
    f.platform.files.read = async (path, maxBytes) => {
      await new Promise<void>((resolve) => f.platform.setTimer(f.platform.now() + slowMs, resolve, false));
      return read(path, maxBytes);
    };
    const start = f.platform.wallClock();
    const expiring = Array.from({ length: 50 }, (_, i) => {
      return { addresses: [`10.0.0.${i}:1`], expires: new Date(start + 200 + 20 * i).toISOString() };
    });
    f.platform.files.write("/etc/shop.json", JSON.stringify(list("10.0.1.1:1", ...expiring)));
    await f.start();
    await f.platform.advanceAsync(slowMs);
    await f.platform.advanceAsync(900 + slowMs);
    assert.equal(f.platform.files.log.filter((line) => line.startsWith("read")).length, 2);
  });

  it("keeps endpoints when all of them expire: rather nobody can write than every server is gone", async () => {
    const f = new Fixture("file:///run/shop/");
    const expires = new Date(f.platform.wallClock() + 5000).toISOString();
    f.platform.files.write("/run/shop/a.json", JSON.stringify(list({ addresses: ["10.0.0.1:1"], expires })));
    await f.start();
    await f.platform.advanceAsync(5000);
    assert.deepEqual(f.lines, ["10.0.0.1:1", "10.0.0.1:1"]);
    assert.equal(f.last?.note, "every endpoint in /run/shop/ has expired; they hold until one is renewed");
    await f.write("/run/shop/b.json", list("10.0.0.2:1"));
    assert.deepEqual(f.lines.slice(2), ["10.0.0.2:1"]);
    f.platform.files.delete("/run/shop/b.json");
    f.platform.files.delete("/run/shop/a.json");
    await f.platform.advanceAsync(50);
    assert.equal(f.platform.timers, 0);
  });

  it("spends a tenth of the time at most on a folder that changes all the time", async () => {
    const f = new Fixture("file:///run/shop/");
    const read = f.platform.files.read.bind(f.platform.files);
    let reads = 0;
    f.platform.files.read = async (path, maxBytes) => {
      reads++;
      await new Promise<void>((resolve) => f.platform.setTimer(f.platform.now() + 100, resolve));
      return read(path, maxBytes);
    };
    f.platform.files.write("/run/shop/a.json", JSON.stringify(list("10.0.0.1:1")));
    await f.start();
    for (let i = 0; i < 500; i++) {
      f.platform.files.write("/run/shop/a.json", JSON.stringify(list(`10.0.0.1:${i + 1}`)));
      await f.platform.advanceAsync(20);
    }
    assert.ok(reads >= 9 && reads <= 11, `${reads} reads of 100 ms within 10 s`);
    await f.platform.advanceAsync(2000);
    assert.equal(f.lines.at(-1), "10.0.0.1:500");
  });

  it("tells an empty list, so that calls fail instead of waiting for ever", async () => {
    const f = new Fixture("file:///etc/shop.json");
    f.platform.files.write("/etc/shop.json", JSON.stringify(list()));
    await f.start();
    assert.deepEqual(f.lines, [""]);
  });

  it("gives everything back at close, and tells nothing more", async () => {
    const f = new Fixture("file:///etc/shop.json");
    const expires = new Date(f.platform.wallClock() + 5000).toISOString();
    f.platform.files.write("/etc/shop.json", JSON.stringify(list({ addresses: ["a:1"], expires })));
    await f.start();
    f.resolver.resolveNow();
    await f.resolver.close();
    f.platform.assertQuiet();
    assert.equal(f.platform.files.watches, 0);
    await f.write("/etc/shop.json", list("10.0.0.2:1"));
    assert.deepEqual(f.lines, ["a:1"]);
  });

  describe("with a folder", () => {
    it("tells the endpoints of every .json file in it, as files come and go", async () => {
      const f = new Fixture("file:///run/shop/");
      f.platform.files.write("/run/shop/b.json", JSON.stringify(list("10.0.0.2:1")));
      f.platform.files.write("/run/shop/.a.json", "half");
      f.platform.files.write("/run/shop/README", "no JSON");
      await f.start();
      await f.write("/run/shop/a.json", list("10.0.0.1:1"));
      f.platform.files.delete("/run/shop/b.json");
      await f.platform.advanceAsync(50);
      assert.deepEqual(f.lines, ["10.0.0.2:1", "10.0.0.1:1, 10.0.0.2:1", "10.0.0.1:1"]);
    });

    it("kratos: does not see the folder beside it whose name begins alike", async () => {
      const f = new Fixture("file:///run/shop/");
      f.platform.files.write("/run/shop/a.json", JSON.stringify(list("10.0.0.1:1")));
      f.platform.files.write("/run/shop-test/b.json", JSON.stringify(list("10.0.0.2:1")));
      await f.start();
      assert.deepEqual(f.lines, ["10.0.0.1:1"]);
    });

    it("kuberesolver: a file that changes does not hide the others", async () => {
      const f = new Fixture("file:///run/shop/");
      f.platform.files.write("/run/shop/a.json", JSON.stringify(list("10.0.0.1:1")));
      f.platform.files.write("/run/shop/b.json", JSON.stringify(list("10.0.0.2:1")));
      await f.start();
      await f.write("/run/shop/b.json", list("10.0.0.3:1"));
      assert.deepEqual(f.lines.slice(1), ["10.0.0.1:1, 10.0.0.3:1"]);
    });

    it("keeps the last good form of the one that is broken", async () => {
      const f = new Fixture("file:///run/shop/");
      f.platform.files.write("/run/shop/a.json", JSON.stringify(list("10.0.0.1:1")));
      f.platform.files.write("/run/shop/b.json", "{");
      await f.start();
      assert.deepEqual(f.lines, ["10.0.0.1:1"]);
      assert.match(
        f.last?.note ?? "",
        /^\/run\/shop\/b.json is broken: it is not JSON: .*; what it said before holds$/,
      );
      await f.write("/run/shop/a.json", "{");
      assert.deepEqual(f.lines.slice(1), ["10.0.0.1:1"]);
      assert.match(f.last?.note ?? "", /^\/run\/shop\/a.json is broken/);
    });

    it("tells a server that came back under another name once, with what was said last", async () => {
      const f = new Fixture("file:///run/shop/");
      const at = (ms: number) => new Date(f.platform.wallClock() + ms).toISOString();
      const entry = (zone: string, ms: number) =>
        list({ addresses: ["10.0.0.1:1"], attributes: { zone }, expires: at(ms) });
      f.platform.files.write("/run/shop/a.json", JSON.stringify(entry("old", 1000)));
      f.platform.files.write("/run/shop/b.json", JSON.stringify(entry("new", 2000)));
      await f.start();
      assert.ok(f.last !== undefined && "value" in f.last.endpoints);
      assert.deepEqual(
        f.last.endpoints.value.map(({ attributes }) => attributes?.zone),
        ["new"],
      );
    });

    it("takes a service config from one of the files, and from no more than one", async () => {
      const f = new Fixture("file:///run/shop/");
      f.platform.files.write("/run/shop/a.json", JSON.stringify({ endpoints: [], serviceConfig: {} }));
      await f.start();
      assert.deepEqual(f.last?.serviceConfig, { value: {} });
      await f.write("/run/shop/b.json", { endpoints: [], serviceConfig: {} });
      const message = "/run/shop/ has a service config in more than one file";
      assert.deepEqual(f.last?.serviceConfig, { status: { code: StatusCode.UNAVAILABLE, message } });
    });

    it("keeps what is known of a folder that cannot be read", async () => {
      const f = new Fixture("file:///run/shop/");
      f.platform.files.write("/run/shop/a.json", JSON.stringify(list("10.0.0.1:1")));
      await f.start();
      f.platform.files.failures.set("list /run/shop/", "EACCES");
      await f.write("/run/shop/a.json", list("10.0.0.2:1"));
      assert.deepEqual(f.lines.slice(1), ["10.0.0.1:1"]);
      assert.equal(f.last?.note, "cannot list /run/shop/: not permitted (EACCES); what it said before holds");
    });

    it("fails while there is no such folder", async () => {
      const f = new Fixture("file:///run/shop/");
      await f.start();
      await f.write("/run/shop/a.json", list("10.0.0.1:1"));
      assert.deepEqual(f.lines, ["/run/shop/ does not exist", "10.0.0.1:1"]);
    });
  });
});
