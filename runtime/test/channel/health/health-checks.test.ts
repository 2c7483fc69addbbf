import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import type { Subchannel, SubchannelListener } from "../../../src/balancer/load-balancing-policy.js";
import type { SlotWaiter } from "../../../src/balancer/picker.js";
import type { Address } from "../../../src/base/platform.js";
import { WorkQueue } from "../../../src/base/work-queue.js";
import { HealthChecks } from "../../../src/channel/health/health-checks.js";
import {
  type HealthCheckRequest,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../src/gen/grpc/health/v1/health_pb.js";
import { type CallOptions, noCallOptions } from "../../../src/rpc/call-options.js";
import type { ConnectivityState } from "../../../src/rpc/connectivity-state.js";
import { noDeadline } from "../../../src/rpc/deadline.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { OK } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { method, RecordedCall } from "../recorded-call.js";
import type { ScriptedCall } from "../scripted-connector.js";
import { ScriptedConnector, type ScriptedTransport } from "../scripted-connector.js";

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;
const address: Address = { transport: "tcp", host: "10.0.0.1", port: 1 };
const name = "10.0.0.1:1";

/** The subchannel below: it is what the test says it is. */
class Inner implements Subchannel {
  readonly address = address;
  readonly name = name;
  readonly log: string[] = [];
  readonly waiters: SlotWaiter[] = [];
  state: ConnectivityState = "IDLE";
  lastError: string | undefined;

  constructor(
    readonly transport: ScriptedTransport,
    readonly listener: SubchannelListener,
  ) {}

  become(state: ConnectivityState): void {
    this.state = state;
    this.listener.onState(state);
  }

  isOpen(): boolean {
    return this.state === "READY" && this.transport.streamSlots() > 0;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    return this.transport.invoke(headers, options, sink);
  }

  waitForSlot(waiter: SlotWaiter): void {
    this.waiters.push(waiter);
  }

  leaveSlotQueue(waiter: SlotWaiter): void {
    this.waiters.splice(this.waiters.indexOf(waiter), 1);
  }

  connect(): void {
    this.log.push("connect");
  }

  release(): void {
    this.log.push("release");
  }
}

class Fixture {
  readonly platform = new FakePlatform();
  readonly queue = new WorkQueue((error) => assert.fail(String(error)));
  readonly checks = new HealthChecks(this.platform, this.queue);
  /** What the policy was told. */
  readonly states: ConnectivityState[] = [];
  readonly inner: Inner;
  readonly subchannel: Subchannel;

  constructor(service: string | null = "shop.v1.Shop") {
    this.checks.configure(service ?? undefined);
    const { inner, subchannel } = this.add();
    this.inner = inner;
    this.subchannel = subchannel;
  }

  add(): { readonly inner: Inner; readonly subchannel: Subchannel } {
    const connector = new ScriptedConnector(this.platform);
    connector.connect(address, {
      onTransport() {},
      onConnectError() {},
      onReady() {},
      onSlots() {},
      onWorn() {},
      onTooManyPings() {},
      onDraining() {},
      onClosed() {},
    });
    const transport = connector.last.open();
    const made: Inner[] = [];
    const subchannel = this.checks.check({ onState: (state) => this.states.push(state) }, (listener) => {
      const inner = new Inner(transport, listener);
      made.push(inner);
      return inner;
    });
    return { inner: made[0] ?? assert.fail("nothing was created"), subchannel };
  }

  connect(): void {
    this.inner.become("CONNECTING");
    this.inner.become("READY");
  }

  /** Every Watch call so far. */
  get watches(): readonly ScriptedCall[] {
    return this.inner.transport.calls;
  }

  get watch(): ScriptedCall {
    return this.watches.at(-1) ?? assert.fail("there was no Watch");
  }

  say(status: ServingStatus): void {
    this.watch.sink.onMessage(create(HealthCheckResponseSchema, { status }));
  }

  end(code: StatusCode, message = "enough"): void {
    this.watch.end({ code, message });
  }

  /** What was told since the last time. */
  told(): ConnectivityState[] {
    return this.states.splice(0);
  }
}

describe("client-side health checking (gRFC A17)", () => {
  it("asks Watch for the service, and is CONNECTING until the server has said something", () => {
    const f = new Fixture();
    f.connect();
    assert.deepEqual(f.told(), ["CONNECTING"]);
    assert.equal(f.watch.headers.method.path, "/grpc.health.v1.Health/Watch");
    assert.equal(f.watch.headers.isBackground, true);
    assert.deepEqual(f.watch.options, {
      messageFormat: "proto",
      maxRequestBytes: Number.POSITIVE_INFINITY,
      maxResponseBytes: 65_536,
    });
    assert.deepEqual(f.watch.log, ["pull 1", "send [object Object] last"]);
    const [request] = f.watch.messages as [HealthCheckRequest];
    assert.equal(request.service, "shop.v1.Shop");
    f.say(SERVING);
    assert.deepEqual(f.told(), ["READY"]);
    assert.equal(f.watch.log.at(-1), "pull 1", "the next one is wanted");
  });

  it("is in TRANSIENT_FAILURE while the server says otherwise, with the reason, and READY straight from there", () => {
    const f = new Fixture();
    f.connect();
    for (const [status, text] of [
      [NOT_SERVING, "NOT_SERVING"],
      [SERVICE_UNKNOWN, "SERVICE_UNKNOWN"],
      [ServingStatus.UNKNOWN, "UNKNOWN"],
      [9 as ServingStatus, "status 9"],
    ] as const) {
      f.told();
      f.say(status);
      assert.equal(f.subchannel.state, "TRANSIENT_FAILURE");
      assert.equal(f.subchannel.lastError, `${name} is not healthy: its health service says ${text} of "shop.v1.Shop"`);
      f.say(SERVING);
      assert.deepEqual(f.told(), ["TRANSIENT_FAILURE", "READY"]);
      assert.equal(f.subchannel.lastError, undefined);
    }
    assert.equal(f.watches.length, 1);
    assert.deepEqual(f.inner.log, [], "the connection stays as it is");
  });

  it("tells no state twice", () => {
    const f = new Fixture();
    f.connect();
    f.say(SERVING);
    f.say(SERVING);
    assert.deepEqual(f.told(), ["CONNECTING", "READY"]);
  });

  it("asks about the server as a whole", () => {
    const f = new Fixture("");
    f.connect();
    f.say(NOT_SERVING);
    assert.equal(f.subchannel.lastError, `${name} is not healthy: its health service says NOT_SERVING`);
  });

  describe("a Watch that ends", () => {
    it("is a failure, and is tried again after a backoff of 1 s × 1.6 from start to start", () => {
      const f = new Fixture();
      f.connect();
      f.told();
      const gaps: number[] = [];
      for (let i = 0; i < 4; i++) {
        const startedAt = f.platform.now();
        f.platform.advance(100);
        f.end(StatusCode.UNAVAILABLE, "try later");
        assert.deepEqual(f.told(), ["TRANSIENT_FAILURE"]);
        assert.equal(f.subchannel.lastError, `the health check of ${name} ended (UNAVAILABLE: try later)`);
        assert.equal(f.platform.holdingTimers, 0);
        gaps.push(f.platform.nextTimerAt - startedAt);
        f.platform.advance(f.platform.nextTimerAt - f.platform.now());
        assert.deepEqual(f.told(), ["CONNECTING"]);
        assert.equal(f.watches.length, i + 2);
      }
      for (const [i, middle] of [1000, 1600, 2560, 4096].entries()) {
        const gap = gaps[i] as number;
        assert.ok(gap >= middle * 0.8 && gap <= middle * 1.2, `gap ${i} is ${gap} ms, expected ${middle} ± 20 %`);
      }
    });

    it("is tried again at once when it has lived for long and said something, whatever came before", () => {
      const f = new Fixture();
      f.connect();
      for (let i = 0; i < 5; i++) {
        f.end(StatusCode.INTERNAL);
        f.platform.advance(20_000);
      }
      f.say(SERVING);
      f.told();
      f.platform.advance(2000);
      f.end(StatusCode.OK, "");
      assert.equal(f.watches.length, 7);
      assert.deepEqual(f.told(), ["CONNECTING"], "calls wait, and do not fail");
    });

    it("does not let a server that answers and ends each of them be asked without a pause", () => {
      const f = new Fixture();
      f.connect();
      for (let i = 0; i < 10; i++) {
        f.say(SERVING);
        f.end(StatusCode.OK, "");
        if (i === 0) assert.equal(f.subchannel.lastError, `the health check of ${name} ended (OK)`);
        f.platform.advance(1200);
      }
      assert.ok(f.watches.length >= 10 && f.watches.length <= 16, `${f.watches.length} in 12 s`);
    });

    it("with UNIMPLEMENTED turns checking off for the connection: it is READY, with one warning a channel", () => {
      const f = new Fixture();
      f.connect();
      f.told();
      f.end(StatusCode.UNIMPLEMENTED, "no such service");
      assert.deepEqual(f.told(), ["READY"]);
      f.platform.advance(600_000);
      assert.equal(f.watches.length, 1);
      const { inner } = f.add();
      inner.become("READY");
      inner.transport.calls[0]?.end({ code: StatusCode.UNIMPLEMENTED, message: "no such service" });
      assert.deepEqual(f.platform.warnings, [
        `${name} has no health service (UNIMPLEMENTED: no such service): healthCheckConfig of the service config has no effect, its connections count as healthy`,
      ]);
      f.inner.become("IDLE");
      f.inner.become("READY");
      assert.equal(f.watches.length, 2, "a new connection may lead to a newer server");
    });
  });

  describe("the connection", () => {
    it("passes its states on, and ends the Watch with it", () => {
      const f = new Fixture();
      f.connect();
      f.say(SERVING);
      f.told();
      f.inner.lastError = "the server is going away (NO_ERROR)";
      f.inner.become("IDLE");
      assert.deepEqual(f.told(), ["IDLE"]);
      assert.equal(f.watch.log.at(-1), "cancel 1 the health check is over");
      assert.equal(f.subchannel.lastError, "the server is going away (NO_ERROR)");
      f.inner.become("TRANSIENT_FAILURE");
      f.connect();
      assert.deepEqual(f.told(), ["TRANSIENT_FAILURE", "CONNECTING"]);
      f.say(SERVING);
      assert.deepEqual(f.told(), ["READY"]);
    });

    it("gives a retry up that is pending", () => {
      const f = new Fixture();
      f.connect();
      f.end(StatusCode.UNAVAILABLE);
      f.inner.become("IDLE");
      assert.equal(f.platform.timers, 0);
      assert.equal(f.subchannel.lastError, undefined);
    });

    it("is waited for when all its streams are in use", () => {
      const f = new Fixture();
      f.inner.transport.slots = 0;
      f.connect();
      assert.deepEqual(f.told(), ["CONNECTING"]);
      assert.equal(f.watches.length, 0);
      f.inner.transport.slots = 1;
      f.inner.waiters[0]?.onSlot();
      f.say(SERVING);
      assert.deepEqual(f.told(), ["READY"]);
    });

    it("is left by a Watch that waits for a stream when it ends", () => {
      const f = new Fixture();
      f.inner.transport.slots = 0;
      f.connect();
      f.inner.become("IDLE");
      assert.deepEqual(f.inner.waiters, []);
    });

    it("carries the calls that are picked for it", () => {
      const f = new Fixture();
      f.connect();
      f.say(SERVING);
      assert.equal(f.subchannel.isOpen(), true);
      const call = new RecordedCall();
      f.subchannel.invoke({ method, metadata: new Metadata(), deadline: noDeadline }, noCallOptions, call);
      f.watch.answer("a");
      assert.deepEqual(call.log, ["headers", "message a", "OK"]);
      f.subchannel.connect();
      assert.deepEqual(f.inner.log, ["connect"]);
      assert.equal(f.subchannel.address, address);
    });
  });

  describe("release", () => {
    it("ends the Watch, and nothing is told any more", () => {
      const f = new Fixture();
      f.connect();
      f.told();
      f.subchannel.release();
      f.subchannel.release();
      assert.equal(f.watch.log.at(-1), "cancel 1 the health check is over");
      assert.deepEqual(f.inner.log, ["release"]);
      f.inner.become("IDLE");
      f.checks.configure(undefined);
      assert.deepEqual(f.told(), []);
      assert.equal(f.subchannel.state, "SHUTDOWN");
    });
  });

  describe("a service config that changes", () => {
    it("without health checking leaves a connection READY, and calls no Watch", () => {
      const f = new Fixture(null);
      f.connect();
      assert.deepEqual(f.told(), ["CONNECTING", "READY"]);
      assert.deepEqual(f.watches, []);
    });

    it("turns it on for connections that are there", () => {
      const f = new Fixture(null);
      f.connect();
      f.told();
      f.checks.configure("shop.v1.Shop");
      assert.deepEqual(f.told(), ["CONNECTING"]);
      f.say(SERVING);
      assert.deepEqual(f.told(), ["READY"]);
    });

    it("turns it off, and makes READY what was not", () => {
      const f = new Fixture();
      f.connect();
      f.say(NOT_SERVING);
      f.told();
      f.checks.configure(undefined);
      assert.deepEqual(f.told(), ["READY"]);
      assert.equal(f.watch.isRunning, false);
    });

    it("asks about another service, but not anew about the same", () => {
      const f = new Fixture();
      f.connect();
      f.say(SERVING);
      f.checks.configure("shop.v1.Shop");
      assert.equal(f.watches.length, 1);
      f.checks.configure("shop.v1.Other");
      assert.equal(f.watches[0]?.isRunning, false);
      const [request] = f.watch.messages as [HealthCheckRequest];
      assert.equal(request.service, "shop.v1.Other");
    });
  });

  it("does not mind a stream that cannot be had", () => {
    const f = new Fixture();
    f.inner.transport.refuseNext = { ...OK, code: StatusCode.UNAVAILABLE, message: "the connection is gone" };
    f.connect();
    assert.deepEqual(f.told(), ["CONNECTING", "TRANSIENT_FAILURE"]);
    f.platform.advance(1200);
    f.say(SERVING);
    assert.equal(f.subchannel.state, "READY");
  });
});
