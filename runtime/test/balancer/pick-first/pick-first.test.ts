import assert from "node:assert/strict";
import type { LoadBalancingPolicy, PolicyUpdate } from "../../../src/balancer/load-balancing-policy.js";
import { defaultPickFirst, type PickFirstConfig, pickFirst } from "../../../src/balancer/pick-first/pick-first.js";
import { defaultPolicy } from "../../../src/balancer/registry.js";
import type { Endpoint } from "../../../src/resolver/endpoint.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { endpoints, FakeController } from "../fake-controller.js";

function updateOf(given: readonly Endpoint[], config = defaultPickFirst): PolicyUpdate<PickFirstConfig> {
  return { endpoints: given, config };
}

function start(...hosts: string[]): { controller: FakeController; policy: LoadBalancingPolicy<PickFirstConfig> } {
  const controller = new FakeController();
  const policy = pickFirst.create(controller);
  assert.equal(policy.onUpdate(updateOf(endpoints(...hosts))), true);
  return { controller, policy };
}

describe("pick_first", () => {
  it("is the default", () => {
    assert.deepEqual(defaultPolicy, { factory: pickFirst, config: defaultPickFirst });
  });

  it("connects to the first address and stays with it", () => {
    const { controller } = start("a", "b");
    assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect a:1"]);
    controller.at("a:1").become("READY");
    assert.deepEqual(controller.takeLog(), ["READY pick a:1", "release b:1"]);
    assert.equal(controller.pick(), controller.pick(), "a pick makes no object");
  });

  it("tries the next address when one fails", () => {
    const { controller } = start("a", "b", "c");
    controller.takeLog();
    controller.at("a:1").fail();
    assert.deepEqual(controller.takeLog(), ["connect b:1"]);
    controller.at("a:1").become("IDLE", "connect to a:1 was refused");
    assert.deepEqual(controller.takeLog(), [], "in the first pass each waits for its turn");
    controller.at("b:1").become("READY");
    assert.deepEqual(controller.takeLog(), ["READY pick b:1", "release a:1", "release c:1"]);
  });

  it("fails calls once all have failed, with every reason, and asks for a resolution", () => {
    const { controller } = start("a", "b");
    controller.at("a:1").fail();
    controller.takeLog();
    controller.at("b:1").fail();
    assert.deepEqual(controller.takeLog(), [
      "TRANSIENT_FAILURE fail: connect to a:1 was refused; connect to b:1 was refused",
      "resolve",
    ]);
    const result = controller.pick();
    assert.equal(result.kind === "fail" && result.status.code, StatusCode.UNAVAILABLE);
  });

  it("names three reasons at most", () => {
    const { controller } = start("a", "b", "c", "d", "e");
    for (const host of ["a", "b", "c", "d"]) controller.at(`${host}:1`).fail();
    controller.takeLog();
    controller.at("e:1").fail();
    assert.equal(
      controller.takeLog()[0],
      "TRANSIENT_FAILURE fail: connect to a:1 was refused; connect to b:1 was refused; connect to c:1 was refused; and 2 more",
    );
  });

  it("goes on trying each address at its own pace, and stays in TRANSIENT_FAILURE meanwhile (gRFC A62)", () => {
    const { controller } = start("a", "b");
    controller.at("a:1").fail();
    controller.at("b:1").fail();
    controller.takeLog();
    controller.at("a:1").become("IDLE", "connect to a:1 was refused");
    assert.deepEqual(controller.takeLog(), ["connect a:1"], "no CONNECTING is told");
    controller.at("a:1").become("TRANSIENT_FAILURE", "connect to a:1 timed out");
    const failure = "TRANSIENT_FAILURE fail: connect to a:1 timed out; connect to b:1 was refused";
    assert.deepEqual(controller.takeLog(), [failure]);
    controller.at("b:1").become("IDLE", "connect to b:1 was refused");
    controller.at("b:1").fail();
    assert.deepEqual(controller.takeLog(), ["connect b:1", failure, "resolve"], "a resolution for each round");
    controller.at("a:1").become("IDLE");
    controller.at("a:1").become("READY");
    assert.deepEqual(controller.takeLog(), ["connect a:1", "READY pick a:1", "release b:1"]);
  });

  it("tries again what has failed once every address has had its turn, though another one hangs", () => {
    const { controller } = start("a", "b");
    controller.at("a:1").fail();
    controller.takeLog();
    controller.at("a:1").become("IDLE", "connect to a:1 was refused");
    assert.deepEqual(controller.takeLog(), ["connect a:1"]);
    controller.at("a:1").fail();
    assert.deepEqual(controller.takeLog(), [], "b has not failed yet");
    controller.at("b:1").fail();
    assert.deepEqual(controller.takeLog(), [
      "TRANSIENT_FAILURE fail: connect to a:1 was refused; connect to b:1 was refused",
      "resolve",
    ]);
  });

  it("is idle after its connection was lost, and starts from the first address when asked", () => {
    const { controller, policy } = start("a", "b");
    controller.at("a:1").fail();
    controller.at("b:1").become("READY");
    controller.takeLog();
    controller.at("b:1").become("IDLE", "connection lost");
    assert.deepEqual(controller.takeLog(), ["release b:1", "resolve", "IDLE queue"]);
    policy.exitIdle();
    assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect a:1"]);
    policy.exitIdle();
    assert.deepEqual(controller.takeLog(), [], "it is not idle any more");
  });

  it("tells CONNECTING again after it has been READY", () => {
    const { controller, policy } = start("a");
    controller.at("a:1").fail();
    controller.at("a:1").become("IDLE");
    controller.at("a:1").become("READY");
    controller.at("a:1").become("IDLE");
    controller.takeLog();
    policy.exitIdle();
    assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect a:1"]);
  });

  it("takes addresses of all endpoints in order, each once", () => {
    const controller = new FakeController();
    const [a, b] = endpoints("a", "b").map((endpoint) => endpoint.addresses[0]);
    assert.ok(a && b);
    pickFirst.create(controller).onUpdate(updateOf([{ addresses: [b, a] }, { addresses: [b] }]));
    assert.deepEqual(
      controller.subchannels.map((subchannel) => subchannel.name),
      ["b:1", "a:1"],
    );
  });

  describe("when the endpoints change", () => {
    it("keeps a connection to an address that is still there", () => {
      const { controller, policy } = start("a", "b");
      controller.at("a:1").become("READY");
      controller.takeLog();
      assert.equal(policy.onUpdate(updateOf(endpoints("c", "a"))), true);
      assert.deepEqual(controller.takeLog(), []);
      controller.at("a:1").become("IDLE");
      controller.takeLog();
      policy.exitIdle();
      assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect c:1"], "the new list holds");
    });

    describe("without the address that is connected", () => {
      const startLeaving = (): ReturnType<typeof start> => {
        const started = start("a");
        started.controller.at("a:1").become("READY");
        started.controller.takeLog();
        started.policy.onUpdate(updateOf(endpoints("b", "c")));
        assert.deepEqual(started.controller.takeLog(), ["connect b:1"], "a serves on");
        return started;
      };

      it("leaves it when another one is connected", () => {
        const { controller } = startLeaving();
        controller.at("c:1").become("READY");
        assert.deepEqual(controller.takeLog(), ["READY pick c:1", "release b:1", "release a:1"]);
      });

      it("stays with it while no other can be connected", () => {
        const { controller } = startLeaving();
        controller.at("b:1").fail();
        controller.at("c:1").fail();
        controller.at("b:1").become("IDLE", "connect to b:1 was refused");
        assert.deepEqual(controller.takeLog(), ["connect c:1", "resolve", "connect b:1"]);
        controller.at("b:1").become("READY");
        assert.deepEqual(controller.takeLog(), ["READY pick b:1", "release c:1", "release a:1"]);
      });

      it("waits for another one when its connection ends", () => {
        const { controller } = startLeaving();
        controller.at("a:1").become("IDLE");
        assert.deepEqual(controller.takeLog(), ["release a:1", "CONNECTING queue"]);
      });

      it("fails when its connection ends and the others have failed", () => {
        const { controller } = startLeaving();
        controller.at("b:1").fail();
        controller.at("c:1").fail();
        controller.takeLog();
        controller.at("a:1").become("IDLE");
        const failure = "TRANSIENT_FAILURE fail: connect to b:1 was refused; connect to c:1 was refused";
        assert.deepEqual(controller.takeLog(), ["release a:1", failure]);
      });

      it("stays with it when it comes again", () => {
        const { controller, policy } = startLeaving();
        policy.onUpdate(updateOf(endpoints("c", "a")));
        assert.deepEqual(controller.takeLog(), ["release b:1", "release c:1"]);
        assert.equal(controller.platform.timers, 0);
        assert.equal(controller.state, "READY");
        controller.at("a:1").become("IDLE");
        assert.deepEqual(controller.takeLog(), ["release a:1", "resolve", "IDLE queue"]);
      });

      it("releases everything at its close", () => {
        const { controller, policy } = startLeaving();
        policy.close();
        assert.deepEqual(controller.takeLog(), ["release b:1", "release c:1", "release a:1"]);
        assert.equal(controller.platform.timers, 0);
      });
    });

    it("does not connect while idle", () => {
      const { controller, policy } = start("a");
      controller.at("a:1").become("READY");
      controller.at("a:1").become("IDLE");
      controller.takeLog();
      policy.onUpdate(updateOf(endpoints("b")));
      assert.deepEqual(controller.takeLog(), []);
      policy.exitIdle();
      assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect b:1"]);
    });

    it("starts a pass anew while it connects, with the attempts that run already", () => {
      const { controller, policy } = start("a", "b");
      controller.takeLog();
      policy.onUpdate(updateOf(endpoints("c", "a")));
      assert.deepEqual(controller.takeLog(), ["release b:1", "CONNECTING queue", "connect c:1"]);
      controller.at("a:1").become("READY");
      assert.deepEqual(controller.takeLog(), ["READY pick a:1", "release c:1"], "a late success is a success");
    });

    it("takes an attempt that has succeeded meanwhile, though nobody has told yet", () => {
      const { controller, policy } = start("a", "b");
      controller.takeLog();
      controller.at("a:1").state = "READY";
      policy.onUpdate(updateOf(endpoints("c", "a")));
      assert.deepEqual(controller.takeLog(), ["release b:1", "READY pick a:1", "release c:1"]);
    });

    it("leaves a connection at once that is not READY itself", () => {
      const { controller, policy } = start("a");
      controller.at("a:1").become("READY");
      controller.at("a:1").become("TRANSIENT_FAILURE", "a:1 is NOT_SERVING");
      controller.takeLog();
      policy.onUpdate(updateOf(endpoints("b")));
      assert.deepEqual(controller.takeLog(), ["release a:1", "connect b:1"]);
    });

    it("skips in a new pass what is in its backoff, and tells no CONNECTING after a failure", () => {
      const { controller, policy } = start("a");
      controller.at("a:1").fail();
      controller.takeLog();
      policy.onUpdate(updateOf(endpoints("a", "b")));
      assert.deepEqual(controller.takeLog(), ["connect b:1"]);
    });

    it("goes on as it does when the same addresses come again", () => {
      const { controller, policy } = start("a", "b");
      controller.takeLog();
      assert.equal(policy.onUpdate(updateOf(endpoints("a", "b"))), true);
      assert.deepEqual(controller.takeLog(), []);
      controller.at("a:1").fail();
      controller.at("b:1").fail();
      controller.takeLog();
      assert.equal(policy.onUpdate(updateOf(endpoints("a", "b"))), true);
      assert.deepEqual(controller.takeLog(), [], "else a resolver that answers at once would be asked for ever");
    });

    it("asks for no resolution where every new address is in its backoff", () => {
      const { controller, policy } = start("a", "b");
      controller.at("a:1").fail();
      controller.at("b:1").fail();
      controller.takeLog();
      policy.onUpdate(updateOf(endpoints("b")));
      const failure = "TRANSIENT_FAILURE fail: connect to b:1 was refused";
      assert.deepEqual(controller.takeLog(), ["release a:1", failure]);
    });

    it("ignores what a released subchannel still says", () => {
      const { controller, policy } = start("a");
      const old = controller.at("a:1");
      old.become("READY");
      policy.onUpdate(updateOf(endpoints("b")));
      controller.at("b:1").become("READY");
      controller.takeLog();
      old.become("IDLE");
      assert.deepEqual(controller.takeLog(), []);
    });

    it("refuses an empty list", () => {
      const { controller, policy } = start("a");
      controller.at("a:1").become("READY");
      controller.takeLog();
      assert.equal(policy.onUpdate(updateOf([])), false);
      const failure = "TRANSIENT_FAILURE fail: the name was resolved to no address";
      assert.deepEqual(controller.takeLog(), ["release a:1", failure]);
      assert.equal(policy.onUpdate(updateOf(endpoints("b"))), true);
      assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect b:1"]);
    });
  });

  it("passes a failed resolution on unless it knows addresses", () => {
    const controller = new FakeController();
    const policy = pickFirst.create(controller);
    const status = { code: StatusCode.UNAVAILABLE, message: "no such host" };
    policy.onResolverError(status);
    assert.deepEqual(controller.takeLog(), ["TRANSIENT_FAILURE fail: no such host"]);
    policy.onUpdate(updateOf(endpoints("a")));
    assert.deepEqual(controller.takeLog(), ["CONNECTING queue", "connect a:1"]);
    controller.at("a:1").become("READY");
    controller.takeLog();
    policy.onResolverError(status);
    assert.deepEqual(controller.takeLog(), []);
  });

  it("releases everything at its close, in every state", () => {
    const connecting = start("a", "b");
    connecting.controller.takeLog();
    connecting.policy.close();
    assert.deepEqual(connecting.controller.takeLog(), ["release a:1", "release b:1"]);

    const ready = start("a");
    ready.controller.at("a:1").become("READY");
    ready.controller.takeLog();
    ready.policy.close();
    assert.deepEqual(ready.controller.takeLog(), ["release a:1"]);
    ready.policy.exitIdle();
    ready.policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "late" });
    assert.deepEqual(ready.controller.takeLog(), []);
  });
});
