import assert from "node:assert/strict";
import type { Address, Connecting, Millis, Peer } from "../../src/base/platform.js";
import type { ConnectionListener, Connector } from "../../src/channel/subchannel/connector.js";
import { addressName } from "../../src/resolver/endpoint.js";
import type { CallOptions } from "../../src/rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK, type Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { nextId } from "../../src/telemetry/next-id.js";
import { Traffic, type TrafficReport } from "../../src/telemetry/traffic.js";
import type { ClientTransport } from "../../src/transport/transport.js";
import type { FakePlatform } from "../support/fake-platform.js";

/** One call as a connection sees it, and the hands to answer it. */
export class ScriptedCall implements RequestStream {
  /** `send <message>`, `send <message> last`, `finish`, `pull <n>`, `cancel <code> <message>`. */
  readonly log: string[] = [];
  /** Every message that was sent. */
  readonly messages: unknown[] = [];
  /** What send returns. */
  writable = true;
  /** Runs inside of send. */
  onSend: ((message: unknown) => void) | undefined;
  #ended = false;

  constructor(
    readonly headers: RequestHeaders,
    readonly options: CallOptions,
    readonly sink: ResponseSink,
    readonly transport: ScriptedTransport,
  ) {}

  get isRunning(): boolean {
    return !this.#ended;
  }

