import type { Millis } from "../base/platform.js";

export interface KeepaliveTimes {
  /** Without a byte from the peer for so long, it is asked for one by a PING. Infinity: never. */
  readonly timeMs: Millis;
  /** Time that it then has. */
  readonly timeoutMs: Millis;
}

type State =
  /** Heard of lately; looked at again at `checkAt`. */
  { readonly name: "heard"; readonly checkAt: Millis } | { readonly name: "asked"; readonly at: Millis };

/**
 * Finds out whether the peer of a connection is still there (gRFC A8, A9). Times are measured from the last byte that came,
 * and looked at when a time is up, not when bytes come: a busy connection sets no timers.
 */
export class Keepalive {
  readonly #times: KeepaliveTimes;
  #state: State;

  constructor(times: KeepaliveTimes, now: Millis) {
    this.#times = times;
    this.#state = { name: "heard", checkAt: now + times.timeMs };
  }

  /** When onTimeout wants to be called. */
  get next(): Millis {
    return this.#state.name === "heard" ? this.#state.checkAt : this.#state.at + this.#times.timeoutMs;
  }

  /** What is to be done at `now`, where the last byte came at `heardAt`. A `ping` has to be sent: its answer is waited for. */
  onTimeout(now: Millis, heardAt: Millis): "nothing" | "ping" | "dead" {
    if (now < this.next) return "nothing";
    if (this.#state.name === "asked" && heardAt < this.#state.at) return "dead";
    const checkAt = heardAt + this.#times.timeMs;
    if (now < checkAt) {
      this.#state = { name: "heard", checkAt };
      return "nothing";
    }
    this.#state = { name: "asked", at: now };
    return "ping";
  }
}
