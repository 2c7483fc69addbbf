import assert from "node:assert/strict";
import { Metadata } from "../../../../src/rpc/metadata.js";
import { RetryWorld, unavailable } from "./retry-world.js";

describe("a stream that is tried again (gRFC A6)", () => {
  describe("streams", () => {
    it("vector 17: half-close replay for client streaming, with every message and pull", () => {
      const world = new RetryWorld();
      const call = world.call({ compression: "gzip" });
      call.stream?.pull(2);
      call.stream?.send("a", false);
      call.stream?.send("b", false);
      call.stream?.finish();
      world.attempt(1).end(unavailable);
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).log, ["pull 2", "send a", "send b", "finish"]);
      assert.equal(world.attempt(2).options.compression, "gzip");
      world.attempt(2).end(unavailable);
      world.f.platform.advance(100);
      assert.deepEqual(world.attempt(3).log, ["pull 2", "send a", "send b", "finish"]);
      world.attempt(3).answer("x");
      assert.deepEqual(call.log, ["headers", "message x", "OK"]);
    });

    it("half-closes with the last message where that did", () => {
      const world = new RetryWorld();
      const call = world.call();
      call.stream?.send("a", false);
      call.stream?.send("b", true);
      world.attempt(1).end(unavailable);
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).log, ["send a", "send b last"]);
    });

    it("takes what is said between two attempts, and has the caller wait", () => {
      const world = new RetryWorld();
      const call = world.call();
      call.stream?.send("a", false);
      world.attempt(1).end(unavailable);
      assert.equal(call.stream?.send("b", false), false);
      call.stream?.pull(1);
      call.stream?.finish();
      assert.deepEqual(call.log, []);
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).log, ["pull 1", "send a", "send b", "finish"]);
      assert.deepEqual(call.log, ["writable"]);
    });

    it("vector 11: buffer overflow mid-backoff keeps write promise: it is sent, and the attempt is the last", () => {
      const world = new RetryWorld({ retry: { maxCallReplayBytes: 200 } });
      const call = world.call();
      call.stream?.send("a", false);
      world.attempt(1).sink.onEncoded?.(0, 100);
      world.attempt(1).end(unavailable);
      assert.equal(call.stream?.send("b", false), false, "the caller waits");
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).messages, ["a", "b"], "nothing is lost");
      assert.deepEqual(call.log, ["writable"]);
      world.attempt(2).end(unavailable);
      assert.equal(call.outcome, "UNAVAILABLE: down");
    });

    it("passes what the connection says of writing on, once everything was said again", () => {
      const world = new RetryWorld();
      const call = world.call();
      world.attempt(1).sink.onWritable();
      call.stream?.send("a", false);
      world.attempt(1).end(unavailable);
      call.stream?.send("b", false);
      world.transport.onInvoke = (attempt) => {
        attempt.writable = false;
      };
      world.f.platform.advance(50);
      assert.deepEqual(call.log, ["writable"], "the new connection has no room");
      world.attempt(2).sink.onWritable();
      assert.deepEqual(call.log, ["writable", "writable"]);
    });

    it("lets a caller go on that the attempt before had told to wait", () => {
      const world = new RetryWorld();
      const call = world.call();
      world.attempt(1).writable = false;
      assert.equal(call.stream?.send("a", false), false);
      world.attempt(1).end(unavailable);
      world.f.platform.advance(50);
      assert.deepEqual(call.log, ["writable"]);
    });

    it("says nothing more of a stream that fails amid what is said again", () => {
      const world = new RetryWorld();
      const call = world.call();
      for (const message of ["a", "b", "c"]) call.stream?.send(message, false);
      world.attempt(1).end(unavailable);
      world.transport.onInvoke = (attempt) => {
        attempt.onSend = () => attempt.end(unavailable);
      };
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).messages, ["a"]);
      world.transport.onInvoke = undefined;
      world.f.platform.advance(100);
      assert.deepEqual(world.attempt(3).messages, ["a", "b", "c"]);
      assert.equal(call.status, undefined);
    });

    it("keeps the order of what is said while it is said again", () => {
      const world = new RetryWorld();
      const call = world.call();
      for (const message of ["a", "b"]) call.stream?.send(message, false);
      world.attempt(1).end(unavailable);
      world.transport.onInvoke = (attempt) => {
        attempt.onSend = (message) => {
          if (message !== "a") return;
          attempt.sink.onWritable();
          call.stream?.send("c", false);
          call.stream?.finish();
        };
      };
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).log, ["send a", "send b", "send c", "finish"]);
    });

    it("keeps the order of what is said while it is said again, though the answer begins amid it", () => {
      const world = new RetryWorld();
      const call = world.call();
      for (const message of ["a", "b"]) call.stream?.send(message, false);
      world.attempt(1).end(unavailable);
      world.transport.onInvoke = (attempt) => {
        attempt.onSend = (message) => {
          if (message !== "a") return;
          attempt.sink.onHeaders(new Metadata());
          call.stream?.send("c", true);
        };
      };
      world.f.platform.advance(50);
      assert.deepEqual(world.attempt(2).log, ["send a", "send b", "send c last"]);
      world.attempt(2).end(unavailable);
      assert.equal(call.outcome, "UNAVAILABLE: down");
    });

    it("keeps nothing once it is committed", () => {
      const world = new RetryWorld();
      const call = world.call();
      call.stream?.send("a", false);
      world.attempt(1).sink.onHeaders(new Metadata());
      world.attempt(1).sink.onEncoded?.(1, 5_000_000);
      call.stream?.send("b", true);
      assert.deepEqual(world.attempt(1).log, ["send a", "send b last"]);
      world.attempt(1).end(unavailable);
      for (const act of [() => call.stream?.send("c", false), () => call.stream?.finish(), () => call.stream?.pull(1)])
        act();
      assert.equal(world.attempts, 1);
    });
  });
});
