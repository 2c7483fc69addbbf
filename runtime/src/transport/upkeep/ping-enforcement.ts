import type { Millis } from "../../base/platform.js";

export interface PingPolicy {
  /** Least time between two PINGs of a client that has calls. */
  readonly minIntervalMs: Millis;
  /** Whether it may send as many when it has none. */
  readonly permitWithoutCalls: boolean;
}

/** PINGs that come too early before the connection is ended (gRFC A8). */
const maxStrikes = 2;
/** Least time between the PINGs of a client without calls: that of TCP's own keepalive (RFC 1122 §4.2.3.6). */
const idleIntervalMs = 2 * 60 * 60 * 1000;

/**
 * Tells a client's keepalive from one that costs its server too much (gRFC A8). What is sent to a client starts the count
 * anew, for it may measure its bandwidth by PINGs among data. Floods are another matter: http2/guard counts those.
 */
export class PingEnforcement {
  readonly #policy: PingPolicy;
  #lastValidAt = Number.NEGATIVE_INFINITY;
  #strikes = 0;

  constructor(policy: PingPolicy) {
    this.#policy = policy;
  }

  /** HEADERS or DATA were sent. */
  onSent(): void {
    this.#lastValidAt = Number.NEGATIVE_INFINITY;
    this.#strikes = 0;
  }

  /** A PING came. Whether the client may go on. */
  onPing(now: Millis, hasCalls: boolean): boolean {
    if (now - this.#lastValidAt >= this.intervalMs(hasCalls)) this.#lastValidAt = now;
    else this.#strikes += 1;
    return this.#strikes <= maxStrikes;
  }

  /** Least time between two PINGs. */
  intervalMs(hasCalls: boolean): Millis {
    const { minIntervalMs, permitWithoutCalls } = this.#policy;
    return hasCalls || permitWithoutCalls ? minIntervalMs : Math.max(minIntervalMs, idleIntervalMs);
  }
}
