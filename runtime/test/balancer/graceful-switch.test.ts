import assert from "node:assert/strict";
import { GracefulSwitch } from "../../src/balancer/graceful-switch.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
} from "../../src/balancer/load-balancing-policy.js";
import { failAlways, type Picker, queuePicker } from "../../src/balancer/picker.js";
import type { ConnectivityState } from "../../src/rpc/connectivity-state.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { endpoints, FakeController } from "./fake-controller.js";

/** A policy that a test moves by hand. */
class Puppet implements LoadBalancingPolicy {
  readonly log: string[] = [];
  accepts = true;

  constructor(
    readonly name: string,
    readonly controller: ChannelController,
  ) {}

  onUpdate({ config }: { readonly config: unknown }): boolean {
    this.log.push(`update ${String(config)}`);
    return this.accepts;
  }

  onResolverError(): void {
    this.log.push("error");
  }

  exitIdle(): void {
    this.log.push("exitIdle");
  }

  close(): void {
    this.log.push("close");
  }

  become(state: ConnectivityState): void {
    this.controller.update(state, this.picker);
  }

  get picker(): Picker {
    return failAlways({ code: StatusCode.UNAVAILABLE, message: this.name });
  }
}

class Stage {
  readonly controller = new FakeController();
  readonly policy = new GracefulSwitch(this.controller);
  readonly puppets: Puppet[] = [];
  readonly #factories = new Map<string, LoadBalancingPolicyFactory>();

  /** The newest of that name. */
  puppet(name: string): Puppet {
    return this.puppets.findLast((puppet) => puppet.name === name) ?? assert.fail(`no ${name}`);
  }

