import assert from "node:assert/strict";
import type { LoadBalancingPolicy } from "../../../src/balancer/load-balancing-policy.js";
import type { Picker } from "../../../src/balancer/picker.js";
import { PolicyRegistry } from "../../../src/balancer/registry.js";
import { aggregateState } from "../../../src/balancer/ring-hash/aggregate-state.js";
import type { RingHashConfig } from "../../../src/balancer/ring-hash/config.js";
import { buildRing } from "../../../src/balancer/ring-hash/ring.js";
import { ringHash } from "../../../src/balancer/ring-hash/ring-hash.js";
import { xxHash64 } from "../../../src/balancer/xx-hash64.js";
import type { Endpoint } from "../../../src/resolver/endpoint.js";
import type { ConnectivityState } from "../../../src/rpc/connectivity-state.js";
import type { RequestHeaders } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import type { JsonObject } from "../../../src/service-config/json.js";
import { endpoint, endpoints, FakeController } from "../fake-controller.js";

const path = "serviceConfig.loadBalancingConfig";

function parse(json: JsonObject, name = "ring_hash"): RingHashConfig | string {
  const chosen = new PolicyRegistry().source("reject").choose([{ [name]: json }], path);
  return "error" in chosen ? chosen.error : (chosen.value.config as RingHashConfig);
}

describe("the config of ring_hash", () => {
  it("has the defaults of gRFC A42, and both names", () => {
    const defaults = { minRingSize: 1024, maxRingSize: 4096, requestHashHeader: undefined };
    assert.deepEqual(parse({}), defaults);
    assert.deepEqual(parse({ minRingSize: 0, maxRingSize: "0", requestHashHeader: "" }), defaults);
    assert.deepEqual(parse({}, "ring_hash_experimental"), defaults);
  });

  it("is read as it is written, sizes capped at 4096", () => {
    const json = { minRingSize: 10, maxRingSize: "20", requestHashHeader: "X-User-Id" };
    assert.deepEqual(parse(json), { minRingSize: 10, maxRingSize: 20, requestHashHeader: "x-user-id" });
    const large = parse({ minRingSize: 5000, maxRingSize: 8_388_608 });
    assert.deepEqual(large, { minRingSize: 4096, maxRingSize: 4096, requestHashHeader: undefined });
  });

  it("says what is wrong, and where", () => {
    const at = `${path}[0].ring_hash`;
    assert.equal(
      parse({ minRingSize: 8_388_609 }),
      `${at}.minRingSize is 8388609: expected a whole number from 0 to 8388608`,
    );
    assert.equal(parse({ maxRingSize: 1.5 }), `${at}.maxRingSize is 1.5: expected a whole number from 0 to 8388608`);
    assert.equal(
      parse({ minRingSize: 10, maxRingSize: 9 }),
      `${at}.minRingSize is 10: expected at most maxRingSize, which is 9`,
    );
    for (const header of ["x-user-bin", "x user", 7]) {
      const shown = JSON.stringify(header);
      assert.equal(
        parse({ requestHashHeader: header }),
        `${at}.requestHashHeader is ${shown}: expected the name of a header of text`,
      );
    }
  });
});

describe("aggregateState of ring_hash (gRFC A42)", () => {
  const cases: readonly (readonly [ConnectivityState[], ConnectivityState])[] = [
    [["READY", "TRANSIENT_FAILURE", "TRANSIENT_FAILURE"], "READY"],
    [["CONNECTING", "TRANSIENT_FAILURE", "TRANSIENT_FAILURE", "IDLE"], "TRANSIENT_FAILURE"],
    [["CONNECTING", "TRANSIENT_FAILURE", "IDLE"], "CONNECTING"],
    [["TRANSIENT_FAILURE", "IDLE"], "CONNECTING"],
    [["IDLE", "IDLE"], "IDLE"],
    [["TRANSIENT_FAILURE"], "TRANSIENT_FAILURE"],
    [[], "TRANSIENT_FAILURE"],
  ];
  for (const [states, expected] of cases) {
    it(`of ${states.join(", ") || "none"} is ${expected}`, () => {
      assert.equal(aggregateState(states), expected);
    });
  }
});

/** Asks a picker only when a test does: a pick of ring_hash makes connections. */
class QuietController extends FakeController {
  override update(state: ConnectivityState, picker: Picker): void {
    this.state = state;
    this.picker = picker;
    this.log.push(state);
  }

