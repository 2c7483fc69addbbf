import type { Backoff } from "../../base/backoff.js";
import type { Millis } from "../../base/platform.js";

/** Addresses that are remembered; resolvers may bring any number in the course of time. */
const maxAddresses = 1024;

/** Ten doublings: hours between two PINGs. */
const maxPingFactor = 1024;

/**
 * How attempts at one address went, whichever subchannel made them. A server that accepts and leaves before a connection
 * could carry a call is one that cannot be connected to: a new subchannel must not try again at once, and again.
 */
export class ConnectHistory {
  readonly backoff: Backoff;
  /** No attempt is made before. */
  notBefore: Millis = Number.NEGATIVE_INFINITY;
  /** Why the last attempt failed, or the last connection was lost, if it was lost unused. */
  lastError: string | undefined;
  /** How many times rarer than the options say PINGs are sent: doubled whenever the server complains (gRFC A8). */
  pingFactor = 1;
  #lostUnused = 0;

  constructor(backoff: Backoff) {
    this.backoff = backoff;
  }

  /** Whether this is the first time. */
  onTooManyPings(): boolean {
    const isFirst = this.pingFactor === 1;
    this.pingFactor = Math.min(this.pingFactor * 2, maxPingFactor);
    return isFirst;
  }

  /** A connection carries a call, or has lived long enough to: what was before is forgotten. */
  onUsed(): void {
    this.backoff.reset();
    this.notBefore = Number.NEGATIVE_INFINITY;
    this.lastError = undefined;
    this.#lostUnused = 0;
  }

  /** A connection was lost unused. The first time may be a server that restarts just then: the next attempt is free. */
  onLostUnused(error: string, retryAt: Millis): void {
    this.#lostUnused++;
    this.lastError = error;
    if (this.#lostUnused > 1) this.notBefore = retryAt;
  }
}

/** The histories of addresses, the oldest forgotten first. */
export class ConnectHistories {
  readonly #byName = new Map<string, ConnectHistory>();

  /** @param key The address, and how it is connected to. */
  get(key: string, createBackoff: () => Backoff): ConnectHistory {
    const known = this.#byName.get(key);
    if (known !== undefined) return known;
    const history = new ConnectHistory(createBackoff());
    this.#byName.set(key, history);
    if (this.#byName.size > maxAddresses) {
      for (const oldest of this.#byName.keys()) {
        this.#byName.delete(oldest);
        break;
      }
    }
    return history;
  }
}
