import assert from "node:assert/strict";
import type { Peer } from "../../src/base/platform.js";
import type { RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import type { Metadata } from "../../src/rpc/metadata.js";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import type { Status } from "../../src/rpc/status.js";
import { statusCodeName } from "../../src/rpc/status-code.js";

/** The application's end of a call: writes down what comes, and holds the grammar of ResponseSink. */
export class RecordedCall implements ResponseSink {
  /** `headers`, `message <m>`, `writable`, `<CODE>` or `<CODE>: <message>`. */
  readonly log: string[] = [];
  status: Status | undefined;
  /** Set by whoever started the call. */
  stream: RequestStream | undefined;
  onEnd: (() => void) | undefined;
  /** Lets the world go on: a call that ends while it starts is told a turn later. */
  runTurns: (() => void) | undefined;

  onHeaders(_metadata: Metadata, _peer?: Peer): void {
    assert.equal(this.status, undefined, "headers behind the status");
    this.log.push("headers");
  }

  onMessage(message: unknown): void {
    assert.ok(
      this.log.includes("headers") && this.status === undefined,
      "a message without headers, or behind the status",
    );
    this.log.push(`message ${String(message)}`);
  }

  onStatus(status: Status): void {
    assert.equal(this.status, undefined, "a second status");
    this.status = status;
    this.log.push(
      status.message === "" ? statusCodeName(status.code) : `${statusCodeName(status.code)}: ${status.message}`,
    );
    this.onEnd?.();
  }

  onWritable(): void {
    assert.equal(this.status, undefined, "writable behind the status");
    this.log.push("writable");
  }

  /** The last entry: how the call ended. */
  get outcome(): string {
    if (this.status === undefined) this.runTurns?.();
    assert.ok(this.status, "the call has not ended");
    return this.log.at(-1) as string;
  }
}

export const method = {
  path: "/shop.v1.Shop/Get",
  service: "shop.v1.Shop",
  name: "Get",
  localName: "get",
  kind: "unary",
  idempotency: "IDEMPOTENCY_UNKNOWN",
} as MethodDescriptor;
