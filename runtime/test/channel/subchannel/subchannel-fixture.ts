import assert from "node:assert/strict";
import type { SlotWaiter } from "../../../src/balancer/picker.js";
import type { Address } from "../../../src/base/platform.js";
import { WorkQueue } from "../../../src/base/work-queue.js";
import { defaultConnectSettings } from "../../../src/channel/subchannel/connect-settings.js";
import { Subchannel, type SubchannelContext } from "../../../src/channel/subchannel/subchannel.js";
import { type ConnectionKind, SubchannelPool } from "../../../src/channel/subchannel/subchannel-pool.js";
import { noCallOptions } from "../../../src/rpc/call-options.js";
import type { RequestHeaders } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { method, RecordedCall } from "../recorded-call.js";
import { ScriptedConnector } from "../scripted-connector.js";

export const address: Address = { transport: "tcp", host: "10.0.0.1", port: 443 };

class DicePlatform extends FakePlatform {
  constructor(readonly dice: number) {
    super();
  }

  override random(): number {
    return this.dice;
  }
}

/** What all channels of a test share. */
export class SharedWorld {
  readonly platform: DicePlatform;
  readonly connector: ScriptedConnector;
  readonly pool: SubchannelPool;

  /** @param dice What the backoffs draw: 0.5 is no jitter. */
  constructor(dice = 0.5) {
    this.platform = new DicePlatform(dice);
    this.connector = new ScriptedConnector(this.platform);
    this.pool = new SubchannelPool(this.platform);
  }
}

/** One channel with one subchannel to 10.0.0.1. */
export class Fixture implements SubchannelContext {
  readonly platform: DicePlatform;
  readonly connector: ScriptedConnector;
  readonly states: string[] = [];
  readonly queue = new WorkQueue((error) => assert.fail(String(error)));
  maxConnections = 1;
  gone = 0;
  subchannel: Subchannel;
  /** What its policy does when it is told of a state. */
  onState: (state: string) => void = () => {};
  readonly #world: SharedWorld;

  constructor(dice?: number, world = new SharedWorld(dice)) {
    this.#world = world;
    this.platform = world.platform;
    this.connector = world.connector;
    world.pool.join(this.#kind);
    this.subchannel = this.create();
  }

  /** Another one to the same address. */
  create(): Subchannel {
    const listener = {
      onState: (state: string) => {
        this.states.push(state);
        this.onState(state);
      },
    };
    return new Subchannel(this, this.#world.pool.get(address, this.#kind), listener);
  }

  get #kind(): ConnectionKind {
    return { key: "plain", connector: this.connector, settings: defaultConnectSettings };
  }

  /** Its channel is closed. */
  leave(): void {
    this.#world.pool.leave(this.#kind);
  }

  onGone(): void {
    this.gone++;
  }

  takeStates(): string[] {
    return this.states.splice(0);
  }

  invoke(more: Partial<RequestHeaders> = {}): RecordedCall {
    const call = new RecordedCall();
    const headers = { method, metadata: new Metadata(), deadline: Number.POSITIVE_INFINITY, ...more };
    call.stream = this.subchannel.invoke(headers, noCallOptions, call);
    return call;
  }

  /** A call as a channel makes it: it waits for a slot where there is none. */
  call(): RecordedCall {
    const call = new RecordedCall();
    const headers = { method, metadata: new Metadata(), deadline: Number.POSITIVE_INFINITY };
    const start = (): void => {
      call.stream = this.subchannel.invoke(headers, noCallOptions, call);
    };
    if (this.subchannel.isOpen()) start();
    else this.subchannel.waitForSlot({ onSlot: start, onNoConnection: () => this.sentAway++ });
    return call;
  }

  /** Calls that were told that there is no connection. */
  sentAway = 0;
}

export class Waiter implements SlotWaiter {
  constructor(
    readonly name: string,
    readonly log: string[],
    readonly act: () => void = () => {},
  ) {}

  onSlot(): void {
    this.log.push(`${this.name} slot`);
    this.act();
  }

  onNoConnection(): void {
    this.log.push(`${this.name} no connection`);
  }
}
