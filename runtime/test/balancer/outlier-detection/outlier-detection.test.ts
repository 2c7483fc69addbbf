import assert from "node:assert/strict";
import type { LoadBalancingPolicy, LoadBalancingPolicyFactory } from "../../../src/balancer/load-balancing-policy.js";
import type { OutlierDetectionConfig } from "../../../src/balancer/outlier-detection/config.js";
import { outlierDetection } from "../../../src/balancer/outlier-detection/outlier-detection.js";
import { ObservedPicker, type PickObserver } from "../../../src/balancer/picker.js";
import { PolicyRegistry } from "../../../src/balancer/registry.js";
import { roundRobin } from "../../../src/balancer/round-robin.js";
import { OK } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import type { JsonObject } from "../../../src/service-config/json.js";
import { endpoint, endpoints, FakeController } from "../fake-controller.js";
import { countPicks } from "../pick-counts.js";

const path = "serviceConfig.loadBalancingConfig";
const childPolicy = [{ round_robin: {} }];

function parse(json: JsonObject, own: readonly LoadBalancingPolicyFactory[] = []): OutlierDetectionConfig | string {
  const chosen = new PolicyRegistry(own).source("reject").choose([{ outlier_detection: json }], path);
  return "error" in chosen ? chosen.error : (chosen.value.config as OutlierDetectionConfig);
}

function config(json: JsonObject, own?: readonly LoadBalancingPolicyFactory[]): OutlierDetectionConfig {
  const parsed = parse({ childPolicy, ...json }, own);
  return typeof parsed === "string" ? assert.fail(parsed) : parsed;
}

describe("the config of outlier_detection", () => {
  it("has the defaults of gRFC A50", () => {
    const { child, ...own } = config({ successRateEjection: {}, failurePercentageEjection: {} });
    assert.equal(child.factory, roundRobin);
    assert.deepEqual(own, {
      intervalMs: 10_000,
      baseEjectionTimeMs: 30_000,
      maxEjectionTimeMs: 300_000,
      maxEjectionPercent: 10,
      successRate: { stdevFactor: 1900, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 100 },
      failurePercentage: { threshold: 85, enforcementPercentage: 100, minimumHosts: 5, requestVolume: 50 },
    });
    assert.equal(config({}).successRate, undefined);
    assert.equal(config({}).failurePercentage, undefined);
  });

  it("is read as it is written, under both names", () => {
    const json = {
      interval: "1.5s",
      baseEjectionTime: "0s",
      maxEjectionTime: "60s",
      maxEjectionPercent: 100,
      successRateEjection: { stdevFactor: 1000, enforcementPercentage: 50, minimumHosts: 2, requestVolume: "20" },
      failurePercentageEjection: { threshold: 0, enforcementPercentage: 0, minimumHosts: 0, requestVolume: 0 },
      childPolicy: [{ unheard_of: {} }, { pick_first: {} }],
    };
    const source = new PolicyRegistry().source("reject");
    const chosen = source.choose([{ outlier_detection_experimental: json }], path);
    const { child, ...own } = ("value" in chosen ? chosen.value.config : {}) as OutlierDetectionConfig;
    assert.equal(child.factory.name, "pick_first");
    assert.deepEqual(own, {
      intervalMs: 1500,
      baseEjectionTimeMs: 0,
      maxEjectionTimeMs: 60_000,
      maxEjectionPercent: 100,
      successRate: { stdevFactor: 1000, enforcementPercentage: 50, minimumHosts: 2, requestVolume: 20 },
      failurePercentage: { threshold: 0, enforcementPercentage: 0, minimumHosts: 0, requestVolume: 0 },
    });
  });

  it("says what is wrong, and where", () => {
    const at = `${path}[0].outlier_detection`;
    assert.equal(parse({ interval: "0s" }), `${at}.interval is "0s": expected a duration of more than nothing`);
    assert.equal(
      parse({ childPolicy, maxEjectionPercent: 101 }),
      `${at}.maxEjectionPercent is 101: expected a whole number from 0 to 100`,
    );
    assert.equal(
      parse({ childPolicy, successRateEjection: { enforcementPercentage: -1 } }),
      `${at}.successRateEjection.enforcementPercentage is -1: expected a whole number from 0 to 100`,
    );
    assert.equal(
      parse({ childPolicy, failurePercentageEjection: { threshold: 101 } }),
      `${at}.failurePercentageEjection.threshold is 101: expected a whole number from 0 to 100`,
    );
    assert.match(String(parse({})), /outlier_detection\.childPolicy is undefined: expected a list/);
    assert.equal(
      parse({ childPolicy: [{ pick_first: { shuffleAddressList: 1 } }] }),
      `${at}.childPolicy[0].pick_first.shuffleAddressList is 1: expected true or false`,
    );
  });
});

