import type { Millis } from "../base/platform.js";
import type { SessionState } from "./session-state.js";

/** What a session waits for with a limit: the peer's preface and SETTINGS (server), the answer to a shutdown's PING. */
export class SessionTimers {
  readonly #state: SessionState;
  readonly #handshakeAt: Millis;
  #drainAt: Millis | undefined;
  #handshakeDone: boolean;

  constructor(state: SessionState, now: Millis) {
    this.#state = state;
    this.#handshakeAt = now + state.limits.handshakeTimeoutMs;
    // A client's wait is its connect attempt's: the channel bounds that, SETTINGS included.
    this.#handshakeDone = state.role === "client";
  }

  startDrain(now: Millis): void {
    this.#drainAt = now + this.#state.limits.handshakeTimeoutMs;
  }

  endDrain(): void {
    this.#drainAt = undefined;
  }

  next(settingsReceived: boolean): Millis | undefined {
    if (this.#state.closed) return undefined;
    if (settingsReceived) this.#handshakeDone = true;
    return this.#handshakeDone ? this.#drainAt : this.#handshakeAt;
  }

  takeDue(now: Millis, settingsReceived: boolean): "handshake" | "drain" | undefined {
    if (settingsReceived) this.#handshakeDone = true;
    if (!this.#handshakeDone && now >= this.#handshakeAt) {
      this.#handshakeDone = true;
      return "handshake";
    }
    if (this.#drainAt !== undefined && now >= this.#drainAt) {
      this.#drainAt = undefined;
      return "drain";
    }
    return undefined;
  }
}
