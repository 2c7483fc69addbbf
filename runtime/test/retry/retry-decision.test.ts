import assert from "node:assert/strict";
import { defaultRetryPolicy } from "../../src/retry/idempotency-defaults.js";
import { decideRetry, type FailedAttempt } from "../../src/retry/retry-decision.js";
import { RetryThrottle } from "../../src/retry/retry-throttle.js";
import { StatusCode } from "../../src/rpc/status-code.js";

const unavailable = { code: StatusCode.UNAVAILABLE, message: "down" };

function failed(more: Partial<FailedAttempt> = {}): FailedAttempt {
  return {
    policy: { ...defaultRetryPolicy, initialBackoffMs: 100 },
    status: unavailable,
    attempts: 1,
    backoffs: 0,
    startedAt: 1000,
    now: 1000,
    deadline: Number.POSITIVE_INFINITY,
    lot: 0.5,
    ...more,
  };
}

function because(more: Partial<FailedAttempt>, throttle = new RetryThrottle()): string {
  const decision = decideRetry(failed(more), throttle);
  return decision.kind === "stop" ? decision.because : `retry after ${decision.delayMs}`;
}

describe("decideRetry, the order of checks (gRFC A6)", () => {
  it("backs off", () => {
    assert.deepEqual(decideRetry(failed(), undefined), { kind: "retry", delayMs: 100, isPushback: false });
    assert.equal(because({ attempts: 2, backoffs: 1 }), "retry after 200");
  });

  it("does what the server asks for", () => {
    const status = { ...unavailable, retryPushbackMs: 7 };
    assert.deepEqual(decideRetry(failed({ status }), undefined), { kind: "retry", delayMs: 7, isPushback: true });
  });

  it("step 1: what is final is not tried again, and costs nothing", () => {
    const throttle = new RetryThrottle();
    assert.equal(because({ status: { ...unavailable, isFinal: true } }, throttle), "final");
    assert.equal(throttle.tokens, 100);
  });

  it("step 6: a server that wants no retry is obeyed, and counted before its code is looked at", () => {
    const throttle = new RetryThrottle();
    const status = { code: StatusCode.NOT_FOUND, message: "", retryPushbackMs: -1 };
    assert.equal(because({ status }, throttle), "pushback");
    assert.equal(throttle.tokens, 99);
  });

  it("step 7: a code that is not in the list ends the call and costs nothing", () => {
    const throttle = new RetryThrottle();
    assert.equal(because({ status: { code: StatusCode.INVALID_ARGUMENT, message: "" } }, throttle), "code");
    assert.equal(throttle.tokens, 100);
  });

  it("step 7: neither does a pushback make a code one to try again", () => {
    assert.equal(because({ status: { code: StatusCode.NOT_FOUND, message: "", retryPushbackMs: 5 } }), "code");
  });

  it("step 8: throttled at half of the tokens, this failure among them", () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
    assert.equal(because({}, throttle), "retry after 100");
    assert.equal(because({}, throttle), "throttled");
    assert.equal(throttle.tokens, 2);
  });

  it("step 9: the last attempt's failure has been counted, too", () => {
    const throttle = new RetryThrottle();
    assert.equal(because({ attempts: 4 }, throttle), "attempts");
    assert.equal(throttle.tokens, 99);
  });

  it("step 10: no attempt that could not end before the deadline", () => {
    assert.equal(because({ deadline: 1100 }), "deadline", "the delay takes all that is left");
    assert.equal(because({ deadline: 1101 }), "retry after 100");
    assert.equal(because({ startedAt: 0, deadline: 1599 }), "deadline", "less than half of what the last one took");
    assert.equal(because({ startedAt: 0, deadline: 1600 }), "retry after 100");
    assert.equal(because({ status: { ...unavailable, retryPushbackMs: 500 }, deadline: 1400 }), "deadline");
  });
});
