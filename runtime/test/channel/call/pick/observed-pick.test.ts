import assert from "node:assert/strict";
import type { ChannelController, LoadBalancingPolicyFactory } from "../../../../src/balancer/load-balancing-policy.js";
import { defaultPickFirst, pickFirst } from "../../../../src/balancer/pick-first/pick-first.js";
import { ObservedPicker, type PickObserver } from "../../../../src/balancer/picker.js";
import type { Status } from "../../../../src/rpc/status.js";
import { StatusCode, statusCodeName } from "../../../../src/rpc/status-code.js";
import { ChannelFixture } from "../../channel-fixture.js";

/** pick_first, whose picks are observed. */
function observedBy(observer: PickObserver): LoadBalancingPolicyFactory {
  return {
    name: "observed",
    parseConfig: () => ({ value: defaultPickFirst }),
    create: (controller) => pickFirst.create(observing(controller, observer)),
  };
}

function observing(controller: ChannelController, observer: PickObserver): ChannelController {
  return {
    createSubchannel: (address, listener, options) => controller.createSubchannel(address, listener, options),
    update: (state, picker) => controller.update(state, new ObservedPicker(picker, observer)),
    requestResolution: () => controller.requestResolution(),
    now: () => controller.now(),
    random: () => controller.random(),
    setTimer: (at, fn) => controller.setTimer(at, fn),
  };
}

function fixtureFor(observer: PickObserver): ChannelFixture {
  return new ChannelFixture({ policy: { factory: observedBy(observer), config: defaultPickFirst } });
}

/** Writes down what it hears. */
class Recorder implements PickObserver {
  readonly log: string[] = [];

  onStart(): void {
    this.log.push("start");
  }

  onEnd(status: Status): void {
    this.log.push(`${statusCodeName(status.code)} ${status.delivery}`);
    const from = status.trailers?.get("x-trailer");
    if (from !== undefined) this.log.push(`trailer ${from}`);
  }
}

describe("an observer of picks", () => {
  it("hears of start and end, with trailers, before the application does", () => {
    const recorder = new Recorder();
    const f = fixtureFor(recorder);
    const transport = f.ready();
    const call = f.call();
    assert.deepEqual(recorder.log, ["start"]);
    call.onEnd = () => recorder.log.push("application");
    transport.calls[0]?.answer();
    assert.deepEqual(recorder.log, ["start", "OK processed", "trailer 1", "application"]);
  });

  it("hears of a call that waits for a slot, and gives up", () => {
    const recorder = new Recorder();
    const f = fixtureFor(recorder);
    f.ready(1);
    f.call();
    const waiting = f.call();
    assert.deepEqual(recorder.log, ["start", "start"]);
    waiting.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    assert.deepEqual(recorder.log, ["start", "start", "CANCELLED not-sent"]);
  });

  it("hears nothing of a call that has no connection", () => {
    const recorder = new Recorder();
    const f = fixtureFor(recorder);
    const call = f.call();
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    assert.match(call.outcome, /^UNAVAILABLE/);
    assert.deepEqual(recorder.log, []);
  });

  it("hears of each attempt of a call that never left", () => {
    const recorder = new Recorder();
    const f = fixtureFor(recorder);
    const transport = f.ready(2);
    f.call();
    f.call();
    const waiting = f.call();
    transport.lose();
    f.connector.last.succeed().calls[0]?.answer();
    assert.equal(waiting.outcome, "OK");
    assert.deepEqual(recorder.log, [
      ...["start", "start", "start"],
      ...["UNAVAILABLE unknown", "UNAVAILABLE unknown", "UNAVAILABLE not-sent"],
      ...["start", "OK processed", "trailer 1"],
    ]);
  });

  it("that throws at the start ends the call, which does not start", () => {
    let ends = 0;
    const observer: PickObserver = {
      onStart() {
        throw new Error("a bug");
      },
      onEnd: () => ends++,
    };
    const f = fixtureFor(observer);
    const transport = f.ready();
    assert.equal(f.call().outcome, "INTERNAL: the load balancing policy's observer failed: a bug");
    assert.equal(transport.calls.length, 0);
    assert.equal(ends, 0);
    assert.equal(f.channel.state(), "READY");
  });

  it("that throws at the end gives the call its status, and nothing else", () => {
    let throws = true;
    const f = fixtureFor({
      onEnd() {
        if (throws) throw new Error("a bug");
      },
    });
    const transport = f.ready();
    const calls = [f.call(), f.call()];
    transport.calls[0]?.answer("x");
    throws = false;
    transport.calls[1]?.answer();
    assert.deepEqual(calls[0]?.log, [
      ...["headers", "message x"],
      "INTERNAL: the load balancing policy's observer failed: a bug",
    ]);
    assert.equal(calls[0]?.status?.delivery, "processed");
    assert.equal(calls[1]?.outcome, "OK");
  });

  it("that throws between two attempts ends the call", () => {
    const f = fixtureFor({
      onEnd() {
        throw new Error("a bug");
      },
    });
    const transport = f.ready();
    const call = f.call();
    transport.calls[0]?.endUnsent();
    assert.equal(call.outcome, "INTERNAL: the load balancing policy's observer failed: a bug");
  });

  it("may cancel the call that starts", () => {
    const recorder = new Recorder();
    const f = fixtureFor(recorder);
    const call = f.call();
    recorder.onStart = () => {
      recorder.log.push("start");
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "no" });
    };
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    assert.equal(call.outcome, "CANCELLED: no");
    assert.deepEqual(recorder.log, ["start", "CANCELLED not-sent"]);
    assert.equal(transport.calls.length, 0);
  });
});
