import assert from "node:assert/strict";
import { Metadata } from "../../../../src/rpc/metadata.js";
import type { HedgingOptions } from "../../../../src/rpc/retry-options.js";
import { OK } from "../../../../src/rpc/status.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { configOf, type FixtureParts } from "../../channel-fixture.js";
import { method, type RecordedCall } from "../../recorded-call.js";
import { RetryWorld, reset, unavailable } from "./retry-world.js";

const unlimited = Number.POSITIVE_INFINITY;
const every20: HedgingOptions = { delayMs: 20, maxAttempts: 3, maxExtraLoad: unlimited };
const cancelOutrun = "cancel 1 another attempt of the call was answered first";

class HedgeWorld extends RetryWorld {
  hedged(hedging: HedgingOptions = every20): RecordedCall {
    const call = this.call({ hedging }, "NO_SIDE_EFFECTS");
    call.stream?.pull(2);
    call.stream?.send("a", true);
    return call;
  }

  /** Lets `ms` pass; tells how many attempts there are then. */
  after(ms: number): number {
    this.f.platform.advance(ms);
    return this.attempts;
  }
}

function throttled(maxTokens: number, parts: FixtureParts = {}): HedgeWorld {
  return new HedgeWorld({ serviceConfig: configOf({ retryThrottling: { maxTokens, tokenRatio: 0.1 } }), ...parts });
}