describe("outlier_detection", () => {
  const rules = {
    interval: "10s",
    maxEjectionPercent: 50,
    failurePercentageEjection: { threshold: 50, minimumHosts: 2, requestVolume: 5 },
  };
  let controller: FakeController;
  let policy: LoadBalancingPolicy<OutlierDetectionConfig>;

  function start(hosts: readonly string[], json: JsonObject = rules): void {
    controller = new FakeController();
    policy = outlierDetection.create(controller);
    policy.onUpdate({ endpoints: endpoints(...hosts), config: config(json) });
    for (const host of hosts) controller.at(`${host}:1`).become("READY");
    controller.takeLog();
  }

  afterEach(() => {
    policy.close();
    controller.platform.assertQuiet();
  });

  /** Calls that end as their endpoint does. */
  function call(count: number, failing: readonly string[]): void {
    for (let i = 0; i < count; i++) {
      const result = controller.pick();
      if (result.kind !== "pick") continue;
      const fails = failing.includes(result.subchannel.name);
      result.observer?.onEnd(fails ? { code: StatusCode.INTERNAL, message: "" } : OK);
    }
  }

  it("takes an endpoint out whose calls fail, and gives it back with the connection that it had", () => {
    start(["a", "b", "c"]);
    call(30, ["b:1"]);
    controller.platform.advance(9999);
    assert.deepEqual(Object.keys(countPicks(controller, 6)).sort(), ["a:1", "b:1", "c:1"]);
    controller.platform.advance(1);
    assert.deepEqual(countPicks(controller, 6), { "a:1": 3, "c:1": 3 });
    assert.deepEqual(
      controller.takeLog().filter((line) => /release|connect/.test(line)),
      [],
      "it stays connected",
    );
    controller.platform.advance(30_000);
    assert.deepEqual(countPicks(controller, 6), { "a:1": 3, "c:1": 3 }, "30 s are not over before the next sweep");
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 6), { "a:1": 2, "b:1": 2, "c:1": 2 });
    assert.equal(controller.subchannels.length, 3);
  });

  it("gives the calls to the real subchannels", () => {
    start(["a"]);
    const result = controller.pick();
    assert.equal(result.kind === "pick" && result.subchannel, controller.at("a:1"));
    assert.equal(controller.pick(), controller.pick(), "a pick makes no object");
  });

  it("says of an ejected endpoint that it is one, where none is left", () => {
    start(["a", "b"], { ...rules, maxEjectionPercent: 100 });
    call(30, ["a:1", "b:1"]);
    controller.platform.advance(10_000);
    assert.equal(
      controller.takeLog().at(-1),
      "TRANSIENT_FAILURE fail: a:1 is ejected: too many of its calls failed (outlier detection); b:1 is ejected: too many of its calls failed (outlier detection)",
    );
    controller.platform.advance(40_000);
    assert.equal(controller.state, "READY");
  });

  it("has an endpoint that is connected anew ejected still", () => {
    start(["a", "b"]);
    call(30, ["b:1"]);
    controller.platform.advance(10_000);
    controller.at("b:1").become("IDLE", "connection lost");
    controller.at("b:1").become("READY");
    assert.deepEqual(countPicks(controller, 4), { "a:1": 4 });
    controller.platform.advance(40_000);
    assert.deepEqual(countPicks(controller, 4), { "a:1": 2, "b:1": 2 });
  });

  it("passes on what a subchannel says that is not READY, ejected or not", () => {
    start(["a", "b"]);
    call(30, ["b:1"]);
    controller.platform.advance(10_000);
    controller.takeLog();
    controller.at("b:1").become("IDLE", "connection lost");
    assert.ok(controller.takeLog().includes("connect b:1"));
    controller.at("b:1").fail();
    controller.platform.advance(40_000);
    assert.deepEqual(countPicks(controller, 2), { "a:1": 2 });
    controller.at("b:1").become("IDLE");
    controller.at("b:1").become("READY");
    assert.deepEqual(countPicks(controller, 4), { "a:1": 2, "b:1": 2 });
  });

  it("takes all addresses of an endpoint for one", () => {
    start([]);
    policy.onUpdate({ endpoints: [endpoint("a", "x"), endpoint("b")], config: config(rules) });
    controller.at("a:1").become("READY");
    controller.at("b:1").become("READY");
    call(30, ["a:1"]);
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 2), { "b:1": 2 });
    controller.at("a:1").become("IDLE");
    controller.at("a:1").fail();
    controller.at("x:1").become("READY");
    assert.deepEqual(countPicks(controller, 2), { "b:1": 2 }, "the other address does not help");
    controller.platform.advance(40_000);
    assert.deepEqual(countPicks(controller, 4), { "b:1": 2, "x:1": 2 });
  });

  it("does not eject what pick_first has to itself", () => {
    start(["a", "b"], { ...rules, childPolicy: [{ pick_first: {} }] });
    call(30, ["a:1"]);
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 2), { "a:1": 2 });
  });

  it("goes on with its interval when a new config comes, and begins with the first that judges", () => {
    start(["a", "b"]);
    call(30, ["b:1"]);
    controller.platform.advance(6000);
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config({ ...rules, interval: "8s" }) });
    controller.platform.advance(1999);
    assert.equal(Object.keys(countPicks(controller, 4)).length, 2);
    controller.platform.advance(1);
    assert.deepEqual(countPicks(controller, 4), { "a:1": 4 });
    controller.platform.advance(3000);
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config({ ...rules, interval: "1s" }) });
    controller.platform.advance(0);
    assert.deepEqual(countPicks(controller, 4), { "a:1": 4 }, "due at once, and not over yet");
  });

  it("lets everyone back when nothing is judged any more, and counts nothing", () => {
    start(["a", "b"]);
    call(30, ["b:1"]);
    controller.platform.advance(10_000);
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config({}) });
    assert.deepEqual(countPicks(controller, 4), { "a:1": 2, "b:1": 2 });
    const result = controller.pick();
    assert.equal(result.kind === "pick" && result.observer, undefined);
    controller.platform.advance(100_000);
    controller.platform.assertQuiet();
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config(rules) });
    const counted = controller.pick();
    assert.notEqual(counted.kind === "pick" && counted.observer, undefined);
    call(30, ["b:1"]);
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 4), { "a:1": 4 });
  });

  it("forgets endpoints that are gone, and knows those that stay", () => {
    start(["a", "b", "c"]);
    call(30, ["b:1", "c:1"]);
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config(rules) });
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 2), { "a:1": 2 });
    policy.onUpdate({ endpoints: endpoints("a", "b", "c"), config: config(rules) });
    controller.at("c:1").become("READY");
    assert.deepEqual(countPicks(controller, 4), { "a:1": 2, "c:1": 2 });
  });

  it("has another child policy take over without a gap", () => {
    start(["a", "b"]);
    const inner = { ...rules, childPolicy: [{ weighted_round_robin: {} }] };
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config(inner) });
    assert.equal(controller.pick().kind, "pick");
    for (const subchannel of controller.subchannels.slice(2)) subchannel.become("READY");
    call(30, ["b:1"]);
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 4), { "a:1": 4 });
  });

  it("leaves the observers of the policy below it in place", () => {
    const seen: string[] = [];
    const observer: PickObserver = {
      onStart: () => seen.push("start"),
      onEnd: (status) => seen.push(`end ${status.code}`),
    };
    const observing: LoadBalancingPolicyFactory = {
      ...roundRobin,
      name: "observing",
      create: (below) =>
        roundRobin.create({
          createSubchannel: (address, listener, options) => below.createSubchannel(address, listener, options),
          update: (state, picker) => below.update(state, new ObservedPicker(picker, observer)),
          requestResolution: () => below.requestResolution(),
          now: () => below.now(),
          random: () => below.random(),
          setTimer: (at, fn) => below.setTimer(at, fn),
        }),
    };
    controller = new FakeController();
    policy = outlierDetection.create(controller);
    const chosen = config({ ...rules, childPolicy: [{ observing: {} }] }, [observing]);
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: chosen });
    for (const host of ["a", "b"]) controller.at(`${host}:1`).become("READY");
    const result = controller.pick();
    if (result.kind === "pick") {
      result.observer?.onStart?.();
      result.observer?.onEnd(OK);
    }
    assert.deepEqual(seen, ["start", "end 0"]);
    call(30, ["b:1"]);
    controller.platform.advance(10_000);
    assert.deepEqual(countPicks(controller, 4), { "a:1": 4 });
  });
});
