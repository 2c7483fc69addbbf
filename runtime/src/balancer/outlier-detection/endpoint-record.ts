import type { Millis } from "../../base/platform.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { PickObserver } from "../picker.js";

/** What shows that its endpoint is ejected. */
export interface Ejectable {
  /** The endpoint was ejected, or is not any more. */
  onEjection(): void;
}

/** How the calls of one endpoint ended, and whether it is ejected (gRFC A50, by endpoint as in A61). */
export class EndpointRecord implements PickObserver {
  /** Calls that ended since the last `closeInterval`. */
  #successes = 0;
  #failures = 0;
  /** Those of the interval before. */
  #lastSuccesses = 0;
  #lastFailures = 0;
  #ejectedAt: Millis | undefined;
  /** How many base ejection times the next ejection lasts, less one: falls again with every interval that goes well. */
  #multiplier = 0;
  readonly #subchannels = new Set<Ejectable>();

  /** A call whose request never left says nothing of the server. */
  onEnd(status: Status): void {
    if (status.code === StatusCode.OK) this.#successes++;
    else if (status.delivery !== "not-sent") this.#failures++;
  }

  /** What has been counted is what is judged from now on. */
  closeInterval(): void {
    this.#lastSuccesses = this.#successes;
    this.#lastFailures = this.#failures;
    this.#successes = 0;
    this.#failures = 0;
  }

  /** Forgets what has been counted. */
  resetCounts(): void {
    this.closeInterval();
    this.closeInterval();
  }

  /** Calls of the interval that was closed. */
  get volume(): number {
    return this.#lastSuccesses + this.#lastFailures;
  }

  /** From 0 to 1; only where there were calls. */
  get successRate(): number {
    return this.#lastSuccesses / this.volume;
  }

  get failureRate(): number {
    return this.#lastFailures / this.volume;
  }

  get isEjected(): boolean {
    return this.#ejectedAt !== undefined;
  }

  eject(now: Millis): void {
    this.#ejectedAt = now;
    this.#multiplier++;
    this.#tell();
  }

  uneject(): void {
    this.#ejectedAt = undefined;
    this.#tell();
  }

  /** The end of an interval: an ejection that has lasted long enough ends. */
  settle(baseEjectionTimeMs: Millis, maxEjectionTimeMs: Millis, now: Millis): void {
    if (this.#ejectedAt === undefined) this.#multiplier = Math.max(0, this.#multiplier - 1);
    else {
      const longest = Math.max(baseEjectionTimeMs, maxEjectionTimeMs);
      if (now > this.#ejectedAt + Math.min(baseEjectionTimeMs * this.#multiplier, longest)) this.uneject();
    }
  }

  /** Nothing is judged any more. */
  forgive(): void {
    if (this.isEjected) this.uneject();
    this.#multiplier = 0;
  }

  add(subchannel: Ejectable): void {
    this.#subchannels.add(subchannel);
  }

  delete(subchannel: Ejectable): void {
    this.#subchannels.delete(subchannel);
  }

  /** What one of them sets off may bring others or take them away. */
  #tell(): void {
    for (const subchannel of [...this.#subchannels]) if (this.#subchannels.has(subchannel)) subchannel.onEjection();
  }
}
