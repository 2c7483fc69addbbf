import assert from "node:assert/strict";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { emptyMethodConfig } from "../../src/service-config/method-config.js";
import { emptyServiceConfig, parseServiceConfig, type ServiceConfig } from "../../src/service-config/service-config.js";
import type { ServiceConfigInit } from "../../src/service-config/service-config-init.js";

function method(service: string, name: string): MethodDescriptor {
  return { path: `/${service}/${name}`, service, name } as MethodDescriptor;
}

function parsed(json: unknown): ServiceConfig {
  const result = parseServiceConfig(json, "reject");
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
    const expected = {
      ...emptyMethodConfig,
      timeoutMs: 500,
      waitForReady: true,
      maxRequestBytes: 100,
      maxResponseBytes: 200,
    };
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

/** Every field of the schema, each with a value of its own. */
const complete: ServiceConfigInit = {
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: [{ service: "a.B", method: "Retried" }],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.05s",
        maxBackoff: ".25s",
        backoffMultiplier: 1.5,
        retryableStatusCodes: ["UNAVAILABLE", 10],
      },
    },
    {
      name: [{ service: "a.B", method: "Hedged" }],
      hedgingPolicy: { maxAttempts: 3, hedgingDelay: "0.5s", nonFatalStatusCodes: ["UNAVAILABLE", "ABORTED"] },
    },
  ],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
  healthCheckConfig: { serviceName: "a.B" },
  connectionScaling: { maxConnectionsPerSubchannel: 4 },
};

