import assert from "node:assert/strict";
import type { LoadBalancingPolicyFactory } from "../../src/balancer/load-balancing-policy.js";
import { roundRobin } from "../../src/balancer/round-robin.js";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import type { ServiceConfigInit } from "../../src/service-config/service-config-init.js";
import { endpoints } from "../balancer/fake-controller.js";
import { FakePlatform } from "../support/fake-platform.js";
import { ChannelFixture } from "./channel-fixture.js";

const hosts = { value: endpoints("10.0.0.1", "10.0.0.2") };
const roundRobinConfig: ServiceConfigInit = { loadBalancingConfig: [{ grpclb: {} }, { round_robin: {} }] };
const badConfig: ServiceConfigInit = { loadBalancingConfig: [{ grpclb: {} }] };
const refusal =
  "the resolver's service config is refused: serviceConfig.loadBalancingConfig names no policy that is known (grpclb): expected one of ";

/** pick_first connects to one of the two addresses at first, round_robin to both. */
function policyOf(f: ChannelFixture): "pick_first" | "round_robin" {
  return f.connector.attempts.length === 1 ? "pick_first" : "round_robin";
}

describe("the policy of a channel", () => {
  it("is pick_first", () => {
    const f = new ChannelFixture();
    f.channel.connect();
    f.resolver.tell({ endpoints: hosts });
    assert.equal(policyOf(f), "pick_first");
  });

  it("is its own, where the service config names none", () => {
    const f = new ChannelFixture({ policy: { factory: roundRobin, config: {} } });
    f.channel.connect();
    f.resolver.tell({ endpoints: hosts, serviceConfig: { value: {} } });
    assert.equal(policyOf(f), "round_robin");
  });

  it("is that of the resolver's service config", () => {
    const f = new ChannelFixture();
    f.channel.connect();
    f.resolver.tell({ endpoints: hosts, serviceConfig: { value: roundRobinConfig } });
    assert.equal(policyOf(f), "round_robin");
  });

  it("may have the name of the deprecated field", () => {
    const f = new ChannelFixture();
    f.channel.connect();
    f.resolver.tell({ endpoints: hosts, serviceConfig: { value: { loadBalancingPolicy: "ROUND_ROBIN" } } });
    assert.equal(policyOf(f), "round_robin");
  });

  it("stays when a bad config comes, with new endpoints, which are asked for again (gRFC A21)", () => {
    const f = new ChannelFixture();
    f.channel.connect();
    f.resolver.tell({ endpoints: hosts, serviceConfig: { value: roundRobinConfig } });
    const three = { value: endpoints("10.0.0.1", "10.0.0.2", "10.0.0.3") };
    assert.equal(f.resolver.tell({ endpoints: three, serviceConfig: { value: badConfig } }), false);
    assert.equal(f.connector.attempts.length, 3);
    f.platform.advance(1200);
    assert.equal(f.resolver.hints, 1);
    for (const attempt of f.connector.attempts) attempt.refuse();
    assert.ok(f.call().outcome.includes(`was refused (ECONNREFUSED); ${refusal}`), "the note says why");
  });

  it("is none when a bad config comes first: calls fail with what is wrong, until there is a good one", () => {
    const f = new ChannelFixture();
    const call = f.call();
    assert.equal(f.resolver.tell({ endpoints: hosts, serviceConfig: { value: badConfig } }), false);
    assert.ok(call.outcome.startsWith(`UNAVAILABLE: no connection to "shop": ${refusal}`), call.outcome);
    assert.equal(f.connector.attempts.length, 0);
    f.platform.advance(1200);
    assert.equal(f.resolver.hints, 1);
    assert.equal(f.resolver.tell({ endpoints: hosts, serviceConfig: { value: roundRobinConfig } }), true);
    f.connector.last.succeed();
    f.call();
    assert.equal(f.connector.last.transport?.calls.length, 1);
  });

  it("is none when no config could be had", () => {
    const f = new ChannelFixture();
    const call = f.call();
    const status = { code: StatusCode.UNAVAILABLE, message: "no answer to TXT _grpc_config.shop" };
    assert.equal(f.resolver.tell({ endpoints: hosts, serviceConfig: { status } }), false);
    assert.equal(call.outcome, 'UNAVAILABLE: no connection to "shop": no answer to TXT _grpc_config.shop');
  });

  it("is not settled by a resolution that failed", () => {
    const f = new ChannelFixture();
    f.channel.connect();
    f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such host" } } });
    f.resolver.tell({ endpoints: hosts, serviceConfig: { value: badConfig } });
    assert.ok(f.call().outcome.includes(refusal));
  });

  it("is told what went wrong in its parser", () => {
    const f = new ChannelFixture();
    const call = f.call();
    const config = { loadBalancingConfig: [{ pick_first: { shuffleAddressList: 1 } }] };
    f.resolver.tell({ endpoints: hosts, serviceConfig: { value: config } });
    const problem = "serviceConfig.loadBalancingConfig[0].pick_first.shuffleAddressList is 1: expected true or false";
    assert.ok(call.outcome.endsWith(problem), call.outcome);
  });
});

describe("createChannel", () => {
  const own: LoadBalancingPolicyFactory = { ...roundRobin, name: "own" };
  const open = (options: object): unknown =>
    createChannel("ipv4:10.0.0.1:1,10.0.0.2:1", { credentials: insecure(), platform: new FakePlatform(), ...options });

  for (const [options, problem] of [
    [{ loadBalancing: "grpclb" }, 'loadBalancing is "grpclb": expected one of '],
    [{ loadBalancing: {} }, "loadBalancing is {}: expected the name of a policy, or { policy: config }"],
    [{ loadBalancing: { round_robin: { x: 1 } } }, "loadBalancing.round_robin.x is not a field that is known"],
    [{ loadBalancing: { round_robin: 1 } }, "loadBalancing.round_robin is 1: expected an object"],
    [{ serviceConfig: badConfig }, "serviceConfig.loadBalancingConfig names no policy that is known (grpclb)"],
    [
      { serviceConfig: { loadBalancingConfig: [{ pick_first: { x: 1 } }] } },
      "serviceConfig.loadBalancingConfig[0].pick_first.x is not a field that is known",
    ],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => open(options), {
        name: "TypeError",
        message: new RegExp(`^${problem.replace(/[[\](){}.]/g, "\\$&")}`),
      });
    });
  }

  for (const options of [
    { loadBalancing: "round_robin" },
    { loadBalancing: { round_robin: {} } },
    { loadBalancing: "own", loadBalancingPolicies: [own] },
    { serviceConfig: roundRobinConfig },
    { serviceConfig: { loadBalancingConfig: [{ own: {} }] }, loadBalancingPolicies: [own] },
  ]) {
    it(`takes ${JSON.stringify(options)}`, () => {
      const platform = new FakePlatform();
      const channel = createChannel("ipv4:10.0.0.1:1,10.0.0.2:1", { credentials: insecure(), platform, ...options });
      channel.connect();
      platform.runTurns();
      assert.deepEqual(platform.attempts, ["10.0.0.1:1", "10.0.0.2:1"]);
      void channel.close();
    });
  }

  it("lets a service config go before its own policy", () => {
    const platform = new FakePlatform();
    const channel = createChannel("ipv4:10.0.0.1:1,10.0.0.2:1", {
      credentials: insecure(),
      platform,
      loadBalancing: "round_robin",
      serviceConfig: { loadBalancingConfig: [{ pick_first: {} }] },
    });
    channel.connect();
    platform.runTurn();
    assert.deepEqual(platform.attempts, ["10.0.0.1:1"]);
    void channel.close();
  });
});
