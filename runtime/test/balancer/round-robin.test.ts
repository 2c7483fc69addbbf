import assert from "node:assert/strict";
import type { LoadBalancingPolicy } from "../../src/balancer/load-balancing-policy.js";
import { roundRobin } from "../../src/balancer/round-robin.js";
import type { Endpoint } from "../../src/resolver/endpoint.js";
import type { RequestHeaders } from "../../src/rpc/invoker.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { endpoint, endpoints, FakeController } from "./fake-controller.js";
import { countPicks } from "./pick-counts.js";

function start(...given: Endpoint[]): { controller: FakeController; policy: LoadBalancingPolicy } {
  const controller = new FakeController();
  const policy = roundRobin.create(controller);
  assert.equal(policy.onUpdate({ endpoints: given, config: {} }), true);
  return { controller, policy };
}

function ready(...hosts: string[]): ReturnType<typeof start> {
  const started = start(...endpoints(...hosts));
  for (const host of hosts) started.controller.at(`${host}:1`).become("READY");
  started.controller.takeLog();
  return started;
}

describe("round_robin", () => {
  it("connects to every endpoint at once, and tells it once", () => {
    const { controller } = start(...endpoints("a", "b", "c"));
    assert.deepEqual(controller.takeLog(), ["connect a:1", "connect b:1", "connect c:1", "CONNECTING queue"]);
  });

  it("is READY with the first endpoint, and takes the others in as they come", () => {
    const { controller } = start(...endpoints("a", "b"));
    controller.at("b:1").become("READY");
    assert.deepEqual(countPicks(controller, 100), { "b:1": 100 });
    controller.at("a:1").become("READY");
    assert.deepEqual(countPicks(controller, 100), { "a:1": 50, "b:1": 50 });
  });

  it("gives each of three endpoints a third of 10,000 calls, exactly", () => {
    const { controller } = ready("a", "b", "c");
    const counts = Object.values(countPicks(controller, 10_000));
    assert.deepEqual(counts.sort(), [3333, 3333, 3334]);
  });

  it("makes no object for a pick", () => {
    const { controller } = ready("a");
    assert.equal(controller.pick(), controller.pick());
  });

  it("begins anywhere, so that clients do not all begin with the same endpoint", () => {
    const firsts = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const controller = new FakeController({ seed: i });
      roundRobin.create(controller).onUpdate({ endpoints: endpoints("a", "b", "c"), config: {} });
      for (const host of ["a", "b", "c"]) controller.at(`${host}:1`).become("READY");
      firsts.add(Object.keys(countPicks(controller, 1))[0] as string);
    }
    assert.equal(firsts.size, 3);
  });

  it("leaves out an endpoint whose connection is lost, and connects to it again", () => {
    const { controller } = ready("a", "b");
    controller.at("a:1").become("IDLE", "connection lost");
    assert.deepEqual(countPicks(controller, 10), { "b:1": 10 });
    assert.ok(controller.takeLog().includes("connect a:1"));
    assert.equal(controller.state, "READY");
    controller.at("a:1").become("READY");
    assert.deepEqual(countPicks(controller, 10), { "a:1": 5, "b:1": 5 });
  });

  it("has calls wait while an endpoint may connect, and fails them when all have failed", () => {
    const { controller } = start(...endpoints("a", "b"));
    controller.at("a:1").fail();
    assert.equal(controller.pick().kind, "queue");
    controller.takeLog();
    controller.at("b:1").fail();
    assert.deepEqual(controller.takeLog(), [
      "TRANSIENT_FAILURE fail: connect to a:1 was refused; connect to b:1 was refused",
      "resolve",
    ]);
    controller.at("a:1").become("IDLE", "connect to a:1 was refused");
    assert.deepEqual(controller.takeLog(), ["connect a:1"], "and stays so until one is connected");
    controller.at("a:1").become("READY");
    assert.equal(controller.state, "READY");
  });

  it("has one connection to an endpoint of several addresses", () => {
    const { controller } = start(endpoint("a4", "a6"), endpoint("b"));
    controller.at("a4:1").fail();
    controller.at("a6:1").become("READY");
    controller.at("b:1").become("READY");
    assert.deepEqual(countPicks(controller, 10), { "a6:1": 5, "b:1": 5 });
  });

  it("asks for healthy subchannels", () => {
    const { controller } = start(...endpoints("a"));
    assert.equal(controller.at("a:1").options.checksHealth, true);
  });

  it("does not connect again to endpoints that stay", () => {
    const { controller, policy } = ready("a", "b");
    policy.onUpdate({ endpoints: endpoints("b", "c", "a"), config: {} });
    assert.deepEqual(controller.takeLog().slice(0, -1), ["connect c:1"]);
    policy.onUpdate({ endpoints: endpoints("b"), config: {} });
    assert.deepEqual(controller.takeLog().slice(1), ["release c:1", "release a:1"].sort().reverse());
    assert.deepEqual(countPicks(controller, 3), { "b:1": 3 });
  });

  it("fails without endpoints, and works with the next ones", () => {
    const { controller, policy } = ready("a");
    assert.equal(policy.onUpdate({ endpoints: [], config: {} }), false);
    assert.deepEqual(controller.takeLog(), [
      "TRANSIENT_FAILURE fail: the name was resolved to no address",
      "release a:1",
    ]);
    assert.equal(policy.onUpdate({ endpoints: endpoints("b"), config: {} }), true);
    controller.at("b:1").become("READY");
    assert.deepEqual(countPicks(controller, 1), { "b:1": 1 });
  });

  it("passes a failed resolution on unless it knows endpoints", () => {
    const status = { code: StatusCode.UNAVAILABLE, message: "no such host" };
    const controller = new FakeController();
    const policy = roundRobin.create(controller);
    policy.onResolverError(status);
    assert.deepEqual(controller.takeLog(), ["TRANSIENT_FAILURE fail: no such host"]);
    policy.onUpdate({ endpoints: endpoints("a"), config: {} });
    controller.takeLog();
    policy.onResolverError(status);
    assert.deepEqual(controller.takeLog(), []);
  });

  it("releases everything at its close", () => {
    const { controller, policy } = ready("a", "b");
    policy.onUpdate({ endpoints: endpoints("c"), config: {} });
    controller.takeLog();
    policy.close();
    assert.deepEqual(controller.takeLog().sort(), ["release a:1", "release b:1", "release c:1"]);
    assert.equal(controller.platform.timers, 0);
  });

  it("has no config", () => {
    const policies = { choose: () => assert.fail("not here"), withoutEffect: "reject" } as const;
    assert.deepEqual(roundRobin.parseConfig({}, "x", policies), { value: {} });
    const parsed = roundRobin.parseConfig({ size: 1 }, "x", policies);
    assert.match("error" in parsed ? parsed.error : "", /^x\.size is not a field that is known/);
  });

  it("picks for whatever headers", () => {
    const { controller } = ready("a");
    assert.equal(controller.picker?.pick({} as RequestHeaders).kind, "pick");
  });
});
