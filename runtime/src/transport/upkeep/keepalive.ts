import type { Millis } from "../../base/platform.js";

export interface KeepaliveTimes {
  /** Without a byte from the peer for so long, it is asked for one by a PING. Infinity: never. */
  readonly timeMs: Millis;
  /** Time that it then has. */
  readonly timeoutMs: Millis;
}

type State =
  /** Heard of lately; looked at again at `checkAt`. */
  | { readonly name: "heard"; readonly checkAt: Millis }
  /** To be asked as soon as somebody may ask. */
  | { readonly name: "silent"; readonly since: Millis }
  | { readonly name: "asked"; readonly at: Millis; readonly checkAt: Millis };

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

  /** When onTimeout wants to be called. @param mayAsk As for onTimeout. */
  nextTimeout(mayAsk = true): Millis {
    const state = this.#state;
    if (state.name !== "silent") return state.checkAt;
    return mayAsk ? state.since : Number.POSITIVE_INFINITY;
  }

  /**
   * What is to be done at `now`, where the last byte came at `heardAt`. A `ping` has to be sent: its answer is waited for.
   * @param mayAsk Whether the peer suffers a PING now. As long as it does not, it is not asked, and found silent as soon as it does.
   */
  onTimeout(now: Millis, heardAt: Millis, mayAsk = true): "nothing" | "ping" | "dead" {
    if (now < this.nextTimeout(mayAsk)) return "nothing";
    const { timeMs, timeoutMs } = this.#times;
    const state = this.#state;
    if (state.name === "asked" && heardAt < state.at) {
      const deadAt = state.at + timeoutMs;
      this.#state = { name: "asked", at: state.at, checkAt: deadAt };
      return now < deadAt ? "nothing" : "dead";
    }
    if (now < heardAt + timeMs) this.#state = { name: "heard", checkAt: heardAt + timeMs };
    else if (mayAsk) {
      // If the answer comes soon, the next PING may be due before this one's time would be over.
      this.#state = { name: "asked", at: now, checkAt: now + Math.min(timeMs, timeoutMs) };
      return "ping";
    } else this.#state = { name: "silent", since: now };
    return "nothing";
  }
}
