import assert from "node:assert/strict";
import { throttlesOf } from "../../../../src/retry/throttle-registry.js";
import type { CallOptions } from "../../../../src/rpc/call-options.js";
import type { RequestHeaders } from "../../../../src/rpc/invoker.js";
import type { IdempotencyLevel, MethodDescriptor } from "../../../../src/rpc/method-descriptor.js";
import type { Status } from "../../../../src/rpc/status.js";
import { StatusCode } from "../../../../src/rpc/status-code.js";
import { ChannelFixture, type FixtureParts } from "../../channel-fixture.js";
import { method, type RecordedCall } from "../../recorded-call.js";
import type { ScriptedCall, ScriptedTransport } from "../../scripted-connector.js";

/** The server's own answer. */
export const unavailable: Status = { code: StatusCode.UNAVAILABLE, message: "down", delivery: "processed" };
/** The connection ended with the request on its way. */
export const reset: Status = { code: StatusCode.UNAVAILABLE, message: "the connection was lost", delivery: "unknown" };

/** Each once: what a method's calls have taught is known by its descriptor. */
const methods: Readonly<Record<IdempotencyLevel, MethodDescriptor>> = {
  IDEMPOTENCY_UNKNOWN: method,
  IDEMPOTENT: { ...method, idempotency: "IDEMPOTENT" },
  NO_SIDE_EFFECTS: { ...method, idempotency: "NO_SIDE_EFFECTS" },
};

/** A channel that is connected, in whose world no delay is spread. */
export class RetryWorld {
  readonly f: ChannelFixture;
  readonly transport: ScriptedTransport;
  /** What the dice say; 0.5 spreads nothing. */
  lot = 0.5;

  constructor(parts: FixtureParts = {}) {
    this.f = new ChannelFixture(parts);
    this.f.platform.random = () => this.lot;
    this.transport = this.f.ready();
  }

  call(options?: CallOptions, level: IdempotencyLevel = "IDEMPOTENT", headers?: Partial<RequestHeaders>): RecordedCall {
    return this.f.call(options, { method: methods[level], ...headers });
  }

  /** The attempt of this number, from 1. */
  attempt(number: number): ScriptedCall {
    return this.transport.calls[number - 1] ?? assert.fail(`there were ${this.transport.calls.length} attempts`);
  }

  get attempts(): number {
    return this.transport.calls.length;
  }

  get tokens(): number {
    return throttlesOf(this.f.platform).acquire("shop").tokens;
  }

  /** How long it takes until there is one attempt more. */
  delay(): number {
    const before = this.attempts;
    for (let ms = 0; ms <= 10_000; ms++) {
      if (this.attempts > before) return ms;
      this.f.platform.advance(1);
    }
    return Number.POSITIVE_INFINITY;
  }
}
