import assert from "node:assert/strict";
import { Metadata } from "../../../../src/rpc/metadata.js";
import type { IdempotencyLevel } from "../../../../src/rpc/method-descriptor.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { ChannelFixture } from "../../channel-fixture.js";
import { method } from "../../recorded-call.js";
import { RetryWorld, reset, unavailable } from "./retry-world.js";

describe("a call that is tried again (gRFC A6)", () => {
  describe("by idempotency level: the rows of docs/concepts/retries.md", () => {
    const levels: IdempotencyLevel[] = ["NO_SIDE_EFFECTS", "IDEMPOTENT"];
    for (const level of levels) {
      it(`${level}: an ambiguous failure is tried again`, () => {
        const world = new RetryWorld();
        const call = world.call({}, level);
        world.attempt(1).end(reset);
        world.f.platform.advance(50);
        world.attempt(2).answer("x");
        assert.deepEqual(call.log, ["headers", "message x", "OK"]);
      });

      it(`${level}: UNAVAILABLE from the application is tried again`, () => {
        const world = new RetryWorld();
        const call = world.call({}, level);
        world.attempt(1).end(unavailable);
        world.f.platform.advance(50);
        world.attempt(2).answer("x");
        assert.equal(call.outcome, "OK");
      });

      it(`${level}: no other code is`, () => {
        for (const code of Object.values(StatusCode)) {
          if (code === StatusCode.OK || code === StatusCode.UNAVAILABLE) continue;
          const world = new RetryWorld();
          const call = world.call({}, level);
          world.attempt(1).end({ code, message: "no", delivery: "processed" });
          assert.equal(call.status?.code, code);
        }
      });
    }

    it("IDEMPOTENCY_UNKNOWN: neither is; delivery says what is known", () => {
      for (const status of [reset, unavailable]) {
        const world = new RetryWorld();
        const call = world.call({}, "IDEMPOTENCY_UNKNOWN");
        world.attempt(1).end(status);
        assert.equal(call.status?.delivery, status.delivery);
        world.f.platform.advance(10_000);
        assert.equal(world.attempts, 1);
      }
    });

    it("IDEMPOTENCY_UNKNOWN: goes to its connection with nothing in between", () => {
      const world = new RetryWorld();
      world.call({}, "IDEMPOTENCY_UNKNOWN");
      world.call({}, "IDEMPOTENT");
      assert.equal(world.attempt(1).sink.constructor.name, "PickedCall");
      assert.equal(world.f.platform.timers, 0);
    });

    it("makes four attempts, 50, 100 and 200 ms apart, and then tells how each ended", () => {
      const world = new RetryWorld();
      const call = world.call();
      const delays: number[] = [];
      for (let i = 1; i <= 3; i++) {
        world.attempt(i).end(unavailable);
        delays.push(world.delay());
      }
      world.attempt(4).end({ ...unavailable, message: "still down", peer: world.transport.peer });
      assert.deepEqual(delays, [50, 100, 200]);
      assert.equal(call.outcome, "UNAVAILABLE: still down");
      assert.equal(call.status?.attempts, 4);
      assert.equal(call.status?.timings?.backoffMs, 350);
      assert.deepEqual(
        call.status?.history?.map(({ startedAt, endedAt, message }) => [startedAt, endedAt, message]),
        [
          [0, 0, "down"],
          [50, 50, "down"],
          [150, 150, "down"],
          [350, 350, "still down"],
        ],
      );
      assert.deepEqual(call.status?.history?.[3]?.peer, world.transport.peer);
    });

    it("retry: false of a call or channel leaves one attempt", () => {
      const world = new RetryWorld();
      const call = world.call({ retry: false });
      world.attempt(1).end(unavailable);
      assert.equal(call.outcome, "UNAVAILABLE: down");
      const off = new RetryWorld({ retry: false });
      const other = off.call({ retry: {} });
      off.attempt(1).end(unavailable);
      assert.equal(other.outcome, "UNAVAILABLE: down");
    });
  });

  describe("commit points (gRFC A6)", () => {
    it("vector 7: headers+error not retried", () => {
      const world = new RetryWorld();
      const call = world.call();
      world.attempt(1).sink.onHeaders(new Metadata());
      world.attempt(1).end(unavailable);
      assert.deepEqual(call.log, ["headers", "UNAVAILABLE: down"]);
      world.f.platform.advance(10_000);
      assert.equal(world.attempts, 1);
    });

    it("vector 6: Trailers-Only: the only answer of a server that is tried again", () => {
      const world = new RetryWorld();
      world.call();
      world.attempt(1).end(unavailable);
      assert.equal(world.delay(), 50);
    });

    it("a picker's drop fails the call with no retry of any kind", () => {
      const world = new RetryWorld();
      const call = world.call({ retry: { retryableStatusCodes: [StatusCode.UNAVAILABLE] } });
      world.attempt(1).end({ ...unavailable, isFinal: true });
      assert.equal(call.outcome, "UNAVAILABLE: down");
      assert.equal(world.tokens, 100);
    });

    it("a channel without a connection is UNAVAILABLE as any other", () => {
      const f = new ChannelFixture();
      f.platform.random = () => 0.5;
      const call = f.call({}, { method: { ...method, idempotency: "IDEMPOTENT" } });
      f.resolver.tellHosts("10.0.0.1");
      f.connector.last.refuse();
      assert.deepEqual(call.log, []);
      f.platform.advance(349);
      assert.deepEqual(call.log, []);
      f.platform.advance(1);
      assert.match(call.outcome, /^UNAVAILABLE: no connection to "shop"/);
      assert.deepEqual([call.status?.attempts, call.status?.history?.length], [0, 4]);
      assert.equal(call.status?.delivery, "not-sent");
    });

    it("more messages than a call may keep: the attempt that runs is the last", () => {
      const world = new RetryWorld({ retry: { maxCallReplayBytes: 1000 } });
      const call = world.call();
      call.stream?.send("a", false);
      world.attempt(1).sink.onEncoded?.(0, 900);
      call.stream?.send("b", true);
      world.attempt(1).sink.onEncoded?.(1, 100);
      world.attempt(1).end(unavailable);
      assert.equal(call.outcome, "UNAVAILABLE: down");
      assert.equal(world.attempts, 1);
    });

    it("a channel that keeps enough already: the call is sent, and not again", () => {
      const world = new RetryWorld({ retry: { maxReplayBytes: 1000 } });
      const first = world.call();
      first.stream?.send("a", true);
      world.attempt(1).sink.onEncoded?.(0, 900);
      const second = world.call();
      second.stream?.send("b", true);
      world.attempt(2).sink.onEncoded?.(0, 900);
      world.attempt(2).end(unavailable);
      assert.equal(second.outcome, "UNAVAILABLE: down");
      world.attempt(1).end(unavailable);
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(3).messages, ["a"]);
      world.attempt(3).answer();
      const third = world.call();
      third.stream?.send("c", true);
      world.attempt(4).sink.onEncoded?.(0, 900);
      world.attempt(4).end(unavailable);
      assert.equal(third.status, undefined, "there is room again");
    });
  });

  describe("deadline and cancellation", () => {
    it("vector 13: deadline < backoff: fails now, with what the server said", () => {
      const world = new RetryWorld();
      const call = world.call({ timeoutMs: 50 });
      world.attempt(1).end(unavailable);
      assert.equal(call.outcome, "UNAVAILABLE: down");
      assert.equal(world.f.platform.timers, 0);
    });

    it("covers all attempts; each is told what remains", () => {
      const world = new RetryWorld();
      const call = world.call({ timeoutMs: 1000 });
      const { deadline } = world.attempt(1).headers;
      world.attempt(1).end(unavailable);
      world.f.platform.advance(50);
      assert.equal(world.attempt(2).headers.deadline, deadline);
      world.f.platform.advance(950);
      assert.match(
        call.outcome,
        /^DEADLINE_EXCEEDED: deadline of 1000 ms ran out while waiting for the server's answer/,
      );
      assert.match(call.outcome, /; 50 ms waiting to try again, 950 ms waiting for the answer$/);
      assert.equal(call.status?.history?.length, 2);
    });

    it("vector 12: cancel during backoff leaves no stream, and no timer", () => {
      const world = new RetryWorld();
      const call = world.call();
      world.attempt(1).end(reset);
      world.f.platform.advance(20);
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
      assert.equal(
        call.outcome,
        "CANCELLED: enough while waiting to try again (attempt 1 of 4 failed with UNAVAILABLE: the connection was lost)",
      );
      assert.deepEqual([call.status?.delivery, call.status?.timings?.backoffMs], ["unknown", 20]);
      assert.equal(world.f.platform.timers, 0);
      world.f.platform.advance(10_000);
      assert.equal(world.attempts, 1);
    });

    it("a cancelled attempt is not tried again", () => {
      const world = new RetryWorld();
      const call = world.call({ retry: { retryableStatusCodes: [StatusCode.CANCELLED] } });
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
      assert.equal(call.outcome, "CANCELLED: enough");
      assert.equal(world.f.platform.timers, 0);
    });

    it("a channel that closes ends a call between two attempts", () => {
      const world = new RetryWorld();
      const call = world.call();
      world.attempt(1).end(reset);
      void world.f.channel.close();
      assert.match(call.outcome, /^CANCELLED: channel to "shop" is closed/);
    });

    it("keeps the process alive between two attempts", () => {
      const world = new RetryWorld();
      world.call();
      world.attempt(1).end(reset);
      assert.equal(world.f.platform.holdingTimers, 1);
    });
  });

  describe("what an attempt is told", () => {
    it("vector 10: attempts header absent on 1st & transparent", () => {
      const world = new RetryWorld();
      world.call();
      world.attempt(1).end({ ...unavailable, delivery: "not-processed" });
      assert.equal(world.attempts, 2, "a transparent retry");
      world.attempt(2).end(unavailable);
      world.f.platform.advance(50);
      world.attempt(3).end({ ...unavailable, delivery: "not-processed" });
      assert.equal(world.attempts, 3, "only once in a call: now the policy counts it");
      world.f.platform.advance(100);
      assert.deepEqual(
        world.transport.calls.map(({ headers }) => headers.previousAttempts),
        [undefined, undefined, 1, 2],
      );
    });

    it("a value of the user's own cannot be sent", () => {
      assert.throws(() => new Metadata({ "grpc-previous-rpc-attempts": "3" }), /reserved/);
    });

    it("counts on from what an interceptor that tries again itself has said", () => {
      const world = new RetryWorld();
      world.call({}, "IDEMPOTENT", { previousAttempts: 7 });
      world.attempt(1).end(unavailable);
      world.f.platform.advance(50);
      assert.deepEqual(
        world.transport.calls.map(({ headers }) => headers.previousAttempts),
        [7, 8],
      );
    });
  });

  describe("delivery", () => {
    it("is that of the attempt which may have had the most effect", () => {
      const world = new RetryWorld();
      const call = world.call({ retry: { maxAttempts: 2 } });
      world.attempt(1).end(reset);
      world.transport.lose();
      world.f.platform.advance(50);
      world.f.connector.last.refuse();
      assert.match(call.outcome, /^UNAVAILABLE: no connection/);
      assert.equal(call.status?.delivery, "unknown");
      assert.deepEqual(
        call.status?.history?.map(({ delivery }) => delivery),
        ["unknown", "not-sent"],
      );
    });
  });
});