  /** Where a call with this value of `x-key` goes. */
  pickFor(...keys: string[]): string {
    const metadata = new Metadata();
    for (const key of keys) metadata.append("x-key", key);
    const result = this.picker?.pick({ metadata } as RequestHeaders);
    if (result?.kind === "pick") return result.subchannel.name;
    return result === undefined || !("status" in result) ? String(result?.kind) : result.status.message;
  }
}

describe("ring_hash", () => {
  let controller: QuietController;
  let policy: LoadBalancingPolicy<RingHashConfig>;

  function config(json: JsonObject = {}): RingHashConfig {
    const parsed = parse({ requestHashHeader: "x-key", ...json });
    return typeof parsed === "string" ? assert.fail(parsed) : parsed;
  }

  function start(list: readonly Endpoint[], json: JsonObject = {}): void {
    controller = new QuietController();
    policy = ringHash.create(controller);
    policy.onUpdate({ endpoints: list, config: config(json) });
  }

  /** A value of the header for each host, that belongs to it. */
  function keysOf(hosts: readonly string[]): Record<string, string> {
    const ring = buildRing(
      hosts.map((host) => ({ hashKey: `${host}:1`, weight: 1 })),
      1024,
      4096,
    );
    const keys: Record<string, string> = {};
    for (let i = 0; Object.keys(keys).length < hosts.length; i++) {
      const owner = hosts[ring.memberAt(ring.find(xxHash64(Buffer.from(`k${i}`))))] as string;
      keys[owner] ??= `k${i}`;
    }
    return keys;
  }

  /** Hosts in the order in which a key falls to them. */
  function orderFor(hosts: readonly string[], key: string): string[] {
    const ring = buildRing(
      hosts.map((host) => ({ hashKey: `${host}:1`, weight: 1 })),
      1024,
      4096,
    );
    const first = ring.find(xxHash64(Buffer.from(key)));
    const order = new Set<string>();
    for (let i = 0; i < ring.size; i++) order.add(hosts[ring.memberAt(first + i)] as string);
    return [...order];
  }

  const hosts = ["a", "b", "c", "d"];

  afterEach(() => {
    policy.close();
    controller.platform.assertQuiet();
  });

  it("connects nothing by itself, and is IDLE", () => {
    start(endpoints(...hosts));
    assert.deepEqual(controller.takeLog(), ["IDLE"]);
  });

  it("connects the endpoint to which a call belongs, once the pick is over", () => {
    start(endpoints(...hosts));
    const keys = keysOf(hosts);
    controller.takeLog();
    assert.equal(controller.pickFor(keys["c"] as string), "queue");
    assert.deepEqual(controller.takeLog(), [], "a picker connects nothing");
    policy.exitIdle();
    assert.deepEqual(controller.takeLog(), ["CONNECTING", "connect c:1"], "that one, and no other");
    assert.equal(controller.pickFor(keys["c"] as string), "queue");
    controller.at("c:1").become("READY");
    assert.deepEqual(controller.takeLog(), ["READY"]);
    assert.equal(controller.pickFor(keys["c"] as string), "c:1");
  });

  it("connects further ones by the control plane's next turn, where the channel is not IDLE any more", () => {
    start(endpoints(...hosts));
    const keys = keysOf(hosts);
    controller.pickFor(keys["c"] as string);
    policy.exitIdle();
    controller.at("c:1").become("READY");
    controller.takeLog();
    assert.equal(controller.pickFor(keys["a"] as string), "queue");
    assert.equal(controller.pickFor(keys["a"] as string), "queue");
    controller.platform.advance(0);
    assert.deepEqual(controller.takeLog(), ["READY", "connect a:1"]);
  });

  it("joins several values of the header with commas", () => {
    start(endpoints(...hosts));
    connectAll();
    const owner = orderFor(hosts, "x,y")[0];
    assert.equal(controller.pickFor("x", "y"), `${owner}:1`);
    assert.equal(controller.pickFor("x,y"), `${owner}:1`);
  });

  function connectAll(): void {
    const keys = keysOf(hosts);
    for (const host of hosts) {
      controller.pickFor(keys[host] as string);
      controller.platform.advance(0);
      controller.at(`${host}:1`).become("READY");
    }
    controller.takeLog();
  }

  it("keeps a value with its endpoint, whatever order the resolver gives", () => {
    start(endpoints(...hosts));
    connectAll();
    const before = Array.from({ length: 100 }, (_, i) => controller.pickFor(`user ${i}`));
    policy.onUpdate({ endpoints: endpoints("d", "b", "c", "a"), config: config() });
    const after = Array.from({ length: 100 }, (_, i) => controller.pickFor(`user ${i}`));
    assert.deepEqual(after, before);
    assert.equal(new Set(before).size, 4);
  });

  it("takes the next endpoint on the ring while one fails, and goes back", () => {
    start(endpoints(...hosts));
    const order = orderFor(hosts, "k");
    controller.pickFor("k");
    policy.exitIdle();
    controller.takeLog();
    controller.at(`${order[0]}:1`).fail();
    const told = controller.takeLog().filter((line) => !/connect|resolve/.test(line));
    assert.deepEqual(told, ["CONNECTING"], "one of several has failed");
    assert.equal(controller.pickFor("k"), "queue");
    controller.platform.advance(0);
    controller.at(`${order[1]}:1`).become("READY");
    assert.equal(controller.pickFor("k"), `${order[1]}:1`);
    controller.at(`${order[0]}:1`).become("IDLE");
    controller.at(`${order[0]}:1`).become("READY");
    assert.equal(controller.pickFor("k"), `${order[0]}:1`);
  });

  it("waits for the first endpoint that has not failed, though another one is READY", () => {
    start(endpoints(...hosts));
    const order = orderFor(hosts, "k");
    connectAll();
    controller.at(`${order[0]}:1`).become("IDLE");
    assert.equal(controller.pickFor("k"), "queue");
    controller.platform.advance(0);
    assert.equal(controller.pickFor("k"), "queue", "it connects");
  });

  it("fails calls with the reason of their own endpoint once all have failed", () => {
    start(endpoints("a", "b"));
    const keys = keysOf(["a", "b"]);
    controller.pickFor(keys["a"] as string);
    policy.exitIdle();
    controller.at("a:1").fail();
    controller.at("b:1").fail();
    assert.equal(controller.state, "TRANSIENT_FAILURE");
    assert.equal(controller.pickFor(keys["a"] as string), "connect to a:1 was refused");
    assert.equal(controller.pickFor(keys["b"] as string), "connect to b:1 was refused");
  });

  it("tries one endpoint after the other without any calls, once one has failed (gRFC A61)", () => {
    start(endpoints(...hosts));
    controller.pickFor("k");
    policy.exitIdle();
    const tried = new Set<string>();
    for (let i = 0; i < hosts.length; i++) {
      const connecting = controller.subchannels.find(({ state }) => state === "CONNECTING");
      assert.ok(connecting, `the ${i + 1}th is tried`);
      tried.add(connecting.name);
      const others = controller.subchannels.filter(({ state }) => state === "CONNECTING");
      assert.equal(others.length, 1, "one at a time");
      connecting.fail();
    }
    assert.equal(tried.size, hosts.length);
    assert.equal(controller.state, "TRANSIENT_FAILURE");
  });

  it("is IDLE again when its connection is lost, and connects when a call comes", () => {
    start(endpoints(...hosts));
    controller.pickFor("k");
    policy.exitIdle();
    const name = controller.subchannels[0]?.name as string;
    controller.at(name).become("READY");
    controller.at(name).become("IDLE");
    assert.equal(controller.state, "IDLE");
    controller.takeLog();
    controller.pickFor("k");
    policy.exitIdle();
    assert.deepEqual(controller.takeLog(), ["CONNECTING", `connect ${name}`]);
  });

  it("connects any endpoint when the channel is asked to connect without a call (gRFC A117)", () => {
    const chosen = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      controller = new QuietController({ seed });
      policy = ringHash.create(controller);
      policy.onUpdate({ endpoints: endpoints(...hosts), config: config() });
      policy.exitIdle();
      assert.equal(controller.subchannels.length, 1);
      chosen.add(controller.subchannels[0]?.name as string);
      assert.equal(controller.state, "CONNECTING");
    }
    assert.equal(chosen.size, hosts.length);
  });

  describe("for calls without the header (gRFC A76)", () => {
    it("takes any endpoint that is READY", () => {
      start(endpoints(...hosts));
      connectAll();
      const picked = new Set(Array.from({ length: 100 }, () => controller.pickFor()));
      assert.equal(picked.size, hosts.length);
      assert.equal(new Set(Array.from({ length: 100 }, () => controller.pickFor(""))).size, hosts.length);
    });

    it("connects one endpoint, and takes one that is READY meanwhile", () => {
      start(endpoints(...hosts));
      assert.equal(controller.pickFor(), "queue");
      policy.exitIdle();
      assert.equal(controller.subchannels.length, 1);
      assert.equal(controller.pickFor(), "queue");
      controller.platform.advance(0);
      assert.equal(controller.subchannels.length, 1, "one is connecting already");
      const [first] = controller.subchannels;
      first?.become("READY");
      assert.equal(controller.pickFor(), first?.name);
    });

    it("fails when all have failed", () => {
      start(endpoints("a"));
      controller.pickFor();
      policy.exitIdle();
      controller.at("a:1").fail();
      assert.equal(controller.pickFor(), "connect to a:1 was refused");
    });

    it("takes any for all calls where no header is named", () => {
      start(endpoints("a", "b"), { requestHashHeader: "" });
      controller.pickFor("k");
      policy.exitIdle();
      const [first] = controller.subchannels;
      first?.become("READY");
      for (let i = 0; i < 20; i++) assert.equal(controller.pickFor(`k${i}`), first?.name);
    });
  });

  it("places endpoints by their hash key, and by weight", () => {
    const keyed = (host: string, hashKey: string, weight: number): Endpoint => {
      return { ...endpoint(host), attributes: { hashKey, weight } };
    };
    start([keyed("a", "one", 1), keyed("b", "two", 3)]);
    const ring = buildRing(
      [
        { hashKey: "one", weight: 1 },
        { hashKey: "two", weight: 3 },
      ],
      1024,
      4096,
    );
    let toB = 0;
    for (let i = 0; i < 200; i++) {
      const owner = ring.memberAt(ring.find(xxHash64(Buffer.from(`k${i}`))));
      toB += owner;
      controller.pickFor(`k${i}`);
      controller.platform.advance(0);
      const name = owner === 0 ? "a:1" : "b:1";
      if (controller.at(name).state !== "READY") controller.at(name).become("READY");
      assert.equal(controller.pickFor(`k${i}`), name);
    }
    assert.ok(toB > 120 && toB < 180, `${toB}`);
    policy.onUpdate({ endpoints: [keyed("c", "one", 1), keyed("b", "two", 3)], config: config() });
    assert.equal(controller.pickFor("k0") === "b:1", ring.memberAt(ring.find(xxHash64(Buffer.from("k0")))) === 1);
  });

  it("works with weights of every size", () => {
    const weights = [Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.MIN_VALUE, 0, -1, Number.NaN];
    start(weights.map((weight, i) => ({ ...endpoint(`h${i}`), attributes: { weight } })));
    for (let i = 0; i < 20; i++) assert.equal(controller.pickFor(`k${i}`), "queue");
    controller.platform.advance(0);
    assert.ok(controller.subchannels.every(({ name }) => ["h0:1", "h1:1"].includes(name)));
  });

  it("takes an endpoint that is there twice for one that weighs twice as much", () => {
    start(endpoints("a", "b", "b"));
    const ring = buildRing(
      [
        { hashKey: "a:1", weight: 1 },
        { hashKey: "b:1", weight: 2 },
      ],
      1024,
      4096,
    );
    for (let i = 0; i < 50; i++) {
      controller.pickFor(`k${i}`);
      controller.platform.advance(0);
      for (const subchannel of controller.subchannels) if (subchannel.state !== "READY") subchannel.become("READY");
      const owner = ring.memberAt(ring.find(xxHash64(Buffer.from(`k${i}`))));
      assert.equal(controller.pickFor(`k${i}`), owner === 0 ? "a:1" : "b:1");
    }
  });

  it("has nothing to say without endpoints", () => {
    start([]);
    assert.equal(controller.pickFor("k"), "the name was resolved to no address");
    policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "no such name" });
    assert.equal(controller.pickFor("k"), "no such name");
    policy.onUpdate({ endpoints: endpoints("a"), config: config() });
    assert.equal(controller.state, "IDLE");
    policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "no such name" });
    assert.equal(controller.pickFor("k"), "queue", "known endpoints stay in use");
  });

  it("does nothing for a pick that comes from an old picker behind its close", () => {
    start(endpoints("a"));
    policy.close();
    assert.equal(controller.pickFor("k"), "queue");
    controller.platform.advance(0);
    assert.equal(controller.subchannels.length, 0);
  });
});
