import assert from "node:assert/strict";
import type { MethodDescriptor } from "../../../../src/rpc/method-descriptor.js";
import type { Status } from "../../../../src/rpc/status.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { configOf } from "../../channel-fixture.js";
import { method } from "../../recorded-call.js";
import { RetryWorld, unavailable } from "./retry-world.js";

describe("what decides on retries (gRFC A6)", () => {
  describe("what a server wants (gRFC A6)", () => {
    it("vector 1: bad pushback stops, and takes a token, whatever the code", () => {
      const world = new RetryWorld();
      const call = world.call();
      world.attempt(1).end({ ...unavailable, retryPushbackMs: -1 });
      assert.equal(call.outcome, "UNAVAILABLE: down");
      world.call();
      world.attempt(2).end({ code: StatusCode.NOT_FOUND, message: "", delivery: "processed", retryPushbackMs: -1 });
      assert.equal(world.tokens, 98);
    });

    it("vector 2: pushback resets exponent", () => {
      const world = new RetryWorld();
      world.call({ retry: { maxAttempts: 5 } });
      world.attempt(1).end(unavailable);
      assert.equal(world.delay(), 50);
      world.attempt(2).end({ ...unavailable, retryPushbackMs: 7 });
      assert.equal(world.delay(), 7);
      world.attempt(3).end(unavailable);
      assert.equal(world.delay(), 50, "as the first");
      world.attempt(4).end(unavailable);
      assert.equal(world.delay(), 100);
    });

    it("pushback of 0 tries again at once, in a turn of its own", () => {
      const world = new RetryWorld();
      world.call();
      world.attempt(1).end({ ...unavailable, retryPushbackMs: 0 });
      assert.equal(world.attempts, 1);
      world.f.platform.advance(0);
      assert.equal(world.attempts, 2);
    });

    it("delays are spread by a fifth", () => {
      for (const [lot, ms] of [
        [0, 40],
        [1, 60],
      ] as const) {
        const world = new RetryWorld();
        world.lot = lot;
        world.call();
        world.attempt(1).end(unavailable);
        assert.equal(world.delay(), ms);
      }
    });

    it("vector 14: maxAttempts 50→5", () => {
      const world = new RetryWorld();
      const call = world.call({ retry: { maxAttempts: 50 } });
      for (let i = 1; i <= 5; i++) {
        world.attempt(i).end(unavailable);
        world.f.platform.advance(2000);
      }
      assert.equal(world.attempts, 5);
      assert.equal(call.status?.attempts, 5);
    });
  });

  describe("throttling (gRFC A6)", () => {
    const retryThrottling = { maxTokens: 4, tokenRatio: 0.5 };

    it("vector 3: throttle no-sleep: a throttled call fails at once", () => {
      const world = new RetryWorld({ serviceConfig: configOf({ retryThrottling }) });
      world.call();
      world.attempt(1).end(unavailable);
      const call = world.call();
      world.attempt(2).end(unavailable);
      assert.equal(call.outcome, "UNAVAILABLE: down", "2 of 4 tokens are left");
      const why =
        "too many calls to the target have failed: 2 of 4 tokens are left, more than half are needed (retryThrottling)";
      assert.equal(call.status?.notRetried, why);
      assert.equal(world.tokens, 2);
    });

    it("every success gives back, with a policy or without; a code that is not tried again leaves tokens alone", () => {
      const world = new RetryWorld({ serviceConfig: configOf({ retryThrottling }) });
      world.call();
      world.attempt(1).end(unavailable);
      assert.equal(world.tokens, 3);
      world.call({}, "IDEMPOTENCY_UNKNOWN");
      world.attempt(2).answer();
      assert.equal(world.tokens, 3.5);
      world.call();
      world.attempt(3).end({ code: StatusCode.INVALID_ARGUMENT, message: "", delivery: "processed" });
      assert.equal(world.tokens, 3.5);
      world.call({}, "IDEMPOTENCY_UNKNOWN");
      world.attempt(4).end(unavailable);
      assert.equal(world.tokens, 3.5, "a method without a policy takes none");
    });

    it("vector 15: config update doesn't refill tokens", () => {
      const world = new RetryWorld({ serviceConfig: configOf({ retryThrottling }) });
      world.call();
      world.attempt(1).end(unavailable);
      const endpoints = { value: [{ addresses: [{ transport: "tcp", host: "10.0.0.1", port: 1 }] as const }] };
      world.f.resolver.tell({
        endpoints,
        serviceConfig: { value: { retryThrottling: { maxTokens: 8, tokenRatio: 1 } } },
      });
      assert.equal(world.tokens, 6, "three quarters, as before");
      world.f.resolver.tell({
        endpoints,
        serviceConfig: { value: { retryThrottling: { maxTokens: 8, tokenRatio: 1 } } },
      });
      assert.equal(world.tokens, 6);
    });

    it("throttling: false has no limit", () => {
      const world = new RetryWorld({ retry: { throttling: false }, serviceConfig: configOf({ retryThrottling }) });
      for (let i = 0; i < 20; i++) {
        world.call();
        world.attempt(i * 2 + 1).end(unavailable);
        assert.equal(world.delay(), 50);
        world.attempt(i * 2 + 2).answer();
      }
    });
  });

  describe("configuration", () => {
    const configured = (maxAttempts: number) =>
      configOf({
        methodConfig: [
          {
            name: [{}],
            retryPolicy: {
              maxAttempts,
              initialBackoff: "0.01s",
              maxBackoff: "1s",
              backoffMultiplier: 1,
              retryableStatusCodes: ["ABORTED"],
            },
          },
        ],
      });
    const aborted: Status = { code: StatusCode.ABORTED, message: "conflict", delivery: "processed" };

    it("a service config's policy goes before the .proto's, and a call's own before that", () => {
      const world = new RetryWorld({ serviceConfig: configured(2) });
      world.call();
      world.attempt(1).end(aborted);
      assert.equal(world.delay(), 10);
      const call = world.call({ retry: { initialBackoffMs: 30 } });
      world.attempt(3).end(aborted);
      assert.equal(call.outcome, "ABORTED: conflict", "the call's own list has only UNAVAILABLE");
    });

    it("a resolver's goes before the channel's own", () => {
      const world = new RetryWorld({ serviceConfig: configured(2) });
      world.call();
      world.attempt(1).end(unavailable);
      assert.equal(world.f.platform.timers, 0, "the channel's own");
      const endpoints = { value: [{ addresses: [{ transport: "tcp", host: "10.0.0.1", port: 1 }] as const }] };
      const policy = {
        maxAttempts: 3,
        initialBackoff: "0.02s",
        maxBackoff: "1s",
        backoffMultiplier: 1,
        retryableStatusCodes: ["UNAVAILABLE"] as const,
      };
      world.f.resolver.tell({
        endpoints,
        serviceConfig: { value: { methodConfig: [{ name: [{}], retryPolicy: policy }] } },
      });
      world.call();
      world.attempt(2).end(unavailable);
      assert.equal(world.delay(), 20);
      world.f.resolver.tell({ endpoints, serviceConfig: { value: {} } });
      world.call();
      world.attempt(4).end(aborted);
      assert.equal(world.delay(), 10, "where the resolver's says nothing, the channel's own holds");
    });

    it("warns once of a method of which nothing is known, and does as it is told", () => {
      const world = new RetryWorld({ serviceConfig: configured(2) });
      const warnings = world.f.platform.warnings;
      for (let i = 0; i < 2; i++) {
        world.call({}, "IDEMPOTENCY_UNKNOWN");
        world.attempt(2 * i + 1).end(aborted);
        assert.equal(world.delay(), 10);
      }
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /^a service config has calls of \/shop\.v1\.Shop\/Get tried again/);
    });

    it("an option that cannot be ends its call with a sentence", () => {
      const world = new RetryWorld();
      const call = world.call({ retry: { maxAttempts: 1 } });
      assert.match(call.outcome, /^INTERNAL: cannot call \/shop\.v1\.Shop\/Get: retry\.maxAttempts is 1/);
      assert.equal(call.status?.delivery, "not-sent");
      assert.equal(world.attempts, 0);
    });

    it("plans a method once", () => {
      const world = new RetryWorld();
      let reads = 0;
      const counted = new Proxy({ ...method, idempotency: "IDEMPOTENT" } as MethodDescriptor, {
        get(target, key) {
          if (key === "idempotency") reads++;
          return Reflect.get(target, key);
        },
      });
      for (let i = 0; i < 3; i++) world.f.call({}, { method: counted });
      assert.equal(reads, 1);
    });
  });
});
