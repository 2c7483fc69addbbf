import assert from "node:assert/strict";
import { defaultRetryPolicy } from "../../src/retry/idempotency-defaults.js";
import { parseRetryOptions } from "../../src/retry/retry-options.js";
import { type CallPlan, planByCall, planByMethod } from "../../src/retry/retry-policy.js";
import type { CallOptions } from "../../src/rpc/call-options.js";
import type { IdempotencyLevel } from "../../src/rpc/method-descriptor.js";
import type { HedgingOptions, RetryOptions } from "../../src/rpc/retry-options.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { emptyMethodConfig, type MethodConfig } from "../../src/service-config/method-config.js";
import { methodOf } from "./methods.js";

const safe = methodOf("NO_SIDE_EFFECTS");
const unknown = methodOf("IDEMPOTENCY_UNKNOWN");

function retrying(maxAttempts: number): MethodConfig {
  return { ...emptyMethodConfig, retryPolicy: { ...defaultRetryPolicy, maxAttempts } };
}

const hedging: MethodConfig = {
  ...emptyMethodConfig,
  hedgingPolicy: { maxAttempts: 3, hedgingDelayMs: 20, nonFatalStatusCodes: new Set() },
};

/** `once`, `retry 4`, `hedge 3`, or why not. */
function told(plan: CallPlan | undefined): string {
  if (plan === undefined) return "nothing";
  if (plan.kind === "refuse") return plan.message;
  return plan.kind === "once" ? "once" : `${plan.kind} ${plan.policy.maxAttempts}`;
}

