import assert from "node:assert/strict";
import type { LoadBalancingPolicyFactory } from "../../src/balancer/load-balancing-policy.js";
import { pickFirst } from "../../src/balancer/pick-first/pick-first.js";
import { PolicyRegistry } from "../../src/balancer/registry.js";

const path = "serviceConfig.loadBalancingConfig";
const own: LoadBalancingPolicyFactory = {
  name: "own",
  parseConfig: (json, at) => (json["bad"] === undefined ? { value: json } : { error: `${at}.bad is bad` }),
  create: () => assert.fail("not here"),
};

function choose(list: unknown): unknown {
  const chosen = new PolicyRegistry([own]).source("reject").choose(list, path);
  return "error" in chosen ? chosen.error : [chosen.value.factory.name, chosen.value.config];
}

describe("PolicyRegistry", () => {
  it("chooses the first policy that it knows, with its config (gRFC A24)", () => {
    assert.deepEqual(choose([{ grpclb: {} }, { own: { x: 1 } }, { pick_first: {} }]), ["own", { x: 1 }]);
    assert.deepEqual(choose([{ pick_first: { shuffleAddressList: true } }]), [
      "pick_first",
      { shuffleAddressList: true },
    ]);
  });

  it("refuses the list when that config is bad, though it knows one behind it", () => {
    assert.equal(choose([{ own: { bad: 1 } }, { pick_first: {} }]), `${path}[0].own.bad is bad`);
    assert.equal(choose([{ pick_first: [] }]), `${path}[0].pick_first is []: expected an object`);
    assert.equal(
      choose([{ pick_first: { shuffleAddressList: "yes" } }]),
      `${path}[0].pick_first.shuffleAddressList is "yes": expected true or false`,
    );
    assert.equal(
      choose([{ pick_first: { shuffle: true } }]),
      `${path}[0].pick_first.shuffle is not a field that is known: expected one of shuffleAddressList`,
    );
  });

  it("says what is wrong with a list", () => {
    assert.equal(choose("own"), `${path} is "own": expected a list of { policy: config }`);
    assert.match(String(choose([])), /^serviceConfig\.loadBalancingConfig is empty: expected one of pick_first/);
    assert.match(String(choose([{ grpclb: {} }, { xds: {} }])), /names no policy that is known \(grpclb, xds\)/);
    const many = Array.from({ length: 1000 }, (_, i) => ({ [`unknown${i}`]: {} }));
    assert.ok(String(choose(many)).length < 300, "it goes into the status of calls");
    assert.equal(
      choose([{ own: {}, grpclb: {} }]),
      `${path}[0] is {"own":{},"grpclb":{}}: expected an object with one policy in it`,
    );
    assert.equal(choose([7]), `${path}[0] is 7: expected an object with one policy in it`);
  });

  it("lets a resolver's config have fields for newer clients", () => {
    const list = [{ pick_first: { shuffle: true } }];
    const chosen = new PolicyRegistry().source("ignore").choose(list, path);
    assert.deepEqual("value" in chosen && chosen.value.config, { shuffleAddressList: false });
  });

  it("knows policies under the names that other gRPC libraries have for them", () => {
    assert.deepEqual(choose([{ least_request_experimental: { choiceCount: 3 } }]), [
      "least_request",
      { choiceCount: 3 },
    ]);
    assert.match(String(choose([{ grpclb_experimental: {} }])), /no policy that is known \(grpclb_experimental\)/);
  });

  it("prefers policies of one's own", () => {
    const mine = { ...own, name: "pick_first" };
    const chosen = new PolicyRegistry([mine]).source("reject").choose([{ pick_first: {} }], path);
    assert.equal("value" in chosen && chosen.value.factory, mine);
    const builtIn = new PolicyRegistry().source("reject").choose([{ pick_first: {} }], path);
    assert.equal("value" in builtIn && builtIn.value.factory, pickFirst);
  });
});
