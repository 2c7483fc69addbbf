import assert from "node:assert/strict";
import { RetryThrottle } from "../../src/retry/retry-throttle.js";
import { maxRememberedTargets, ThrottleRegistry, throttlesOf } from "../../src/retry/throttle-registry.js";
import { FakePlatform } from "../support/fake-platform.js";

function failures(throttle: RetryThrottle, count: number): void {
  for (let i = 0; i < count; i++) throttle.onFailure();
}

describe("RetryThrottle (gRFC A6)", () => {
  it("is on by default: 100 tokens, a fifth back for a success", () => {
    const throttle = new RetryThrottle();
    failures(throttle, 49);
    assert.deepEqual([throttle.tokens, throttle.allowsMore], [51, true]);
    throttle.onFailure();
    assert.deepEqual([throttle.tokens, throttle.allowsMore], [50, false], "half is not enough");
    throttle.onSuccess();
    assert.deepEqual([throttle.tokens, throttle.allowsMore], [50.2, true]);
  });

  it("neither falls below 0 nor rises above its maximum", () => {
    const throttle = new RetryThrottle({ maxTokens: 3, tokenRatio: 2 });
    throttle.onSuccess();
    assert.equal(throttle.tokens, 3);
    failures(throttle, 5);
    assert.equal(throttle.tokens, 0);
    throttle.onSuccess();
    throttle.onSuccess();
    assert.deepEqual([throttle.tokens, throttle.isFull], [3, true]);
  });

  it("counts exactly: a thousand thousandths are one", () => {
    const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.001 });
    throttle.onFailure();
    for (let i = 0; i < 999; i++) throttle.onSuccess();
    assert.deepEqual([throttle.tokens, throttle.isFull], [9.999, false]);
    throttle.onSuccess();
    assert.deepEqual([throttle.tokens, throttle.isFull], [10, true]);
  });

  it("with one or two tokens the first failure stops retries", () => {
    for (const maxTokens of [1, 2]) {
      const throttle = new RetryThrottle({ maxTokens, tokenRatio: 0.1 });
      assert.equal(throttle.allowsMore, true);
      throttle.onFailure();
      assert.equal(throttle.allowsMore, false);
    }
  });

  it("vector 15: config update doesn't refill tokens", () => {
    const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 0.1 });
    failures(throttle, 6);
    throttle.configure({ maxTokens: 10, tokenRatio: 0.5 });
    assert.equal(throttle.tokens, 4);
    throttle.configure({ maxTokens: 100, tokenRatio: 0.5 });
    assert.deepEqual([throttle.tokens, throttle.allowsMore], [40, false], "the same part of more");
    throttle.configure({ maxTokens: 5, tokenRatio: 0.5 });
    assert.deepEqual([throttle.tokens, throttle.allowsMore], [2, false]);
    throttle.onSuccess();
    assert.equal(throttle.tokens, 2.5, "the new ratio");
  });
});

describe("ThrottleRegistry", () => {
  it("gives the channels of one target the same throttle, and those of another theirs", () => {
    const registry = new ThrottleRegistry();
    assert.equal(registry.acquire("dns:///a"), registry.acquire("dns:///a"));
    assert.notEqual(registry.acquire("dns:///a"), registry.acquire("dns:///b"));
  });

  it("remembers what was spent when the last channel closes, and forgets what is full", () => {
    const registry = new ThrottleRegistry();
    const throttle = registry.acquire("a");
    registry.acquire("a");
    throttle.onFailure();
    registry.release("a");
    registry.release("a");
    assert.equal(registry.acquire("a").tokens, 99);
    registry.acquire("b");
    registry.release("b");
    assert.equal(registry.size, 1);
    registry.release("never seen");
  });

  it(`remembers ${maxRememberedTargets} targets without a channel`, () => {
    const registry = new ThrottleRegistry();
    for (let i = 0; i <= maxRememberedTargets; i++) {
      registry.acquire(String(i)).onFailure();
      registry.release(String(i));
    }
    assert.equal(registry.size, maxRememberedTargets);
    assert.equal(registry.acquire("0").tokens, 100, "the oldest is forgotten");
    assert.equal(registry.acquire("1").tokens, 99);
  });

  it("is one for each world", () => {
    const platform = new FakePlatform();
    assert.equal(throttlesOf(platform), throttlesOf(platform));
    assert.notEqual(throttlesOf(platform), throttlesOf(new FakePlatform()));
  });
});
