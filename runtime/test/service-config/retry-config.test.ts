import assert from "node:assert/strict";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import type { MethodConfig } from "../../src/service-config/method-config.js";
import { parseServiceConfig } from "../../src/service-config/service-config.js";

const method = { path: "/a.B/C", service: "a.B", name: "C" } as MethodDescriptor;

function parse(part: object): MethodConfig {
  const result = parseServiceConfig({ methodConfig: [{ name: [{}], ...part }] }, "reject");
  if ("error" in result) assert.fail(result.error);
  return result.value.methodConfig(method);
}

function errorOf(json: object): string {
  const result = parseServiceConfig(json, "reject");
  return "error" in result ? result.error : assert.fail(`${JSON.stringify(json)} was taken`);
}

const retry = {
  maxAttempts: 2,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILABLE"],
};

describe("retryPolicy (gRFC A6)", () => {
  const policy = (part: object) => parse({ retryPolicy: { ...retry, ...part } }).retryPolicy;

  it("counts more than five attempts as five", () => {
    for (const [given, kept] of [
      [2, 2],
      [5, 5],
      [6, 5],
      [50, 5],
      ["3", 3],
      [4294967295, 5],
    ] as const) {
      assert.equal(policy({ maxAttempts: given })?.maxAttempts, kept);
    }
  });

  it("takes codes by name in any case and by number, each once", () => {
    const codes = policy({ retryableStatusCodes: ["unavailable", 14, "Resource_Exhausted", "CANCELLED"] });
    const { UNAVAILABLE, RESOURCE_EXHAUSTED, CANCELLED } = StatusCode;
    assert.deepEqual([...(codes?.retryableStatusCodes ?? [])], [UNAVAILABLE, RESOURCE_EXHAUSTED, CANCELLED]);
  });

  it("takes a multiplier below 1, and a first backoff above the longest", () => {
    assert.equal(policy({ backoffMultiplier: 0.5 })?.backoffMultiplier, 0.5);
    assert.equal(policy({ initialBackoff: "2s" })?.initialBackoffMs, 2000);
  });

  const path = "serviceConfig.methodConfig[0].retryPolicy";
  const attempts = "expected a whole number of 2 or more, the first attempt among them";
  const code = 'expected a code such as "UNAVAILABLE" or 14';
  const bad: readonly [object, string][] = [
    [{ maxAttempts: undefined }, `maxAttempts is undefined: ${attempts}`],
    [{ maxAttempts: 0 }, `maxAttempts is 0: ${attempts}`],
    [{ maxAttempts: 1 }, `maxAttempts is 1: ${attempts}`],
    [{ maxAttempts: 2.5 }, `maxAttempts is 2.5: ${attempts}`],
    [{ maxAttempts: "two" }, `maxAttempts is "two": ${attempts}`],
    [{ initialBackoff: undefined }, 'initialBackoff is undefined: expected a duration such as "1.5s"'],
    [{ initialBackoff: "0s" }, 'initialBackoff is "0s": expected a duration of more than nothing'],
    [{ maxBackoff: undefined }, 'maxBackoff is undefined: expected a duration such as "1.5s"'],
    [{ maxBackoff: "0.000s" }, 'maxBackoff is "0.000s": expected a duration of more than nothing'],
    [{ maxBackoff: 1 }, 'maxBackoff is 1: expected a duration such as "1.5s"'],
    [{ backoffMultiplier: undefined }, "backoffMultiplier is undefined: expected a number above 0"],
    [{ backoffMultiplier: 0 }, "backoffMultiplier is 0: expected a number above 0"],
    [{ backoffMultiplier: -1 }, "backoffMultiplier is -1: expected a number above 0"],
    [{ backoffMultiplier: "2" }, 'backoffMultiplier is "2": expected a number above 0'],
    [{ retryableStatusCodes: undefined }, "retryableStatusCodes is undefined: expected a list of status codes"],
    [{ retryableStatusCodes: [] }, 'retryableStatusCodes is []: expected at least one code such as "UNAVAILABLE"'],
    [{ retryableStatusCodes: "UNAVAILABLE" }, 'retryableStatusCodes is "UNAVAILABLE": expected a list of status codes'],
    [{ retryableStatusCodes: ["NOPE"] }, `retryableStatusCodes has "NOPE" at 0: ${code}`],
    [{ retryableStatusCodes: [14, 17] }, `retryableStatusCodes has 17 at 1: ${code}`],
    [{ retryableStatusCodes: ["OK"] }, `retryableStatusCodes has "OK" at 0: ${code}`],
    [{ retryableStatusCodes: [null] }, `retryableStatusCodes has null at 0: ${code}`],
    [
      { perAttemptRecvTimeout: "1s" },
      "perAttemptRecvTimeout is not a field that is known: expected one of maxAttempts, initialBackoff, maxBackoff, backoffMultiplier, retryableStatusCodes",
    ],
  ];
  for (const [part, clause] of bad) {
    it(`refuses: ${clause}`, () => {
      const json = { methodConfig: [{ name: [{}], retryPolicy: { ...retry, ...part } }] };
      assert.equal(errorOf(json), `${path}.${clause}`);
    });
  }

  it("does not stand beside a hedgingPolicy", () => {
    const entry = { name: [{}], retryPolicy: retry, hedgingPolicy: { maxAttempts: 2 } };
    const error = "serviceConfig.methodConfig[0].hedgingPolicy stands beside a retryPolicy: expected one of the two";
    assert.equal(errorOf({ methodConfig: [entry] }), error);
  });
});