describe("a hedged call (gRFC A6)", () => {
  it("starts an attempt after each delay until there are enough, each with all that was said", () => {
    const world = new HedgeWorld();
    world.hedged();
    assert.deepEqual([world.after(19), world.after(1), world.after(20), world.after(1000)], [1, 2, 3, 3]);
    for (const attempt of world.transport.calls) assert.deepEqual(attempt.log, ["pull 2", "send a last"]);
    assert.deepEqual(
      world.transport.calls.map(({ headers }) => headers.previousAttempts),
      [undefined, 1, 2],
    );
  });

  it("without a delay starts all at once", () => {
    const world = new HedgeWorld();
    world.hedged({ ...every20, delayMs: 0 });
    assert.equal(world.attempts, 3);
    for (const attempt of world.transport.calls) assert.deepEqual(attempt.log, ["pull 2", "send a last"]);
  });

  it("OK: the others are cancelled, and theirs is heard no more", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.after(40);
    world.attempt(2).answer("x");
    assert.deepEqual(call.log, ["headers", "message x", "OK"]);
    assert.equal(world.attempt(1).log.at(-1), cancelOutrun);
    assert.equal(world.attempt(3).log.at(-1), cancelOutrun);
    assert.equal(world.f.platform.timers, 0);
  });

  it("response headers: the attempt is committed to, the others are cancelled", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.after(20);
    world.attempt(1).sink.onHeaders(new Metadata());
    assert.equal(world.attempt(2).log.at(-1), cancelOutrun);
    assert.equal(world.after(1000), 2);
    world.attempt(1).end(unavailable);
    assert.deepEqual(call.log, ["headers", "UNAVAILABLE: down"], "no retries on top");
  });

  it("a fatal code cancels all and ends the call", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.after(20);
    world.attempt(2).end({ code: StatusCode.NOT_FOUND, message: "no kettle", delivery: "processed" });
    assert.equal(call.outcome, "NOT_FOUND: no kettle");
    assert.equal(world.attempt(1).log.at(-1), cancelOutrun);
    assert.equal(world.f.platform.timers, 0);
  });

  it("a non-fatal code starts the next attempt now, and the one behind it a delay later", () => {
    const world = new HedgeWorld();
    world.hedged();
    world.after(5);
    world.attempt(1).end(unavailable);
    assert.deepEqual([world.attempts, world.after(19), world.after(1)], [2, 2, 3]);
  });

  it("vector 5: hedge pushback re-arms the running timer: exactly then, and a delay behind it", () => {
    const world = new HedgeWorld();
    world.hedged();
    world.after(5);
    world.attempt(1).end({ ...unavailable, retryPushbackMs: 50 });
    assert.deepEqual([world.after(49), world.after(1), world.after(19), world.after(1)], [1, 2, 2, 3]);
  });

  it("a pushback of 0 starts the next one now", () => {
    const world = new HedgeWorld();
    world.hedged();
    world.attempt(1).end({ ...unavailable, retryPushbackMs: 0 });
    assert.equal(world.attempts, 2);
  });

  it("a bad pushback starts no more; those that run go on, and the call ends with the last", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.after(20);
    world.attempt(1).end({ ...unavailable, retryPushbackMs: -1 });
    assert.equal(world.after(1000), 2);
    assert.deepEqual(call.log, []);
    world.attempt(2).answer("x");
    assert.equal(call.outcome, "OK");
    const other = world.hedged();
    world.attempt(3).end({ ...unavailable, retryPushbackMs: -1 });
    assert.equal(other.outcome, "UNAVAILABLE: down");
  });

  it("all fail: the last failure, with the history of all", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.after(40);
    world.attempt(2).end(unavailable);
    world.attempt(1).end({ ...reset, message: "lost" });
    assert.deepEqual(call.log, []);
    world.attempt(3).end({ ...unavailable, message: "the last" });
    assert.equal(call.outcome, "UNAVAILABLE: the last");
    assert.deepEqual(
      call.status?.history?.map(({ message }) => message),
      ["down", "lost", "the last"],
    );
    assert.deepEqual([call.status?.attempts, call.status?.delivery], [3, "processed"]);
  });

  it("vector 4: hedging throttle: the first is always sent, each further one needs more than half of the tokens", () => {
    const world = throttled(2);
    const first = world.hedged();
    world.attempt(1).end(unavailable);
    assert.equal(first.outcome, "UNAVAILABLE: down", "1 of 2 tokens is left");
    assert.match(first.status?.notRetried ?? "", /^too many calls to the target have failed: 1 of 2 tokens are left/);
    world.hedged();
    assert.deepEqual([world.attempts, world.after(1000)], [2, 2]);
    assert.equal(world.tokens, 1);
  });

  it("ends with its failure when there are no tokens left by the time that the server has named", () => {
    const world = throttled(4);
    const call = world.hedged();
    world.attempt(1).end({ ...unavailable, retryPushbackMs: 50 });
    world.hedged();
    world.attempt(2).end({ ...unavailable, retryPushbackMs: -1 });
    assert.deepEqual(call.log, []);
    assert.equal(world.after(50), 2);
    assert.equal(call.outcome, "UNAVAILABLE: down");
    assert.match(call.status?.notRetried ?? "", /: 2 of 4 tokens are left, more than half are needed/);
    assert.equal(world.f.platform.timers, 0);
  });

  it("takes a token for a non-fatal failure and for a bad pushback, and for nothing else", () => {
    const world = throttled(100);
    world.hedged();
    world.attempt(1).end(unavailable);
    assert.equal(world.tokens, 99);
    world.attempt(2).end({ code: StatusCode.NOT_FOUND, message: "", delivery: "processed", retryPushbackMs: -1 });
    assert.equal(world.tokens, 98);
    world.hedged();
    world.attempt(3).end({ code: StatusCode.NOT_FOUND, message: "", delivery: "processed" });
    assert.equal(world.tokens, 98);
  });

  it("starts none behind the deadline", () => {
    const world = new HedgeWorld();
    const call = world.call({ hedging: every20, timeoutMs: 30 }, "NO_SIDE_EFFECTS");
    world.after(20);
    assert.equal(world.after(9), 2);
    world.after(1);
    assert.match(call.outcome, /^DEADLINE_EXCEEDED: deadline of 30 ms ran out/);
    assert.equal(world.f.platform.timers, 0);
    assert.equal(call.status?.history?.length, 2);
  });

  it("is cancelled as a whole, with what its attempts know", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.after(20);
    call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    assert.equal(call.outcome, "CANCELLED: enough");
    assert.equal(world.attempt(1).log.at(-1), "cancel 1 enough");
    assert.equal(world.attempt(2).log.at(-1), "cancel 1 enough");
    assert.equal(world.f.platform.timers, 0);
  });

  it("is cancelled while it waits for a server's time, too", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.attempt(1).end({ ...reset, retryPushbackMs: 50 });
    call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    assert.equal(call.outcome, "CANCELLED: enough while waiting for the next attempt");
    assert.equal(call.status?.delivery, "unknown");
    assert.equal(world.after(1000), 1);
  });

  it("vector 11 for hedges: more than may be kept: the first goes on, the others are cancelled", () => {
    const world = new HedgeWorld({ retry: { maxCallReplayBytes: 1000 } });
    const call = world.hedged();
    world.after(20);
    world.attempt(1).sink.onEncoded?.(0, 2000);
    assert.equal(world.attempt(2).log.at(-1), cancelOutrun);
    assert.equal(world.after(1000), 2);
    world.attempt(1).end(unavailable);
    assert.match(call.status?.notRetried ?? "", /^more was sent than is kept for another attempt/);
    const empty = new HedgeWorld({ retry: { maxCallReplayBytes: 0 } });
    empty.hedged();
    assert.equal(empty.after(1000), 1);
  });

  it("an attempt without a connection is no failure of those that run", () => {
    const world = new HedgeWorld();
    const call = world.hedged();
    world.transport.goAway();
    world.after(20);
    world.f.connector.last.refuse();
    world.attempt(1).answer("x");
    assert.equal(call.outcome, "OK");
  });

  describe("by latency", () => {
    function taught(hedging: HedgingOptions): HedgeWorld {
      const world = new HedgeWorld();
      for (let i = 1; i <= 20; i++) {
        world.hedged(hedging);
        world.after(i);
        world.attempt(i).answer("x");
      }
      assert.equal(world.attempts, 20, "nothing is hedged before there are twenty answers");
      return world;
    }

    it("waits for the percentile", () => {
      const world = taught({ delayPercentile: 0.5, maxExtraLoad: 1 });
      world.hedged({ delayPercentile: 0.5, maxExtraLoad: 1 });
      assert.deepEqual([world.after(9), world.after(1)], [21, 22]);
    });

    it("counts a call from its start, whichever attempt was answered", () => {
      const hedging = { delayPercentile: 0.5, maxExtraLoad: unlimited };
      const world = taught(hedging);
      for (let i = 0; i < 16; i++) {
        world.hedged(hedging);
        world.after(11);
        world.attempt(world.attempts).answer("x");
      }
      assert.equal(world.attempts, 52, "each was hedged after 10 ms, and answered 1 ms later");
      world.hedged(hedging);
      assert.deepEqual([world.after(10), world.after(1)], [53, 54]);
    });

    it("counts to the first answer, not to the end of a stream", () => {
      const hedging = { delayPercentile: 0.5, maxExtraLoad: unlimited };
      const world = new HedgeWorld();
      for (let i = 1; i <= 20; i++) {
        world.hedged(hedging);
        world.after(10);
        world.attempt(i).sink.onHeaders(new Metadata());
        world.after(1000);
        world.attempt(i).end(OK);
      }
      world.hedged(hedging);
      assert.deepEqual([world.after(9), world.after(1)], [21, 22]);
    });

    it("adds no more load than it may: twenty calls save for one hedge of 5 %", () => {
      const world = taught({});
      let hedges = 0;
      for (let i = 0; i < 40; i++) {
        const before = world.attempts;
        world.hedged({});
        hedges += world.after(100) - before - 1;
        for (const attempt of world.transport.active) attempt.answer("x");
      }
      assert.equal(hedges, 3, "of 60 calls");
    });

    it("a failure starts the next attempt without asking the budget", () => {
      const world = new HedgeWorld();
      world.hedged({});
      world.attempt(1).end(unavailable);
      assert.equal(world.attempts, 2);
    });

    it("a call that outlasts its deadline says that the budget kept another attempt from it; a fatal failure does not", () => {
      const hedging = { maxExtraLoad: 0.001 };
      const world = taught(hedging);
      const late = world.call({ hedging, timeoutMs: 200 }, "NO_SIDE_EFFECTS");
      const fatal = world.hedged(hedging);
      assert.equal(world.after(100), 22);
      world.attempt(22).end({ code: StatusCode.NOT_FOUND, message: "none", delivery: "processed" });
      assert.equal(fatal.status?.notRetried, undefined);
      world.after(100);
      assert.match(late.outcome, /^DEADLINE_EXCEEDED/);
      assert.equal(late.status?.notRetried, "hedges had used up the extra load that they may cause (maxExtraLoad)");
    });

    it("so does one behind the moment when the budget had nothing left for a hedge", () => {
      const hedging = { maxExtraLoad: 0.001 };
      const world = taught(hedging);
      world.hedged(hedging);
      assert.equal(world.after(100), 21);
      world.attempt(21).end(unavailable);
      assert.equal(world.attempts, 22);
    });
  });

  describe("by configuration", () => {
    const config = (hedgingPolicy: unknown) => configOf({ methodConfig: [{ name: [{}], hedgingPolicy }] });
    const serviceConfig = config({ maxAttempts: 50, hedgingDelay: "0.01s", nonFatalStatusCodes: ["UNAVAILABLE"] });

    it("of a service config", () => {
      const world = new HedgeWorld({ serviceConfig });
      world.call({}, "NO_SIDE_EFFECTS");
      assert.equal(world.after(1000), 5);
    });

    it("unset and 0s send all at once", () => {
      for (const hedgingDelay of [undefined, "0s"]) {
        const world = new HedgeWorld({ serviceConfig: config({ maxAttempts: 3, hedgingDelay }) });
        world.call({}, "NO_SIDE_EFFECTS");
        assert.equal(world.attempts, 3);
      }
    });

    it("has no effect on a method that may not be hedged, and warns once", () => {
      const world = new HedgeWorld({ serviceConfig });
      for (let i = 0; i < 2; i++) world.call({}, "IDEMPOTENCY_UNKNOWN");
      assert.equal(world.after(1000), 2);
      assert.deepEqual(world.f.platform.warnings.length, 1);
    });

    it("hedging: false of a call leaves retries", () => {
      const world = new HedgeWorld({ serviceConfig });
      world.call({ hedging: false }, "NO_SIDE_EFFECTS");
      assert.equal(world.after(1000), 1);
      world.attempt(1).end(unavailable);
      assert.equal(world.delay(), 50);
    });

    it("a call that must not be hedged ends with the reason", () => {
      const world = new HedgeWorld();
      const call = world.f.call({ hedging: {} }, { method });
      assert.match(
        call.outcome,
        /^INTERNAL: cannot call \/shop\.v1\.Shop\/Get: it cannot be hedged: its idempotency_level is not/,
      );
    });
  });
});