describe("parseServiceConfig", () => {
  it("reads the whole schema", () => {
    const config = parsed(complete);
    const { retryPolicy } = config.methodConfig(method("a.B", "Retried"));
    assert.deepEqual(retryPolicy, {
      maxAttempts: 4,
      initialBackoffMs: 50,
      maxBackoffMs: 250,
      backoffMultiplier: 1.5,
      retryableStatusCodes: new Set([StatusCode.UNAVAILABLE, StatusCode.ABORTED]),
    });
    const { hedgingPolicy } = config.methodConfig(method("a.B", "Hedged"));
    assert.deepEqual(hedgingPolicy, {
      maxAttempts: 3,
      hedgingDelayMs: 500,
      nonFatalStatusCodes: new Set([StatusCode.UNAVAILABLE, StatusCode.ABORTED]),
    });
    assert.deepEqual(config.loadBalancing, {
      list: [{ round_robin: {} }],
      path: "serviceConfig.loadBalancingConfig",
    });
    assert.deepEqual(config.retryThrottling, { maxTokens: 10, tokenRatio: 0.1 });
    assert.equal(config.healthCheckService, "a.B");
    assert.equal(config.maxConnectionsPerSubchannel, 4);
  });

  it("says nothing of what is absent, or null, which is the same in protobuf's JSON", () => {
    const nothing = Object.fromEntries(Object.keys(complete).map((key) => [key, null]));
    for (const json of [{}, nothing, { healthCheckConfig: null, methodConfig: null }]) {
      const config = parsed(json);
      assert.equal(config.loadBalancing, undefined);
      assert.equal(config.retryThrottling, undefined);
      assert.equal(config.healthCheckService, undefined);
      assert.equal(config.maxConnectionsPerSubchannel, undefined);
    }
    const entry = { name: [{ service: "a.B", method: null }], timeout: null, retryPolicy: null };
    const config = parsed({ methodConfig: [entry] });
    assert.deepEqual(config.methodConfig(method("a.B", "C")), emptyMethodConfig);
  });

  it("checks the health of the server as a whole where no service is named (gRFC A17)", () => {
    assert.equal(parsed({ healthCheckConfig: {} }).healthCheckService, "");
  });

  it("takes the deprecated policy where there is no list, in either spelling (gRFC A24)", () => {
    const list = [{ round_robin: {} }];
    const path = "serviceConfig.loadBalancingPolicy";
    for (const loadBalancingPolicy of ["round_robin", "ROUND_ROBIN"]) {
      assert.deepEqual(parsed({ loadBalancingPolicy }).loadBalancing, { list, path });
    }
    for (const loadBalancingPolicy of ["", "UNSPECIFIED"]) {
      assert.equal(parsed({ loadBalancingPolicy }).loadBalancing, undefined);
    }
    const both = parsed({ loadBalancingPolicy: "round_robin", loadBalancingConfig: [{ pick_first: {} }] });
    assert.deepEqual(both.loadBalancing?.list, [{ pick_first: {} }]);
  });

  const one = (entry: unknown): unknown => ({ methodConfig: [entry] });
  const all = "serviceConfig.methodConfig[0]";
  const known =
    "name, timeout, waitForReady, maxRequestMessageBytes, maxResponseMessageBytes, retryPolicy, hedgingPolicy";
  const bytes = "expected a whole number of bytes from 0 to 4294967295";
  const bad: readonly [unknown, string][] = [
    [null, "serviceConfig is null: expected an object"],
    [[], "serviceConfig is []: expected an object"],
    ["{}", 'serviceConfig is "{}": expected an object'],
    [
      { loadbalancingConfig: [] },
      "serviceConfig.loadbalancingConfig is not a field that is known: expected one of loadBalancingConfig, loadBalancingPolicy, methodConfig, retryThrottling, healthCheckConfig, connectionScaling",
    ],
    [{ loadBalancingPolicy: 1 }, "serviceConfig.loadBalancingPolicy is 1: expected text"],
    [{ methodConfig: {} }, "serviceConfig.methodConfig is {}: expected a list"],
    [one(1), `${all} is 1: expected an object`],
    [one({}), `${all}.name names nothing: expected a list of {service, method}, {} for all`],
    [one({ name: [] }), `${all}.name names nothing: expected a list of {service, method}, {} for all`],
    [one({ name: {} }), `${all}.name is {}: expected a list of {service, method}`],
    [one({ name: [1] }), `${all}.name[0] is 1: expected an object`],
    [one({ name: [{ service: 1 }] }), `${all}.name[0].service is 1: expected text`],
    [one({ name: [{ service: "a", method: [] }] }), `${all}.name[0].method is []: expected text`],
    [one({ name: [{ method: "Get" }] }), `${all}.name[0].method is "Get" without a service`],
    [one({ name: [{ svc: "a" }] }), `${all}.name[0].svc is not a field that is known: expected one of service, method`],
    [
      one({ name: [], maxRequestBytes: 1 }),
      `${all}.maxRequestBytes is not a field that is known: expected one of ${known}`,
    ],
    [one({ name: [], timeout: 5 }), `${all}.timeout is 5: expected a duration such as "1.5s"`],
    [one({ name: [], waitForReady: 1 }), `${all}.waitForReady is 1: expected true or false`],
    [one({ name: [], maxRequestMessageBytes: -1 }), `${all}.maxRequestMessageBytes is -1: ${bytes}`],
    [one({ name: [], maxResponseMessageBytes: 1.5 }), `${all}.maxResponseMessageBytes is 1.5: ${bytes}`],
    [one({ name: [], maxResponseMessageBytes: 2 ** 32 }), `${all}.maxResponseMessageBytes is 4294967296: ${bytes}`],
    [
      { methodConfig: [{ name: [{ service: "a", method: "B" }] }, { name: [{}, { service: "a", method: "B" }] }] },
      'serviceConfig.methodConfig[1].name[1] names "/a/B" a second time',
    ],
    [
      { methodConfig: [{ name: [{}] }, { name: [{}] }] },
      'serviceConfig.methodConfig[1].name[0] names "" a second time',
    ],
    [{ healthCheckConfig: { serviceName: 1 } }, "serviceConfig.healthCheckConfig.serviceName is 1: expected text"],
    [
      { healthCheckConfig: { service: "a" } },
      "serviceConfig.healthCheckConfig.service is not a field that is known: expected one of serviceName",
    ],
    [
      { connectionScaling: { maxConnectionsPerSubchannel: 0 } },
      "serviceConfig.connectionScaling.maxConnectionsPerSubchannel is 0: expected a whole number of 1 or more",
    ],
  ];
  for (const [json, error] of bad) {
    it(error, () => assert.deepEqual(parseServiceConfig(json, "reject"), { error }));
  }

  it("tells of the first thing that is wrong", () => {
    const json = { methodConfig: [{ name: [{}], timeout: 1, waitForReady: 1 }], retryThrottling: 1 };
    const error = `${all}.timeout is 1: expected a duration such as "1.5s"`;
    assert.deepEqual(parseServiceConfig(json, "reject"), { error });
  });

  it("takes what a resolver brings for newer clients, but no wrong value (gRFC A21)", () => {
    const json = {
      futureField: { a: 1 },
      methodConfig: [
        { name: [{ service: "a.B", method: "C", tenant: "t" }], timeout: "1s", futureField: 1 },
        { timeout: "9s" },
        { name: [], timeout: "9s" },
      ],
      healthCheckConfig: { interval: "1s" },
    };
    const lenient = parseServiceConfig(json, "ignore");
    assert.ok("value" in lenient);
    assert.equal(lenient.value.methodConfig(method("a.B", "C")).timeoutMs, 1000);
    assert.equal(lenient.value.methodConfig(method("a.B", "D")), emptyMethodConfig);
    const wrong = { ...json, healthCheckConfig: { serviceName: true } };
    assert.deepEqual(parseServiceConfig(wrong, "ignore"), {
      error: "serviceConfig.healthCheckConfig.serviceName is true: expected text",
    });
  });

  it("is not misled by names of Object's own members", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const json: unknown = JSON.parse(`{ "methodConfig": [{ "name": [{ "service": "${name}" }], "timeout": "1s" }] }`);
      assert.equal(parsed(json).methodConfig(method(name, name)).timeoutMs, 1000);
      assert.equal(parsed(json).methodConfig(method("a.B", name)), emptyMethodConfig);
      const known = parseServiceConfig(JSON.parse(`{ "${name}": 1 }`), "reject");
      assert.ok("error" in known && known.error.startsWith(`serviceConfig.${name} is not a field that is known`));
    }
  });
});
