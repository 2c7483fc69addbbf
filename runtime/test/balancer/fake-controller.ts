import assert from "node:assert/strict";
import type {
  ChannelController,
  Subchannel,
  SubchannelListener,
  SubchannelOptions,
} from "../../src/balancer/load-balancing-policy.js";
import type { Picker, PickResult } from "../../src/balancer/picker.js";
import type { Address, Millis, Timer } from "../../src/base/platform.js";
import { addressName, type Endpoint } from "../../src/resolver/endpoint.js";
import type { CallOptions } from "../../src/rpc/call-options.js";
import type { ConnectivityState } from "../../src/rpc/connectivity-state.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import { FakePlatform, type FakePlatformOptions } from "../support/fake-platform.js";

export class FakeSubchannel implements Subchannel {
  readonly name: string;
  state: ConnectivityState = "IDLE";
  lastError: string | undefined;
  readonly #controller: FakeController;
  readonly #listener: SubchannelListener;

  constructor(
    controller: FakeController,
    readonly address: Address,
    listener: SubchannelListener,
    readonly options: SubchannelOptions = {},
  ) {
    this.#controller = controller;
    this.name = addressName(address);
    this.#listener = listener;
  }

  isOpen(): boolean {
    return this.state === "READY";
  }

  connect(): void {
    if (this.state !== "IDLE") return;
    this.#controller.log.push(`connect ${this.name}`);
    // A real one tells of it later, from the work queue.
    this.state = "CONNECTING";
  }

  release(): void {
    this.#controller.log.push(`release ${this.name}`);
    this.state = "SHUTDOWN";
  }

  /** A released one says nothing more. */
  become(state: ConnectivityState, lastError?: string): void {
    if (this.state === "SHUTDOWN") return;
    this.state = state;
    this.lastError = lastError;
    this.#listener.onState(state);
  }

  fail(): void {
    this.become("TRANSIENT_FAILURE", `connect to ${this.name} was refused`);
  }

  waitForSlot(): void {}
  leaveSlotQueue(): void {}

  invoke(headers: RequestHeaders, _options: CallOptions, sink: ResponseSink): RequestStream {
    return this.#controller.onInvoke?.(this, headers, sink) ?? assert.fail("no call was expected");
  }
}

/** Writes down what a policy does. */
export class FakeController implements ChannelController {
  readonly log: string[] = [];
  readonly subchannels: FakeSubchannel[] = [];
  /** Its clock, timers and dice. */
  readonly platform: FakePlatform;
  picker: Picker | undefined;
  state: ConnectivityState | undefined;
  /** Answers calls of the policy's own. */
  onInvoke: ((on: FakeSubchannel, headers: RequestHeaders, sink: ResponseSink) => RequestStream) | undefined;

  constructor(options: FakePlatformOptions = {}) {
    this.platform = new FakePlatform(options);
  }

  createSubchannel(address: Address, listener: SubchannelListener, options?: SubchannelOptions): FakeSubchannel {
    const subchannel = new FakeSubchannel(this, address, listener, options);
    this.subchannels.push(subchannel);
    return subchannel;
  }

  update(state: ConnectivityState, picker: Picker): void {
    this.picker = picker;
    this.state = state;
    this.log.push(`${state} ${describeResult(this.pick())}`);
  }

  requestResolution(): void {
    this.log.push("resolve");
  }

  now(): Millis {
    return this.platform.now();
  }

  random(): number {
    return this.platform.random();
  }

  setTimer(at: Millis, fn: () => void): Timer {
    return this.platform.setTimer(at, fn, false);
  }

  pick(): PickResult {
    assert.ok(this.picker);
    return this.picker.pick({} as RequestHeaders);
  }

  /** The newest subchannel to an address. */
  at(name: string): FakeSubchannel {
    return this.subchannels.findLast((subchannel) => subchannel.name === name) ?? assert.fail(`none to ${name}`);
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}

function describeResult(result: PickResult): string {
  if (result.kind === "pick") return `pick ${(result.subchannel as FakeSubchannel).name}`;
  return "status" in result ? `${result.kind}: ${result.status.message}` : result.kind;
}

/** One endpoint of several addresses. */
export function endpoint(...hosts: [string, ...string[]]): Endpoint {
  const [first, ...rest] = hosts.map((host) => ({ transport: "tcp", host, port: 1 }) as const);
  return { addresses: [first as Address, ...rest] };
}

export function endpoints(...hosts: string[]): Endpoint[] {
  return hosts.map((host) => ({ addresses: [{ transport: "tcp", host, port: 1 }] }));
}
