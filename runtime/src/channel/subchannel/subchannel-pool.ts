import { Backoff } from "../../base/backoff.js";
import type { Address, Platform } from "../../base/platform.js";
import { addressKey } from "../../resolver/endpoint.js";
import { identityOf } from "../connection-key.js";
import { ConnectHistories } from "./connect-history.js";
import type { ConnectSettings } from "./connect-settings.js";
import type { Connector } from "./connector.js";
import { SharedSubchannel } from "./shared-subchannel.js";

/** How a channel connects. Two channels with equal keys connect in the same way. */
export interface ConnectionKind {
  readonly key: string;
  readonly connector: Connector;
  readonly settings: ConnectSettings;
}

interface Known {
  readonly histories: ConnectHistories;
  channels: number;
  readonly hold: { close(): void } | undefined;
}

/**
 * The subchannels of a process, so that channels which connect to one address in the same way do it once. What is known
 * of an address outlives its connections: a server that is down is not attacked by many channels, either.
 */
export class SubchannelPool {
  readonly #platform: Platform;
  readonly #byKey = new Map<string, SharedSubchannel>();
  /** By the key of the kind: as long as some channel connects in this way. */
  readonly #known = new Map<string, Known>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Addresses that somebody is connected to, or wants to be. */
  get size(): number {
    return this.#byKey.size;
  }

  /** A channel begins to connect in this way. What is learnt of addresses is kept until the last of them leaves. */
  join({ key, connector }: ConnectionKind): void {
    const known = this.#known.get(key);
    if (known !== undefined) known.channels++;
    else this.#known.set(key, { histories: new ConnectHistories(), channels: 1, hold: connector.hold?.() });
  }

  leave({ key }: ConnectionKind): void {
    const known = this.#known.get(key);
    if (known === undefined || --known.channels > 0) return;
    this.#known.delete(key);
    known.hold?.close();
  }

  /** The caller has joined. */
  get(address: Address, kind: ConnectionKind): SharedSubchannel {
    const key = keyOf(address, kind);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const platform = this.#platform;
    const { connector, settings } = kind;
    const histories = this.#known.get(kind.key)?.histories ?? new ConnectHistories();
    const history = histories.get(key, () => new Backoff(() => platform.random(), settings.backoff));
    const subchannel: SharedSubchannel = new SharedSubchannel(
      { platform, connector, settings, history, onUnused: () => this.#forget(key, subchannel) },
      address,
    );
    this.#byKey.set(key, subchannel);
    return subchannel;
  }

  #forget(key: string, subchannel: SharedSubchannel): void {
    if (this.#byKey.get(key) === subchannel) this.#byKey.delete(key);
  }
}

const pools = new WeakMap<Platform, SubchannelPool>();

/** The pool of everything that lives on one platform. */
export function sharedPool(platform: Platform): SubchannelPool {
  const known = pools.get(platform);
  if (known !== undefined) return known;
  const pool = new SubchannelPool(platform);
  pools.set(platform, pool);
  return pool;
}

/** Two proxies of one name may let different people through. */
function keyOf(address: Address, kind: ConnectionKind): string {
  const proxy = address.transport === "tcp" ? address.proxy : undefined;
  return `${addressKey(address)} ${identityOf(proxy)} ${kind.key}`;
}
