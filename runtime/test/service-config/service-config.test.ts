import assert from "node:assert/strict";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import { emptyMethodConfig } from "../../src/service-config/method-config.js";
import { emptyServiceConfig, parseServiceConfig, type ServiceConfig } from "../../src/service-config/service-config.js";

function method(service: string, name: string): MethodDescriptor {
  return { path: `/${service}/${name}`, service, name } as MethodDescriptor;
}

function parsed(json: unknown): ServiceConfig {
  const result = parseServiceConfig(json);
  if ("error" in result) assert.fail(result.error);
  return result.value;
}

describe("ServiceConfig", () => {
  it("takes the most exact name: method, service, all", () => {
    const config = parsed({
      methodConfig: [
        { name: [{}], timeout: "3s" },
        { name: [{ service: "shop.v1.Shop" }], timeout: "2s" },
        { name: [{ service: "shop.v1.Shop", method: "Get" }], timeout: "1s" },
      ],
    });
    assert.equal(config.methodConfig(method("shop.v1.Shop", "Get")).timeoutMs, 1000);
    assert.equal(config.methodConfig(method("shop.v1.Shop", "List")).timeoutMs, 2000);
    assert.equal(config.methodConfig(method("other.Thing", "Get")).timeoutMs, 3000);
  });

  it("does not take a prefix for a name", () => {
    const config = parsed({ methodConfig: [{ name: [{ service: "shop.v1.Shop" }], timeout: "2s" }] });
    assert.equal(config.methodConfig(method("shop.v1.Shopping", "Get")), emptyMethodConfig);
    assert.equal(config.methodConfig(method("shop.v1", "Shop")), emptyMethodConfig);
  });

  it("reads every field", () => {
    const config = parsed({
      methodConfig: [
        {
          name: [{ service: "a.B", method: "C" }, { service: "d.E" }],
          timeout: "0.5s",
          waitForReady: true,
          maxRequestMessageBytes: 100,
          maxResponseMessageBytes: "200",
        },
      ],
    });
    const expected = { timeoutMs: 500, waitForReady: true, maxRequestBytes: 100, maxResponseBytes: 200 };
    assert.deepEqual(config.methodConfig(method("a.B", "C")), expected);
    assert.deepEqual(config.methodConfig(method("d.E", "F")), expected);
    assert.ok(Object.isFrozen(config.methodConfig(method("d.E", "F"))));
  });

  it("says nothing where nothing is said", () => {
    assert.equal(emptyServiceConfig.methodConfig(method("a.B", "C")), emptyMethodConfig);
    assert.equal(parsed({}).methodConfig(method("a.B", "C")), emptyMethodConfig);
    assert.equal(parsed({ methodConfig: [] }).methodConfig(method("a.B", "C")), emptyMethodConfig);
  });
});

describe("parseServiceConfig", () => {
  const one = (entry: unknown): unknown => ({ methodConfig: [entry] });
  const known = "name, timeout, waitForReady, maxRequestMessageBytes, maxResponseMessageBytes";
  const bytes = "expected a whole number of bytes from 0 to 4294967295";
  const bad: readonly [unknown, string][] = [
    [null, "serviceConfig is null: expected an object"],
    [[], "serviceConfig is []: expected an object"],
    ["{}", 'serviceConfig is "{}": expected an object'],
    [
      { loadBalancingConfig: [] },
      "serviceConfig.loadBalancingConfig is not a field that has an effect: expected one of methodConfig",
    ],
    [{ methodConfig: {} }, "serviceConfig.methodConfig is {}: expected a list"],
    [one(1), "serviceConfig.methodConfig[0] is 1: expected an object"],
    [one({}), "serviceConfig.methodConfig[0].name is undefined: expected a list of {service, method}"],
    [one({ name: [1] }), "serviceConfig.methodConfig[0].name[0] is 1: expected {service, method}"],
    [one({ name: [{ service: 1 }] }), "serviceConfig.methodConfig[0].name[0].service is 1: expected text"],
    [
      one({ name: [{ service: "a", method: [] }] }),
      "serviceConfig.methodConfig[0].name[0].method is []: expected text",
    ],
    [one({ name: [{ method: "Get" }] }), 'serviceConfig.methodConfig[0].name[0].method is "Get" without a service'],
    [
      one({ name: [{ svc: "a" }] }),
      "serviceConfig.methodConfig[0].name[0].svc is not a field that has an effect: expected one of service, method",
    ],
    [
      one({ name: [], retryPolicy: {} }),
      `serviceConfig.methodConfig[0].retryPolicy is not a field that has an effect: expected one of ${known}`,
    ],
    [
      one({ name: [], maxRequestBytes: 1 }),
      `serviceConfig.methodConfig[0].maxRequestBytes is not a field that has an effect: expected one of ${known}`,
    ],
    [one({ name: [], timeout: 5 }), 'serviceConfig.methodConfig[0].timeout is 5: expected a duration such as "1.5s"'],
    [one({ name: [], waitForReady: 1 }), "serviceConfig.methodConfig[0].waitForReady is 1: expected true or false"],
    [
      one({ name: [], maxRequestMessageBytes: -1 }),
      `serviceConfig.methodConfig[0].maxRequestMessageBytes is -1: ${bytes}`,
    ],
    [
      one({ name: [], maxResponseMessageBytes: 1.5 }),
      `serviceConfig.methodConfig[0].maxResponseMessageBytes is 1.5: ${bytes}`,
    ],
    [
      one({ name: [], maxResponseMessageBytes: 2 ** 32 }),
      `serviceConfig.methodConfig[0].maxResponseMessageBytes is 4294967296: ${bytes}`,
    ],
    [
      { methodConfig: [{ name: [{ service: "a", method: "B" }] }, { name: [{}, { service: "a", method: "B" }] }] },
      'serviceConfig.methodConfig[1].name[1] names "/a/B" a second time',
    ],
    [
      { methodConfig: [{ name: [{}] }, { name: [{}] }] },
      'serviceConfig.methodConfig[1].name[0] names "" a second time',
    ],
  ];
  for (const [json, error] of bad) {
    it(error, () => assert.deepEqual(parseServiceConfig(json), { error }));
  }
});
