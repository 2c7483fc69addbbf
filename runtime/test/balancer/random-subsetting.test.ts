import assert from "node:assert/strict";
import type { LoadBalancingPolicy } from "../../src/balancer/load-balancing-policy.js";
import { type RandomSubsettingConfig, randomSubsetting } from "../../src/balancer/random-subsetting.js";
import { PolicyRegistry } from "../../src/balancer/registry.js";
import { roundRobin } from "../../src/balancer/round-robin.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { endpoint, endpoints, FakeController } from "./fake-controller.js";
import { countPicks } from "./pick-counts.js";

const childPolicy = { factory: roundRobin, config: {} };

function parse(json: Readonly<Record<string, unknown>>): unknown {
  const parsed = randomSubsetting.parseConfig(json, "x", new PolicyRegistry().source("reject"));
  return "error" in parsed ? parsed.error : [parsed.value.subsetSize, parsed.value.childPolicy.factory.name];
}

function create(seed: number): { controller: FakeController; policy: LoadBalancingPolicy<RandomSubsettingConfig> } {
  const controller = new FakeController({ seed });
  return { controller, policy: randomSubsetting.create(controller) };
}

/** The hosts that a client with this seed is connected to, or tries. */
function subsetOf(controller: FakeController): string[] {
  const open = controller.subchannels.filter(({ state }) => state !== "SHUTDOWN");
  return open.map(({ name }) => name.replace(":1", "")).sort();
}

const servers = (from: number, to: number): string[] => {
  return Array.from({ length: to - from }, (_, i) => `10.0.0.${from + i}`);
};

describe("random_subsetting", () => {
  it("wants a size and a policy (gRFC A68)", () => {
    assert.deepEqual(parse({ subsetSize: 3, childPolicy: [{ round_robin: {} }] }), [3, "round_robin"]);
    assert.equal(parse({}), "x.subsetSize is undefined: expected a whole number of 1 or more");
    assert.equal(parse({ subsetSize: 0 }), "x.subsetSize is 0: expected a whole number of 1 or more");
    assert.equal(parse({ subsetSize: 1 }), "x.childPolicy is undefined: expected a list of { policy: config }");
    assert.equal(
      parse({ subsetSize: 1, childPolicy: [{ round_robin: { y: 1 } }] }),
      "x.childPolicy[0].round_robin.y is not a field that is known: expected no field",
    );
  });

  it("gives the policy below it so many endpoints, and all where there are not more", () => {
    const { controller, policy } = create(1);
    policy.onUpdate({ endpoints: endpoints(...servers(1, 11)), config: { subsetSize: 3, childPolicy } });
    assert.equal(subsetOf(controller).length, 3);
    policy.onUpdate({ endpoints: endpoints(...servers(1, 11)), config: { subsetSize: 10, childPolicy } });
    assert.deepEqual(subsetOf(controller), servers(1, 11).sort());
    for (const subchannel of controller.subchannels) subchannel.become("READY");
    assert.equal(Object.keys(countPicks(controller, 10)).length, 10);
  });

  it("has the same part for the same endpoints in whatever order", () => {
    const { controller, policy } = create(1);
    const config = { subsetSize: 3, childPolicy };
    policy.onUpdate({ endpoints: endpoints(...servers(1, 11)), config });
    const before = subsetOf(controller);
    policy.onUpdate({ endpoints: endpoints(...servers(1, 11).reverse()), config });
    assert.deepEqual(subsetOf(controller), before);
  });

  it("changes one endpoint at most when one comes or goes", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { controller, policy } = create(seed);
      const config = { subsetSize: 4, childPolicy };
      let before: string[] = [];
      for (const hosts of [servers(1, 11), servers(1, 12), servers(2, 12)]) {
        policy.onUpdate({ endpoints: endpoints(...hosts), config });
        const now = subsetOf(controller);
        assert.equal(now.length, 4);
        if (before.length > 0) assert.ok(now.filter((host) => !before.includes(host)).length <= 1);
        before = now;
      }
    }
  });

  it("gives each of ten servers its share of 1000 clients' connections: within a quarter of 300 (five deviations)", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 1000; seed++) {
      const { controller, policy } = create(seed * 7919);
      policy.onUpdate({ endpoints: endpoints(...servers(1, 11)), config: { subsetSize: 3, childPolicy } });
      for (const host of subsetOf(controller)) counts.set(host, (counts.get(host) ?? 0) + 1);
    }
    assert.equal(counts.size, 10);
    for (const [host, count] of counts) assert.ok(Math.abs(count - 300) < 73, `${host} has ${count}`);
  });

  it("goes by the first address of an endpoint", () => {
    const { controller, policy } = create(1);
    const config = { subsetSize: 1, childPolicy };
    policy.onUpdate({ endpoints: endpoints("a", "b", "c"), config });
    const [chosen] = subsetOf(controller);
    const given = ["a", "b", "c"].map((host) => endpoint(host, `${host}6`));
    policy.onUpdate({ endpoints: given, config });
    for (const host of subsetOf(controller)) assert.equal(host[0], chosen);
  });

  it("passes on what else it is told", () => {
    const { controller, policy } = create(1);
    policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "no such host" });
    assert.deepEqual(controller.takeLog(), ["TRANSIENT_FAILURE fail: no such host"]);
    assert.equal(policy.onUpdate({ endpoints: [], config: { subsetSize: 1, childPolicy } }), false);
    policy.onUpdate({ endpoints: endpoints("a"), config: { subsetSize: 1, childPolicy } });
    policy.exitIdle();
    policy.close();
    assert.equal(controller.at("a:1").state, "SHUTDOWN");
  });
});