  send(message: unknown, last: boolean): boolean {
    if (this.#ended) return true;
    this.messages.push(message);
    this.log.push(`send ${String(message)}${last ? " last" : ""}`);
    this.onSend?.(message);
    return this.writable;
  }

  finish(): void {
    if (!this.#ended) this.log.push("finish");
  }

  pull(count: number): void {
    if (!this.#ended) this.log.push(`pull ${count}`);
  }

  cancel(status: Status): void {
    if (this.#ended) return;
    this.log.push(`cancel ${status.code} ${status.message}`);
    this.end(status);
  }

  /** Answers with headers, messages and OK. */
  answer(...messages: unknown[]): void {
    this.sink.onHeaders(new Metadata({ "x-from": this.transport.peer.address }), this.transport.peer);
    for (const message of messages) this.sink.onMessage(message);
    this.end({ ...OK, trailers: new Metadata({ "x-trailer": "1" }), delivery: "processed" });
  }

  end(status: Status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.transport.running--;
    this.sink.onStatus(status);
  }

  /** The connection ended before the request had left. */
  endUnsent(): void {
    this.end({ code: StatusCode.UNAVAILABLE, message: "the connection was lost", delivery: "not-sent" });
  }
}

export class ScriptedTransport implements ClientTransport {
  readonly id = nextId();
  readonly local = undefined;
  readonly traffic = new Traffic();
  readonly peer: Peer;
  readonly calls: ScriptedCall[] = [];
  slots = Number.POSITIVE_INFINITY;
  running = 0;
  /** `drain`, `wake`, `close <message>`. */
  readonly log: string[] = [];
  readonly #listener: ConnectionListener;
  #closed = false;

  constructor(name: string, listener: ConnectionListener, security: Peer["security"] = "none") {
    this.peer = { address: `ipv4:${name}`, security };
    this.#listener = listener;
  }

  /** What an invoke does instead of starting a call, once. */
  refuseNext: Status | undefined;
  /** Runs inside of invoke. */
  onInvoke: ((call: ScriptedCall) => void) | undefined;

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    assert.ok(this.streamSlots() > 0, "a call was invoked without a slot");
    const call = new ScriptedCall(headers, options, sink, this);
    this.calls.push(call);
    this.running++;
    this.onInvoke?.(call);
    const refusal = this.refuseNext;
    this.refuseNext = undefined;
    if (refusal !== undefined) call.end(refusal);
    return call;
  }

  get activeCalls(): number {
    return this.running;
  }

  get startedCalls(): number {
    return this.calls.length;
  }

  reportTraffic(): TrafficReport {
    const nothing = { messagesReceived: 0, keepalivesSent: 0, sendWindow: 0, receiveWindow: 0 };
    const totals = { streamsStarted: this.calls.length, openStreams: this.running, ...nothing };
    return this.traffic.report({ now: () => 0, wallClock: () => 0 }, totals);
  }

  streamSlots(): number {
    return this.sleeps === "no" ? this.slots - this.running : 0;
  }

  wake(): boolean {
    if (this.sleeps === "no") return false;
    if (this.sleeps === "yes") this.log.push("wake");
    this.sleeps = "waking";
    return true;
  }

  /** It was silent for too long, until `answerPing`. */
  sleeps: "no" | "yes" | "waking" = "no";

  answerPing(): void {
    this.sleeps = "no";
    this.#listener.onSlots();
  }

  wearOut(): void {
    this.#listener.onWorn();
  }

  sayTooManyPings(): void {
    this.#listener.onTooManyPings();
    this.goAway("the server is going away (ENHANCE_YOUR_CALM): too_many_pings");
  }

  /** The calls that run. */
  get active(): ScriptedCall[] {
    return this.calls.filter((call) => call.isRunning);
  }

  freeSlots(): void {
    this.#listener.onSlots();
  }

  goAway(reason = "the server is going away (NO_ERROR)"): void {
    this.slots = 0;
    this.#listener.onDraining(reason);
  }

  /** The connection is gone; calls that run are told. */
  lose(reason = "connection to the server was reset"): void {
    if (this.#closed) return;
    this.#closed = true;
    this.slots = 0;
    for (const call of this.active) call.end({ code: StatusCode.UNAVAILABLE, message: reason, delivery: "unknown" });
    this.#listener.onClosed(reason);
  }

  drain(): void {
    this.log.push("drain");
    this.slots = 0;
    if (this.running === 0) this.lose("drained");
  }

  close(status: Status): void {
    if (this.#closed) return;
    this.log.push(`close ${status.message}`);
    for (const call of this.active) call.cancel(status);
    this.lose(status.message);
  }
}

/** One attempt to connect, and the hands to let it go well or not. */
export class ScriptedAttempt {
  cancelled = false;
  transport: ScriptedTransport | undefined;

  constructor(
    readonly name: string,
    readonly at: Millis,
    readonly listener: ConnectionListener,
    /** How many times rarer than it would it is to send PINGs. */
    readonly pingFactor: number,
    readonly security: Peer["security"] = "none",
  ) {}

  refuse(): void {
    this.listener.onConnectError(`connect to ${this.name} was refused (ECONNREFUSED)`);
  }

  /** The byte stream opens. */
  open(slots = Number.POSITIVE_INFINITY): ScriptedTransport {
    assert.equal(this.cancelled, false, "the attempt was given up");
    const transport = new ScriptedTransport(this.name, this.listener, this.security);
    transport.slots = slots;
    this.transport = transport;
    this.listener.onTransport(transport);
    return transport;
  }

  /** The byte stream opens and the server's SETTINGS come. */
  succeed(slots?: number): ScriptedTransport {
    const transport = this.open(slots);
    this.listener.onReady();
    return transport;
  }
}

/** Connects when the test says so. */
export class ScriptedConnector implements Connector {
  readonly attempts: ScriptedAttempt[] = [];
  /** Of the connections. */
  security: Peer["security"] = "none";
  readonly #platform: FakePlatform;

  constructor(platform: FakePlatform) {
    this.#platform = platform;
  }

  connect(address: Address, listener: ConnectionListener, pingFactor = 1): Connecting {
    const attempt = new ScriptedAttempt(
      addressName(address),
      this.#platform.now(),
      listener,
      pingFactor,
      this.security,
    );
    this.attempts.push(attempt);
    return {
      cancel: () => {
        attempt.cancelled = true;
      },
    };
  }

  /** The newest attempt. */
  get last(): ScriptedAttempt {
    return this.attempts.at(-1) ?? assert.fail("nobody tried to connect");
  }
}
