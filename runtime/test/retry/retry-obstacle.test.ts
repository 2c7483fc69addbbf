import assert from "node:assert/strict";
import type { RetryDecision } from "../../src/retry/retry-decision.js";
import { retryObstacle } from "../../src/retry/retry-obstacle.js";
import { RetryThrottle } from "../../src/retry/retry-throttle.js";

type Because = (RetryDecision & { kind: "stop" })["because"];

describe("retryObstacle", () => {
  const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 });
  for (let i = 0; i < 6; i++) throttle.onFailure();

  for (const [because, clause] of [
    ["throttled", /^too many calls to the target have failed: 4 of 10 tokens are left, more than half are needed/],
    ["deadline", /^another attempt would not have ended before the deadline$/],
    ["pushback", /^the server wants no retry \(grpc-retry-pushback-ms\)$/],
  ] as const) {
    it(`has a clause for "${because}"`, () =>
      assert.match(retryObstacle({ kind: "stop", because }, throttle) ?? "", clause));
  }

  it("has none where it is the policy that wants no more", () => {
    for (const because of ["final", "code", "attempts"] satisfies Because[]) {
      assert.equal(retryObstacle({ kind: "stop", because }, throttle), undefined);
    }
    assert.equal(retryObstacle({ kind: "stop", because: "throttled" }, undefined), undefined);
  });
});