describe("the policy that holds for a call", () => {
  describe("by idempotency level (docs/concepts/retries.md)", () => {
    const rows: Record<IdempotencyLevel, string> = {
      NO_SIDE_EFFECTS: "retry 4",
      IDEMPOTENT: "retry 4",
      IDEMPOTENCY_UNKNOWN: "once",
    };
    for (const [level, expected] of Object.entries(rows)) {
      it(`${level}: ${expected}`, () => {
        assert.equal(told(planByMethod(methodOf(level as IdempotencyLevel), [])), expected);
      });
    }

    it("has the numbers of the table", () => {
      assert.deepEqual(defaultRetryPolicy, {
        maxAttempts: 4,
        initialBackoffMs: 50,
        maxBackoffMs: 1000,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([StatusCode.UNAVAILABLE]),
      });
    });
  });

  describe("at_most_once in the .proto", () => {
    const warning = (configs: readonly MethodConfig[], level: IdempotencyLevel = "NO_SIDE_EFFECTS") => {
      const plan = planByMethod(methodOf(level, "unary", { retry: false }), configs);
      return plan.kind === "refuse" ? undefined : plan.warning;
    };

    it("warns when a service config goes before it, with retries or with hedges", () => {
      for (const told of [warning([retrying(3)]), warning([hedging]), warning([retrying(3)], "IDEMPOTENCY_UNKNOWN")]) {
        assert.match(told ?? "", /^a service config has calls of \S+ tried again, .* its \.proto says at_most_once/);
      }
      assert.equal(warning([]), undefined);
      assert.equal(warning([emptyMethodConfig]), undefined);
    });
  });

  describe("by precedence", () => {
    const proto = methodOf("NO_SIDE_EFFECTS", "unary", { retry: { maxAttempts: 3 } });

    it("call option > resolver's config > channel's config > .proto > idempotency", () => {
      assert.equal(told(planByMethod(safe, [])), "retry 4");
      assert.equal(told(planByMethod(proto, [emptyMethodConfig, emptyMethodConfig])), "retry 3");
      assert.equal(told(planByMethod(proto, [emptyMethodConfig, retrying(2)])), "retry 2");
      assert.equal(told(planByMethod(proto, [retrying(5), retrying(2)])), "retry 5");
      assert.equal(told(planByCall(proto, { retry: { maxAttempts: 4 } })), "retry 4");
      assert.equal(told(planByCall(proto, {})), "nothing");
    });

    it("a service config's hedging goes before a .proto's retries, and the other way round", () => {
      assert.equal(told(planByMethod(proto, [hedging])), "hedge 3");
      const hedged = methodOf("NO_SIDE_EFFECTS", "unary", { hedging: { maxAttempts: 3 } });
      assert.equal(told(planByMethod(hedged, [retrying(2)])), "retry 2");
      assert.equal(told(planByMethod(hedged, [])), "hedge 3");
    });

    it("retry: false leaves one attempt, whatever else is configured", () => {
      assert.equal(told(planByCall(proto, { retry: false })), "once");
      assert.equal(told(planByMethod(methodOf("IDEMPOTENT", "unary", { retry: false }), [])), "once");
    });

    it("hedging: false leaves retries", () => {
      assert.equal(told(planByCall(safe, { hedging: false })), "nothing");
      assert.equal(told(planByMethod(safe, [hedging], false)), "retry 4");
      const hedged = methodOf("NO_SIDE_EFFECTS", "unary", { hedging: {} });
      assert.equal(told(planByMethod(hedged, [], false)), "retry 4");
    });
  });

  describe("for a method of which nothing is known", () => {
    it("warns of whoever has it tried again", () => {
      const warning = (plan: CallPlan | undefined) => (plan !== undefined && "warning" in plan ? plan.warning : "");
      assert.match(
        warning(planByMethod(unknown, [retrying(3)])) ?? "",
        /^a service config has calls of \/shop\.v1\.Shop\/Get tried again, which may run twice then/,
      );
      assert.match(warning(planByCall(unknown, { retry: {} })) ?? "", /^its caller has calls/);
      assert.match(warning(planByMethod({ ...unknown, retry: {} }, [])) ?? "", /^its \.proto has calls/);
      assert.equal(warning(planByMethod(safe, [retrying(3)])), "");
    });
  });

  describe("hedging", () => {
    const streams = methodOf("NO_SIDE_EFFECTS", "bidi_streaming");

    it("of a service config is for methods without side effects whose request is one message", () => {
      assert.equal(told(planByMethod(safe, [hedging])), "hedge 3");
      assert.equal(told(planByMethod(methodOf("NO_SIDE_EFFECTS", "server_streaming"), [hedging])), "hedge 3");
      for (const [method, expected] of [
        [methodOf("IDEMPOTENT"), "retry 4"],
        [unknown, "once"],
        [streams, "retry 4"],
      ] as const) {
        const plan = planByMethod(method, [hedging]);
        assert.equal(told(plan), expected);
        assert.match(
          ("warning" in plan && plan.warning) || "",
          /^the hedgingPolicy of a service config has no effect on/,
        );
      }
    });

    it("of a call that cannot be ends it with the reason", () => {
      assert.equal(told(planByCall(safe, { hedging: {} })), "hedge 2");
      assert.match(told(planByCall(unknown, { hedging: {} })), /idempotency_level is not NO_SIDE_EFFECTS/);
      assert.equal(told(planByCall(unknown, { hedging: { unsafe: true } })), "hedge 2");
      assert.match(told(planByCall(streams, { hedging: { unsafe: true } })), /its requests are streams/);
    });

    it("stands beside retry in no call", () => {
      assert.match(told(planByCall(safe, { hedging: {}, retry: {} })), /expected one of the two/);
      assert.equal(told(planByCall(safe, { hedging: {}, retry: false })), "hedge 2");
    });
  });

  describe("options of a call", () => {
    it("vector 14: maxAttempts 50→5", () => {
      assert.equal(told(planByCall(safe, { retry: { maxAttempts: 50 } })), "retry 5");
      assert.equal(told(planByCall(safe, { hedging: { maxAttempts: 50 } })), "hedge 5");
    });

    const bad: [CallOptions, RegExp][] = [
      [{ retry: { maxAttempts: 1 } }, /^retry\.maxAttempts is 1: expected a whole number of 2 or more/],
      [{ retry: { maxAttempts: 2.5 } }, /^retry\.maxAttempts is 2\.5/],
      [{ retry: { initialBackoffMs: 0 } }, /^retry\.initialBackoffMs is 0: expected a number above 0/],
      [{ retry: { maxBackoffMs: -1 } }, /^retry\.maxBackoffMs is -1/],
      [{ retry: { backoffMultiplier: Number.NaN } }, /^retry\.backoffMultiplier is NaN/],
      [{ retry: { retryableStatusCodes: [] } }, /^retry\.retryableStatusCodes is empty/],
      [{ retry: { retryableStatusCodes: [StatusCode.OK] } }, /^retry\.retryableStatusCodes has 0/],
      [{ retry: { retryableStatusCodes: [99 as StatusCode] } }, /^retry\.retryableStatusCodes has 99/],
      [
        { retry: { retryableStatusCodes: "UNAVAILABLE" as never } },
        /^retry\.retryableStatusCodes is UNAVAILABLE: expected/,
      ],
      [{ retry: true as never }, /^retry is true: expected an object/],
      [{ retry: null as never }, /^retry is null: expected an object/],
      [{ hedging: true as never }, /^hedging is true: expected an object/],
      [{ retry: { attempts: 3 } as RetryOptions }, /^retry\.attempts does not exist; there are: maxAttempts, initialB/],
      [
        { hedging: { delay: 3 } as HedgingOptions },
        /^hedging\.delay does not exist; there are: maxAttempts, delayMs, /,
      ],
      [{ hedging: { maxAttempts: 0 } }, /^hedging\.maxAttempts is 0/],
      [{ hedging: { delayMs: -1 } }, /^hedging\.delayMs is -1: expected a number of 0 or more/],
      [{ hedging: { delayMs: 1, delayPercentile: 0.5 } }, /^hedging\.delayMs stands beside/],
      [{ hedging: { delayPercentile: 1 } }, /^hedging\.delayPercentile is 1: expected a number above 0 and below 1/],
      [{ hedging: { maxExtraLoad: 0 } }, /^hedging\.maxExtraLoad is 0/],
      [{ hedging: { nonFatalStatusCodes: [StatusCode.OK] } }, /^hedging\.nonFatalStatusCodes has 0/],
    ];
    for (const [options, expected] of bad) {
      it(`refuses ${JSON.stringify(options)}`, () => {
        assert.match(told(planByCall(safe, options)), expected);
      });
    }

    it("are looked at once", () => {
      const options: RetryOptions = { maxAttempts: 3, retryableStatusCodes: [StatusCode.ABORTED] };
      const parsed = parseRetryOptions(options);
      assert.equal(parseRetryOptions(options), parsed);
      assert.deepEqual("value" in parsed && parsed.value.retryableStatusCodes, new Set([StatusCode.ABORTED]));
    });
  });
});
