import assert from "node:assert/strict";
import { RetryingInvoker } from "../../../../src/channel/call/attempts/retrying-invoker.js";
import { ReplayBudget } from "../../../../src/retry/replay-budget.js";
import { RetryThrottle } from "../../../../src/retry/retry-throttle.js";
import { noCallOptions } from "../../../../src/rpc/call-options.js";
import { noDeadline } from "../../../../src/rpc/deadline.js";
import type { RequestHeaders } from "../../../../src/rpc/invoker.js";
import { Metadata } from "../../../../src/rpc/metadata.js";
import type { IdempotencyLevel } from "../../../../src/rpc/method-descriptor.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { emptyServiceConfig } from "../../../../src/service-config/service-config.js";
import { methodOf } from "../../../retry/methods.js";
import { FakePlatform } from "../../../support/fake-platform.js";
import { ScriptedInvoker } from "../../../support/scripted-invoker.js";
import { RecordedCall } from "../../recorded-call.js";

class Below {
  readonly platform = new FakePlatform();
  readonly next = new ScriptedInvoker();
  readonly budget = new ReplayBudget();
  readonly invoker = new RetryingInvoker({
    platform: this.platform,
    next: this.next,
    throttle: new RetryThrottle(),
    budget: this.budget,
    serviceConfig: () => emptyServiceConfig,
    ownServiceConfig: emptyServiceConfig,
  });

  call(level: IdempotencyLevel, options = noCallOptions): { headers: RequestHeaders; call: RecordedCall } {
    const call = new RecordedCall();
    const headers = { method: methodOf(level), metadata: new Metadata(), deadline: noDeadline };
    call.stream = this.invoker.invoke(headers, options, call);
    return { headers, call };
  }
}

describe("RetryingInvoker", () => {
  it("has nothing to do with a call without a policy: headers, options, sink and stream are those of its caller", () => {
    const below = new Below();
    const { headers, call } = below.call("IDEMPOTENCY_UNKNOWN");
    const [attempt] = below.next.calls;
    assert.equal(attempt?.headers, headers);
    assert.equal(attempt?.options, noCallOptions);
    assert.equal(attempt?.sink, call);
    assert.equal(call.stream, attempt);
  });

  it("gives a first attempt the caller's own headers and options", () => {
    const below = new Below();
    const { headers } = below.call("IDEMPOTENT");
    assert.equal(below.next.calls[0]?.headers, headers);
    assert.equal(below.next.calls[0]?.options, noCallOptions);
  });

  it("asks all that stands below anew for each attempt: picking and call credentials", () => {
    const below = new Below();
    let asked = 0;
    below.next.onInvoke = () => asked++;
    below.call("IDEMPOTENT");
    for (let i = 0; i < 3; i++) {
      below.next.calls.at(-1)?.sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "" });
      below.platform.advance(1000);
    }
    assert.equal(asked, 4);
  });

  it("takes an attempt that fails before invoke returns like any other", () => {
    const below = new Below();
    below.next.onInvoke = ({ sink }) => sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "down" });
    const { call } = below.call("IDEMPOTENT");
    call.stream?.send("a", true);
    below.platform.advance(10_000);
    assert.equal(below.next.calls.length, 4);
    assert.equal(call.outcome, "UNAVAILABLE: down");
    assert.equal(below.budget.heldBytes, 0);
  });

  it("cancels an attempt that was cancelled while it started", () => {
    for (const options of [noCallOptions, { hedging: { delayMs: 5 } }]) {
      const below = new Below();
      const { call } = below.call("NO_SIDE_EFFECTS", { ...options });
      below.next.onInvoke = () => call.stream?.cancel({ code: StatusCode.CANCELLED, message: "enough" });
      below.next.calls[0]?.sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "" });
      below.platform.advance(1000);
      assert.match(call.outcome, /^CANCELLED: enough/);
      assert.equal(below.next.calls[1]?.cancels.length, 1);
      assert.equal(below.platform.timers, 0);
      assert.equal(below.budget.heldBytes, 0);
    }
  });

  it("says and hears nothing more when a call has ended", () => {
    for (const options of [noCallOptions, { hedging: { delayMs: 5 } }]) {
      const below = new Below();
      const { call } = below.call("NO_SIDE_EFFECTS", { ...options });
      const [attempt] = below.next.calls;
      attempt?.sink.onHeaders(new Metadata());
      attempt?.sink.onMessage("x");
      attempt?.sink.onWritable();
      attempt?.sink.onStatus({ code: StatusCode.OK, message: "" });
      assert.deepEqual(call.log, ["headers", "message x", "writable", "OK"]);
      assert.equal(call.stream?.send("late", true), true);
      call.stream?.finish();
      call.stream?.pull(1);
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "late" });
      assert.deepEqual(attempt?.sent, []);
      assert.equal(below.budget.heldBytes, 0);
    }
  });
});
