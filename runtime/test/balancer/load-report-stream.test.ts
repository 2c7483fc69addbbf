import assert from "node:assert/strict";
import { openLoadReportStream } from "../../src/balancer/load-report-stream.js";
import type { PickedSubchannel, SlotWaiter } from "../../src/balancer/picker.js";
import type { StandingCall } from "../../src/balancer/standing-call.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { FakePlatform } from "../support/fake-platform.js";
import { ReportCall } from "./report-call.js";

describe("openLoadReportStream (gRFC A51)", () => {
  let platform: FakePlatform;
  let calls: ReportCall[];
  let waiters: SlotWaiter[];
  let isOpen: boolean;
  let refuseWith: StatusCode | undefined;
  let reported: number[];

  const subchannel: PickedSubchannel = {
    name: "a:1",
    isOpen: () => isOpen,
    waitForSlot: (given) => waiters.push(given),
    leaveSlotQueue: (given) => {
      waiters = waiters.filter((waiter) => waiter !== given);
    },
    invoke: (headers, _options, sink) => {
      const call = new ReportCall(headers, sink);
      calls.push(call);
      if (refuseWith !== undefined) call.end(refuseWith);
      return call;
    },
  };

  beforeEach(() => {
    platform = new FakePlatform();
    calls = [];
    waiters = [];
    isOpen = true;
    refuseWith = undefined;
    reported = [];
  });

  afterEach(() => platform.assertQuiet());

  function start(): StandingCall {
    return openLoadReportStream({
      subchannel,
      clock: platform,
      intervalMs: 2500,
      onReport: (report) => reported.push(report.qps),
    });
  }

  /** The newest. */
  const call = (): ReportCall => calls.at(-1) ?? assert.fail("no call was made");

  it("asks for reports at its interval, and takes one after the other", () => {
    const stream = start();
    assert.equal(call().path, "/xds.service.orca.v3.OpenRcaService/StreamCoreMetrics");
    assert.equal(call().intervalMs, 2500);
    assert.equal(call().isFinished, true);
    for (const qps of [10, 20]) {
      assert.equal(call().pulled, 1);
      call().report(qps, 0.5);
    }
    assert.deepEqual(reported, [10, 20]);
    stream.stop();
    assert.equal(call().cancelled?.code, StatusCode.CANCELLED);
  });

  it("begins anew with backoff until a report comes", () => {
    const stream = start();
    for (const delayMs of [1000, 1600, 2560]) {
      const begun = platform.now();
      const count = calls.length;
      call().end();
      while (calls.length === count) platform.advance(10);
      const spread = (platform.now() - begun) / delayMs;
      assert.ok(spread >= 0.8 && spread <= 1.21, `after ${platform.now() - begun} ms, expected about ${delayMs}`);
    }
    call().report(10, 0.5);
    call().end();
    platform.advance(1200);
    assert.equal(calls.length, 5, "the backoff is at its beginning again");
    stream.stop();
  });

  it("begins anew at once after a stream that lasted", () => {
    const stream = start();
    platform.advance(60_000);
    call().report(10, 0.5);
    call().end(StatusCode.OK);
    platform.advance(0);
    assert.equal(calls.length, 2);
    stream.stop();
  });

  it("does not run in a circle with a server that reports once and ends", () => {
    const stream = start();
    for (let i = 0; i < 10; i++) {
      platform.advance(100);
      if (call().cancelled === undefined && call().pulled === 1) {
        call().report(10, 0.5);
        call().end();
      }
    }
    assert.ok(calls.length <= 3, `${calls.length} calls in a second`);
    stream.stop();
  });

  it("is not begun anew where the server does not know the service", () => {
    const stream = start();
    call().end(StatusCode.UNIMPLEMENTED);
    platform.advance(1_000_000);
    assert.equal(calls.length, 1);
    stream.stop();
  });

  it("lives with a subchannel that ends the call before it has begun", () => {
    refuseWith = StatusCode.UNIMPLEMENTED;
    start();
    assert.equal(call().request, undefined);
    refuseWith = StatusCode.UNAVAILABLE;
    const stream = start();
    refuseWith = undefined;
    platform.advance(1200);
    assert.equal(calls.length, 3);
    assert.equal(call().isFinished, true);
    stream.stop();
  });

  it("waits for a stream slot, or not any more", () => {
    isOpen = false;
    const stream = start();
    assert.equal(calls.length, 0);
    waiters.pop()?.onSlot();
    assert.equal(calls.length, 1);
    stream.stop();
    const second = start();
    second.stop();
    assert.equal(waiters.length, 0, "it left the queue");
    const third = start();
    waiters.pop()?.onNoConnection();
    third.stop();
    assert.equal(calls.length, 1);
  });

  it("does nothing more once it is stopped", () => {
    const first = start();
    first.stop();
    call().report(10, 0.5);
    call().end();
    const second = start();
    call().end();
    second.stop();
    platform.advance(1_000_000);
    assert.equal(calls.length, 2);
    assert.deepEqual(reported, []);
  });
});