describe("hedgingPolicy (gRFC A6)", () => {
  it("needs no more than the number of attempts", () => {
    assert.deepEqual(parse({ hedgingPolicy: { maxAttempts: 9 } }).hedgingPolicy, {
      maxAttempts: 5,
      hedgingDelayMs: 0,
      nonFatalStatusCodes: new Set(),
    });
    const full = { maxAttempts: 3, hedgingDelay: "0s", nonFatalStatusCodes: [] };
    assert.equal(parse({ hedgingPolicy: full }).hedgingPolicy?.hedgingDelayMs, 0);
  });

  const bad: readonly [object, string][] = [
    [{}, "maxAttempts is undefined: expected a whole number of 2 or more, the first attempt among them"],
    [{ maxAttempts: 3, hedgingDelay: "-1s" }, 'hedgingDelay is "-1s": expected a duration such as "1.5s"'],
    [{ maxAttempts: 3, nonFatalStatusCodes: {} }, "nonFatalStatusCodes is {}: expected a list of status codes"],
  ];
  for (const [hedgingPolicy, clause] of bad) {
    it(`refuses: ${clause}`, () => {
      const json = { methodConfig: [{ name: [{}], hedgingPolicy }] };
      assert.equal(errorOf(json), `serviceConfig.methodConfig[0].hedgingPolicy.${clause}`);
    });
  }
});

describe("retryThrottling (gRFC A6)", () => {
  const ratioOf = (tokenRatio: number): number | undefined => {
    const result = parseServiceConfig({ retryThrottling: { maxTokens: 10, tokenRatio } }, "reject");
    return "value" in result ? result.value.retryThrottling?.tokenRatio : assert.fail(result.error);
  };

  it("keeps three digits of the ratio", () => {
    for (const [given, kept] of [
      [0.1, 0.1],
      [0.5466, 0.546],
      [0.0019, 0.001],
      [1.001, 1.001],
      [0.29, 0.29],
      [2, 2],
    ] as const) {
      assert.equal(ratioOf(given), kept);
    }
  });

  const tokens = "expected a whole number from 1 to 1000";
  const ratio = "expected a number of 0.001 or more";
  const bad: readonly [object, string][] = [
    [{ tokenRatio: 1 }, `maxTokens is undefined: ${tokens}`],
    [{ maxTokens: 0, tokenRatio: 1 }, `maxTokens is 0: ${tokens}`],
    [{ maxTokens: 1001, tokenRatio: 1 }, `maxTokens is 1001: ${tokens}`],
    [{ maxTokens: 10.5, tokenRatio: 1 }, `maxTokens is 10.5: ${tokens}`],
    [{ maxTokens: 10 }, `tokenRatio is undefined: ${ratio}`],
    [{ maxTokens: 10, tokenRatio: 0 }, `tokenRatio is 0: ${ratio}`],
    [{ maxTokens: 10, tokenRatio: 0.0009 }, `tokenRatio is 0.0009: ${ratio}`],
    [{ maxTokens: 10, tokenRatio: "0.1" }, `tokenRatio is "0.1": ${ratio}`],
  ];
  for (const [retryThrottling, clause] of bad) {
    it(`refuses: ${clause}`, () => {
      assert.equal(errorOf({ retryThrottling }), `serviceConfig.retryThrottling.${clause}`);
    });
  }
});
