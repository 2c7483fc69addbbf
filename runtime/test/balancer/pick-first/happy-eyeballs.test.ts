import assert from "node:assert/strict";
import type { LoadBalancingPolicy } from "../../../src/balancer/load-balancing-policy.js";
import {
  attemptDelayMs,
  defaultPickFirst,
  type PickFirstConfig,
  pickFirst,
} from "../../../src/balancer/pick-first/pick-first.js";
import { endpoints, FakeController } from "../fake-controller.js";

function start(...hosts: string[]): { controller: FakeController; policy: LoadBalancingPolicy<PickFirstConfig> } {
  const controller = new FakeController();
  const policy = pickFirst.create(controller);
  policy.onUpdate({ endpoints: endpoints(...hosts), config: defaultPickFirst });
  controller.takeLog();
  return { controller, policy };
}

describe("pick_first, Happy Eyeballs (RFC 8305 §5, gRFC A61)", () => {
  it("tries the next address beside one that does not answer within 250 ms, and so on", () => {
    const { controller } = start("a", "b", "c");
    controller.platform.advance(attemptDelayMs - 1);
    assert.deepEqual(controller.takeLog(), []);
    controller.platform.advance(1);
    assert.deepEqual(controller.takeLog(), ["connect b:1"]);
    controller.platform.advance(attemptDelayMs);
    assert.deepEqual(controller.takeLog(), ["connect c:1"]);
    assert.equal(controller.platform.timers, 0, "there is no further address");
    assert.equal(attemptDelayMs, 250);
  });

  it("takes the first that connects, and gives the others up", () => {
    const { controller } = start("a", "b", "c");
    controller.platform.advance(attemptDelayMs);
    controller.takeLog();
    controller.at("a:1").become("READY");
    assert.deepEqual(controller.takeLog(), ["READY pick a:1", "release b:1", "release c:1"]);
    assert.equal(controller.platform.timers, 0);
  });

  it("tries the next at once when the newest attempt fails, and gives that one its own 250 ms", () => {
    const { controller } = start("a", "b", "c");
    controller.platform.advance(100);
    controller.at("a:1").fail();
    assert.deepEqual(controller.takeLog(), ["connect b:1"]);
    controller.platform.advance(attemptDelayMs - 1);
    assert.deepEqual(controller.takeLog(), []);
    controller.platform.advance(1);
    assert.deepEqual(controller.takeLog(), ["connect c:1"]);
  });

  it("does not hurry when an older attempt fails", () => {
    const { controller } = start("a", "b", "c");
    controller.platform.advance(attemptDelayMs);
    controller.takeLog();
    controller.at("a:1").fail();
    assert.deepEqual(controller.takeLog(), []);
    controller.platform.advance(attemptDelayMs);
    assert.deepEqual(controller.takeLog(), ["connect c:1"]);
  });

  it("fails when every attempt has failed, in whatever order", () => {
    const { controller } = start("a", "b");
    controller.platform.advance(attemptDelayMs);
    controller.takeLog();
    controller.at("b:1").fail();
    assert.deepEqual(controller.takeLog(), []);
    controller.at("a:1").fail();
    assert.deepEqual(controller.takeLog(), [
      "TRANSIENT_FAILURE fail: connect to a:1 was refused; connect to b:1 was refused",
      "resolve",
    ]);
  });

  it("passes over what is in its backoff", () => {
    const { controller, policy } = start("a", "b");
    controller.at("a:1").fail();
    controller.takeLog();
    policy.onUpdate({ endpoints: endpoints("c", "a", "d"), config: defaultPickFirst });
    controller.takeLog();
    controller.platform.advance(attemptDelayMs);
    assert.deepEqual(controller.takeLog(), ["connect d:1"]);
  });

  it("does not end with the timer of a pass that is over", () => {
    const { controller, policy } = start("a", "b");
    policy.onUpdate({ endpoints: endpoints("c", "d"), config: defaultPickFirst });
    assert.equal(controller.platform.timers, 1);
    policy.close();
    assert.equal(controller.platform.timers, 0);
  });
});

describe("pick_first, shuffleAddressList (gRFC A62)", () => {
  const config: PickFirstConfig = { shuffleAddressList: true };
  const firstOf = (seed: number): string => {
    const controller = new FakeController({ seed });
    pickFirst.create(controller).onUpdate({ endpoints: endpoints("a", "b"), config });
    return controller.takeLog().find((line) => line.startsWith("connect")) ?? "none";
  };

  it("begins with either of two addresses", () => {
    const firsts = new Set(Array.from({ length: 40 }, (_, seed) => firstOf(seed)));
    assert.deepEqual([...firsts].sort(), ["connect a:1", "connect b:1"]);
  });

  it("stays with its order while the same endpoints come again, in whatever order", () => {
    const controller = new FakeController();
    const policy = pickFirst.create(controller);
    policy.onUpdate({ endpoints: endpoints("a", "b", "c", "d"), config });
    controller.takeLog();
    for (let i = 0; i < 10; i++) policy.onUpdate({ endpoints: endpoints("d", "b", "a", "c"), config });
    assert.deepEqual(controller.takeLog(), []);
  });
});
