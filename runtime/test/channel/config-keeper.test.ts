import assert from "node:assert/strict";
import { defaultPolicy, PolicyRegistry } from "../../src/balancer/registry.js";
import { parseChannelConfig } from "../../src/channel/channel-config.js";
import { ConfigKeeper } from "../../src/channel/config-keeper.js";
import type { ResolverResult } from "../../src/resolver/resolver.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { emptyServiceConfig } from "../../src/service-config/service-config.js";
import type { ServiceConfigInit } from "../../src/service-config/service-config-init.js";
import { configOf } from "./channel-fixture.js";
import { method } from "./recorded-call.js";

const endpoints: ResolverResult["endpoints"] = { value: [] };
const failed = { endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such host" } } };
const withTimeout = (timeout: unknown): ResolverResult => ({
  endpoints,
  serviceConfig: { value: { methodConfig: [{ name: [{}], timeout }] } as ServiceConfigInit },
});

/** The timeout that is in force after each result, and the problem with the last. */
function play(keeper: ConfigKeeper, ...results: ResolverResult[]): [timeouts: unknown[], words: string | undefined] {
  const timeouts: unknown[] = [];
  let words: string | undefined;
  for (const result of results) {
    const kept = keeper.take(result);
    words = kept.problem;
    timeouts.push(kept.config === undefined ? "none" : kept.config.service.methodConfig(method).timeoutMs);
  }
  return [timeouts, words];
}

const policies = new PolicyRegistry();

function keeper(own = emptyServiceConfig): ConfigKeeper {
  const parse = (json: unknown) => parseChannelConfig(json, "ignore", policies, defaultPolicy);
  return new ConfigKeeper({ service: own, policy: defaultPolicy }, parse);
}

const bad = withTimeout("1h");
const problem =
  'the resolver\'s service config is refused: serviceConfig.methodConfig[0].timeout is "1h": expected a duration such as "1.5s"';

describe("ConfigKeeper (gRFC A21)", () => {
  const own = configOf({ methodConfig: [{ name: [{}], timeout: "9s" }] });

  it("takes what the resolver gives, and the channel's own where it gives none", () => {
    assert.deepEqual(play(keeper(own), withTimeout("1s"), withTimeout("2s"), { endpoints }), [
      [1000, 2000, 9000],
      undefined,
    ]);
  });

  it("keeps the last good one while a newer one is bad", () => {
    assert.deepEqual(play(keeper(own), withTimeout("1s"), bad, bad), [[1000, 1000, 1000], problem]);
  });

  for (const [what, config] of [
    ["lists in lists", { x: JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) }],
    [
      "policies in policies",
      JSON.parse(
        `{"loadBalancingConfig":${'[{"outlier_detection":{"childPolicy":'.repeat(3000)}[{"round_robin":{}}]${"}}]".repeat(3000)}}`,
      ),
    ],
  ] as const) {
    it(`keeps the last good one while a newer one has ${what} without an end`, () => {
      const deep = { endpoints, serviceConfig: { value: config as ServiceConfigInit } };
      const words = "the resolver's service config is refused: it is nested more than 100 levels deep";
      assert.deepEqual(play(keeper(own), withTimeout("1s"), deep), [[1000, 1000], words]);
    });
  }

  it("keeps that there was none, too", () => {
    assert.deepEqual(play(keeper(), { endpoints }, bad), [[undefined, undefined], problem]);
  });

  it("falls back on the channel's own while there was no good one", () => {
    assert.deepEqual(play(keeper(own), bad, withTimeout("1s"), bad), [[9000, 1000, 1000], problem]);
    assert.deepEqual(play(keeper(own), bad), [[9000], problem]);
  });

  it("fails where there is none at all, until there is a good one", () => {
    assert.deepEqual(play(keeper(), bad), [["none"], problem]);
    assert.deepEqual(play(keeper(), failed, bad, withTimeout("1s")), [[undefined, "none", 1000], undefined]);
  });

  it("takes the policy with it", () => {
    const own = keeper();
    const config = { loadBalancingConfig: [{ round_robin: {} }] };
    const policyOf = (result: ResolverResult) => own.take(result).config?.policy.factory.name;
    assert.equal(policyOf({ endpoints, serviceConfig: { value: config } }), "round_robin");
    assert.equal(policyOf({ endpoints, serviceConfig: { value: { loadBalancingConfig: [] } } }), "round_robin");
    assert.equal(policyOf({ endpoints }), "pick_first");
  });

  it("hears a status as a bad config", () => {
    const status = { code: StatusCode.UNAVAILABLE, message: "no answer" };
    assert.deepEqual(play(keeper(own), withTimeout("1s"), { endpoints, serviceConfig: { status } }), [
      [1000, 1000],
      "no answer",
    ]);
  });

  it("changes nothing when the name could not be resolved", () => {
    assert.deepEqual(play(keeper(own), withTimeout("1s"), failed), [[1000, 1000], undefined]);
  });
});
