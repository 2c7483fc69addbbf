import assert from "node:assert/strict";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
} from "../../src/balancer/load-balancing-policy.js";
import type { Picker, PickResult } from "../../src/balancer/picker.js";
import type { Parsed } from "../../src/base/parsed.js";
import type { Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { ChannelFixture, configOf } from "./channel-fixture.js";
import { doingsOf } from "./described.js";

const noSuchHost = { endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such host" } } };

/** A policy that says what a test wants. */
class ScriptedPolicy implements LoadBalancingPolicy, LoadBalancingPolicyFactory {
  readonly name = "scripted";
  controller: ChannelController | undefined;
  accepts = true;
  onUpdateHook: () => void = () => {};

  readonly create = (controller: ChannelController): LoadBalancingPolicy => {
    this.controller = controller;
    return this;
  };

  parseConfig(): Parsed<unknown> {
    return { value: {} };
  }

  onUpdate(): boolean {
    this.onUpdateHook();
    return this.accepts;
  }

  onResolverError(): void {}
  exitIdle(): void {}
  close(): void {}

  says(result: PickResult): void {
    this.usesPicker({ pick: () => result });
  }

  usesPicker(picker: Picker): void {
    assert.ok(this.controller);
    this.controller.update("READY", picker);
  }
}

describe("ControlPlane", () => {
  describe("resolution", () => {
    it("is tried again after a backoff of 1 s × 1.6 while it fails", () => {
      const f = new ChannelFixture();
      f.channel.connect();
      const gaps: number[] = [];
      for (let i = 0; i < 4; i++) {
        f.resolver.tell(noSuchHost);
        const hints = f.resolver.hints;
        gaps.push(f.platform.nextTimerAt - f.platform.now());
        assert.equal(f.platform.holdingTimers, 0);
        f.platform.advance(gaps[i] as number);
        assert.equal(f.resolver.hints, hints + 1);
      }
      for (const [i, middle] of [1000, 1600, 2560, 4096].entries()) {
        const gap = gaps[i] as number;
        assert.ok(gap >= middle * 0.8 && gap <= middle * 1.2, `backoff ${i} is ${gap} ms, expected ${middle} ± 20 %`);
      }
    });

    it("starts its backoff anew after a success, and gives a pending one up", () => {
      const f = new ChannelFixture();
      f.channel.connect();
      for (let i = 0; i < 5; i++) f.resolver.tell(noSuchHost);
      f.resolver.tellHosts("10.0.0.1");
      f.connector.last.succeed();
      assert.equal(f.platform.timers, 0);
      f.resolver.tell(noSuchHost);
      assert.ok(f.platform.nextTimerAt - f.platform.now() <= 1200);
    });

    it("keeps what is known when it fails later", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      assert.equal(f.resolver.tell(noSuchHost), false);
      assert.equal(f.channel.state(), "READY");
      f.call();
      assert.equal(transport.calls.length, 1);
    });

    it("is asked for when every address has failed and when a connection is lost", () => {
      const f = new ChannelFixture();
      f.ready().lose();
      assert.equal(f.resolver.hints, 1);
      f.channel.connect();
      f.connector.last.refuse();
      assert.equal(f.resolver.hints, 2);
    });

    it("is not asked for while its backoff runs", () => {
      const f = new ChannelFixture();
      const transport = f.ready();
      f.resolver.tell(noSuchHost);
      transport.lose();
      assert.equal(f.resolver.hints, 0);
    });

    it("tells the resolver whether the policy took the endpoints, and asks again if not", () => {
      const f = new ChannelFixture();
      const call = f.call();
      assert.equal(f.resolver.tellHosts(), false);
      assert.equal(call.outcome, 'UNAVAILABLE: no connection to "shop": the name was resolved to no address');
      f.platform.advance(1200);
      assert.equal(f.resolver.hints, 1);
      assert.equal(f.resolver.tellHosts("10.0.0.1"), true);
    });
  });

  it("runs one thing at a time: what a policy sets off waits until it has returned", () => {
    const policy = new ScriptedPolicy();
    const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
    const log: string[] = [];
    policy.onUpdateHook = () => {
      log.push("endpoints");
      const listener = { onState: (state: string) => log.push(state) };
      policy.controller?.createSubchannel({ transport: "tcp", host: "10.0.0.1", port: 1 }, listener).connect();
      policy.controller?.requestResolution();
      log.push(`hints ${f.resolver.hints}`);
    };
    f.channel.connect();
    f.resolver.tellHosts("10.0.0.1");
    assert.deepEqual(log, ["endpoints", "hints 0", "CONNECTING"]);
    assert.equal(f.resolver.hints, 1);
  });

  it("closes what a policy forgets, health checks too", async () => {
    const policy = new ScriptedPolicy();
    const serviceConfig = configOf({ healthCheckConfig: { serviceName: "shop.v1.Shop" } });
    const f = new ChannelFixture({ policy: { factory: policy, config: {} }, serviceConfig });
    policy.onUpdateHook = () => {
      const address = { transport: "tcp", host: "10.0.0.1", port: 1 } as const;
      policy.controller?.createSubchannel(address, { onState() {} }, { checksHealth: true }).connect();
    };
    f.channel.connect();
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    assert.equal(transport.calls.length, 1);
    transport.calls[0]?.end({ code: StatusCode.UNAVAILABLE, message: "try later" });
    assert.deepEqual(f.channel.describe().subchannels.map(doingsOf), [
      {
        address: "10.0.0.1:1",
        state: "TRANSIENT_FAILURE",
        lastError: "the health check of 10.0.0.1:1 ended (UNAVAILABLE: try later)",
        waitingCalls: 0,
        connections: [{ peer: "ipv4:10.0.0.1:1", activeCalls: 0, freeStreams: Number.POSITIVE_INFINITY }],
      },
    ]);
    await f.channel.close();
    f.platform.assertQuiet();
  });

  it("turns what a policy throws into the status of calls", () => {
    const policy = new ScriptedPolicy();
    const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
    policy.onUpdateHook = () => {
      throw new Error("a bug");
    };
    const call = f.call();
    f.resolver.tellHosts("10.0.0.1");
    assert.equal(call.outcome, 'INTERNAL: no connection to "shop": the control plane failed: a bug');
    assert.equal(f.channel.state(), "TRANSIENT_FAILURE");
  });

  it("goes back to what its policy said before once a result comes that it can use", () => {
    const f = new ChannelFixture();
    f.ready();
    f.resolver.tell({
      endpoints: { value: [{ addresses: [{ transport: "tcp", host: "10.0.0.1", port: 1 }] }] },
      serviceConfig: { value: { x: 1n } as object },
    });
    assert.equal(f.channel.state(), "TRANSIENT_FAILURE");
    assert.match(String(f.call().outcome), /^INTERNAL: .* the control plane failed/);
    f.resolver.tellHosts("10.0.0.1");
    assert.equal(f.channel.state(), "READY");
  });

  it("turns what a picker throws into the status of the call", () => {
    const policy = new ScriptedPolicy();
    const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
    f.channel.connect();
    f.resolver.tellHosts("10.0.0.1");
    policy.usesPicker({
      pick: () => {
        throw new Error("a bug");
      },
    });
    const call = f.call({ waitForReady: true });
    assert.equal(call.outcome, "INTERNAL: the load balancing policy dropped the call: the picker failed: a bug");
  });

  it("gives back the connections that a policy forgets at its close", async () => {
    const policy = new ScriptedPolicy();
    const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
    f.channel.connect();
    f.resolver.tellHosts("10.0.0.1");
    policy.controller?.createSubchannel({ transport: "tcp", host: "10.0.0.1", port: 1 }, { onState() {} }).connect();
    policy.close = () => {
      throw new Error("a bug");
    };
    await f.channel.close();
    assert.equal(f.connector.last.cancelled, true);
    f.platform.assertQuiet();
    policy.says({ kind: "queue" });
    assert.equal(f.channel.state(), "SHUTDOWN", "a policy that goes on talking is not heard");
  });

  describe("results of a picker (gRFC A54)", () => {
    const unavailable: Status = { code: StatusCode.UNAVAILABLE, message: "no server" };

    it("fail: a call fails, or waits if it waits for ready", () => {
      const policy = new ScriptedPolicy();
      const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
      f.channel.connect();
      f.resolver.tellHosts("10.0.0.1");
      policy.says({ kind: "fail", status: unavailable });
      assert.equal(f.call().outcome, 'UNAVAILABLE: no connection to "shop": no server');
      assert.equal(f.call({ waitForReady: true }).status, undefined);
      assert.equal(f.call({ waitForReady: false }).outcome, 'UNAVAILABLE: no connection to "shop": no server');
    });

    it("drop: a call fails even if it waits for ready", () => {
      const policy = new ScriptedPolicy();
      const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
      f.channel.connect();
      f.resolver.tellHosts("10.0.0.1");
      policy.says({ kind: "drop", status: unavailable });
      const call = f.call({ waitForReady: true });
      assert.equal(call.outcome, "UNAVAILABLE: the load balancing policy dropped the call: no server");
    });

    it("queue: a call waits for the next picker", () => {
      const policy = new ScriptedPolicy();
      const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
      f.channel.connect();
      f.resolver.tellHosts("10.0.0.1");
      policy.says({ kind: "queue" });
      const call = f.call();
      policy.says({ kind: "queue" });
      assert.equal(call.status, undefined);
      policy.says({ kind: "fail", status: unavailable });
      assert.equal(call.outcome, 'UNAVAILABLE: no connection to "shop": no server');
    });

    for (const name of [
      ...["OK", "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "ABORTED"],
      ...["OUT_OF_RANGE", "DATA_LOSS"],
    ] as const) {
      it(`never end a call with ${name}`, () => {
        const policy = new ScriptedPolicy();
        const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
        f.channel.connect();
        f.resolver.tellHosts("10.0.0.1");
        policy.says({ kind: "fail", status: { code: StatusCode[name as "OK"], message: "whatever" } });
        assert.equal(
          f.call().outcome,
          `INTERNAL: no connection to "shop": the control plane gave the status ${name}, which only a server may: whatever`,
        );
      });
    }

    it("may end a call with the other codes", () => {
      const policy = new ScriptedPolicy();
      const f = new ChannelFixture({ policy: { factory: policy, config: {} } });
      f.channel.connect();
      f.resolver.tellHosts("10.0.0.1");
      policy.says({ kind: "fail", status: { code: StatusCode.PERMISSION_DENIED, message: "not you" } });
      assert.equal(f.call().outcome, 'PERMISSION_DENIED: no connection to "shop": not you');
    });
  });
});