  update(name: string, config: unknown = 1): boolean {
    return this.policy.onUpdate({ endpoints: endpoints("a"), config: { factory: this.#factory(name), config } });
  }

  #factory(name: string): LoadBalancingPolicyFactory {
    const known = this.#factories.get(name);
    if (known !== undefined) return known;
    const create = (controller: ChannelController): Puppet => {
      const puppet = new Puppet(name, controller);
      this.puppets.push(puppet);
      return puppet;
    };
    const factory: LoadBalancingPolicyFactory = { name, parseConfig: () => ({ value: {} }), create };
    this.#factories.set(name, factory);
    return factory;
  }
}

describe("GracefulSwitch", () => {
  it("passes everything on to one policy while its name stays", () => {
    const stage = new Stage();
    stage.update("old", 1);
    stage.update("old", 2);
    stage.policy.exitIdle();
    stage.policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "no" });
    assert.deepEqual(stage.puppet("old").log, ["update 1", "update 2", "exitIdle", "error"]);
    stage.puppet("old").become("READY");
    stage.puppet("old").controller.requestResolution();
    assert.deepEqual(stage.controller.takeLog(), ["READY fail: old", "resolve"]);
    stage.puppet("old").accepts = false;
    assert.equal(stage.update("old"), false);
  });

  it("says what the resolver said while there is no policy", () => {
    const stage = new Stage();
    stage.policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "no such host" });
    stage.policy.exitIdle();
    assert.deepEqual(stage.controller.takeLog(), ["TRANSIENT_FAILURE fail: no such host"]);
  });

  for (const state of ["READY", "TRANSIENT_FAILURE", "IDLE"] as const) {
    it(`has the new policy take over when it is ${state}`, () => {
      const stage = new Stage();
      stage.update("old");
      stage.puppet("old").become("READY");
      stage.update("new");
      stage.puppet("new").become("CONNECTING");
      assert.deepEqual(stage.controller.takeLog(), ["READY fail: old"]);
      stage.puppet("old").become("READY");
      assert.deepEqual(stage.controller.takeLog(), ["READY fail: old"], "the old one is in force, and may change");
      stage.puppet("new").become(state);
      assert.deepEqual(stage.controller.takeLog(), [`${state} fail: new`]);
      assert.deepEqual(stage.puppet("old").log, ["update 1", "close"]);
    });

    if (state === "READY") continue;
    it(`has the new policy take over when the old one is ${state}`, () => {
      const stage = new Stage();
      stage.update("old");
      stage.puppet("old").become("READY");
      stage.update("new");
      stage.puppet("new").become("CONNECTING");
      stage.controller.takeLog();
      stage.puppet("old").become(state);
      assert.deepEqual(stage.controller.takeLog(), ["CONNECTING fail: new"]);
      assert.deepEqual(stage.puppet("old").log, ["update 1", "close"]);
    });
  }

  it("has the new policy take over at its first word if the old one was not READY", () => {
    const stage = new Stage();
    stage.update("old");
    stage.puppet("old").become("CONNECTING");
    stage.update("new");
    stage.puppet("new").become("CONNECTING");
    assert.deepEqual(stage.controller.takeLog(), ["CONNECTING fail: old", "CONNECTING fail: new"]);
  });

  it("has calls wait if the old policy falls before the new one has said anything", () => {
    const stage = new Stage();
    stage.update("old");
    stage.puppet("old").become("READY");
    stage.update("new");
    stage.puppet("old").become("IDLE");
    assert.deepEqual(stage.controller.takeLog(), ["READY fail: old", "CONNECTING queue"]);
    assert.equal(stage.controller.picker, queuePicker);
  });

  it("closes a policy only when it has returned", () => {
    const stage = new Stage();
    stage.update("old");
    const old = stage.puppet("old");
    old.become("READY");
    stage.update("new");
    old.controller.createSubchannel(
      { transport: "tcp", host: "a", port: 1 },
      {
        onState: () => {
          old.become("IDLE");
          old.log.push("returned");
        },
      },
    );
    stage.controller.at("a:1").become("IDLE");
    assert.deepEqual(old.log.slice(-2), ["returned", "close"]);
  });

  it("hears nothing more of a policy that is closed", () => {
    const stage = new Stage();
    stage.update("old");
    const old = stage.puppet("old");
    old.controller.createSubchannel({ transport: "tcp", host: "a", port: 1 }, { onState: () => old.log.push("state") });
    old.controller.setTimer(stage.controller.now() + 10, () => old.log.push("timer"));
    stage.update("new");
    stage.puppet("new").become("READY");
    stage.controller.takeLog();
    stage.controller.at("a:1").become("READY");
    stage.controller.platform.advance(10);
    old.become("READY");
    old.controller.requestResolution();
    assert.deepEqual(old.log, ["update 1", "close"]);
    assert.deepEqual(stage.controller.takeLog(), []);
  });

  it("drops a new policy for one that is newer", () => {
    const stage = new Stage();
    stage.update("old");
    stage.puppet("old").become("READY");
    stage.update("new");
    stage.update("newer");
    assert.deepEqual(stage.puppet("new").log, ["update 1", "close"]);
    stage.puppet("new").become("READY");
    stage.puppet("newer").become("READY");
    assert.deepEqual(stage.controller.takeLog(), ["READY fail: old", "READY fail: newer"]);
  });

  it("goes back to the old policy while it still serves", () => {
    const stage = new Stage();
    stage.update("old");
    stage.puppet("old").become("READY");
    stage.update("new");
    stage.update("old", 2);
    assert.deepEqual(stage.puppet("new").log, ["update 1", "close"]);
    assert.deepEqual(stage.puppet("old").log, ["update 1", "update 2"]);
    assert.equal(stage.puppets.length, 2);
  });

  it("lets only the newest ask for a resolution", () => {
    const stage = new Stage();
    stage.update("old");
    stage.puppet("old").become("READY");
    stage.update("new");
    stage.controller.takeLog();
    stage.puppet("old").controller.requestResolution();
    assert.deepEqual(stage.controller.takeLog(), []);
    stage.puppet("new").controller.requestResolution();
    assert.deepEqual(stage.controller.takeLog(), ["resolve"]);
  });

  it("closes both at its close", () => {
    const stage = new Stage();
    stage.update("old");
    stage.puppet("old").become("READY");
    stage.update("new");
    stage.policy.close();
    assert.deepEqual(stage.puppet("old").log, ["update 1", "close"]);
    assert.deepEqual(stage.puppet("new").log, ["update 1", "close"]);
    stage.puppet("old").become("READY");
    assert.deepEqual(stage.controller.takeLog(), ["READY fail: old"]);
  });

  it("closes a policy that throws", () => {
    const stage = new Stage();
    stage.update("old");
    const old = stage.puppet("old");
    old.become("READY");
    stage.update("new");
    old.exitIdle = () => {
      old.become("IDLE");
      throw new Error("a bug");
    };
    old.controller.setTimer(stage.controller.now(), () => old.exitIdle());
    assert.throws(() => stage.controller.platform.advance(1), /a bug/);
    assert.deepEqual(old.log, ["update 1", "close"]);
  });
});
