import type { Millis } from "../../base/platform.js";

/** When a connection has to prove that it still leads somewhere before it carries another call. */
export interface TrustSettings {
  /** Silence after which it has to. Infinity: never. */
  readonly verifyIdleMs: Millis;
  /** How long the server has to answer. */
  readonly verifyTimeoutMs: Millis;
}

type State =
  | { readonly name: "trusted"; readonly checkAt: Millis }
  | { readonly name: "doubted"; readonly at: Millis }
  | { readonly name: "asked"; readonly at: Millis };

/**
 * Whether a connection may carry a call. Firewalls and load balancers forget connections that are silent and tell
 * nobody: what is sent on one is lost without an error for as long as TCP repeats it.
 */
export class Trust {
  readonly #settings: TrustSettings;
  #state: State;

  constructor(settings: TrustSettings, now: Millis) {
    this.#settings = settings;
    this.#state = { name: "trusted", checkAt: now + settings.verifyIdleMs };
  }

  get isTrusted(): boolean {
    return this.#state.name === "trusted";
  }

  /** When `onTimeout` wants to be called. */
  nextTimeout(): Millis {
    const state = this.#state;
    if (state.name === "trusted") return state.checkAt;
    return state.name === "asked" ? state.at + this.#settings.verifyTimeoutMs : Number.POSITIVE_INFINITY;
  }

  /** @param heardAt When the last byte came. @returns `lost`: no answer came in time. */
  onTimeout(now: Millis, heardAt: Millis): "lost" | undefined {
    const { verifyIdleMs, verifyTimeoutMs } = this.#settings;
    const state = this.#state;
    if (state.name === "trusted") {
      if (now < heardAt + verifyIdleMs) this.#state = { name: "trusted", checkAt: heardAt + verifyIdleMs };
      else if (now >= state.checkAt) this.#state = { name: "doubted", at: now };
    } else if (state.name === "asked" && now >= state.at + verifyTimeoutMs && heardAt < state.at) return "lost";
    return undefined;
  }

  /** Somebody waits for the connection. True: send a PING. */
  ask(now: Millis): boolean {
    if (this.#state.name !== "doubted") return false;
    this.#state = { name: "asked", at: now };
    return true;
  }

  /**
   * Something may have come since it was doubted or asked. Calls that have waited for a stream of it since before the
   * silence do not ask again: what comes by itself is as good as an answer, while it is not long ago.
   */
  onHeard(heardAt: Millis, now: Millis): void {
    const state = this.#state;
    const checkAt = heardAt + this.#settings.verifyIdleMs;
    if (state.name === "trusted" || heardAt < state.at) return;
    if (state.name === "doubted" && now >= checkAt) return;
    this.#state = { name: "trusted", checkAt };
  }
}
