import type { Millis, Peer } from "../base/platform.js";
import { noTimings } from "../rpc/call-timings.js";
import type { AttemptRecord, Delivery, Status } from "../rpc/status.js";

const severity: Readonly<Record<Delivery, number>> = { "not-sent": 0, "not-processed": 1, unknown: 2, processed: 3 };

/** Of two attempts' effects the one that must be reckoned with. */
export function worseDelivery(a: Delivery | undefined, b: Delivery | undefined): Delivery | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return severity[a] >= severity[b] ? a : b;
}

/** The attempts of one call that came to nothing, and what they mean for the call as a whole. */
export class AttemptHistory {
  readonly #records: AttemptRecord[] = [];
  #delivery: Delivery | undefined;
  #attempts = 0;
  #connectingMs: Millis = 0;
  #queuedMs: Millis = 0;
  #credentialsMs: Millis = 0;
  #backoffMs: Millis = 0;

  /** @param status Its own history, of transparent retries, ends with itself. */
  add(status: Status, startedAt: Millis, endedAt: Millis): void {
    if (status.history === undefined) this.#records.push(recordOf(status, startedAt, endedAt));
    else
      this.#records.push(
        ...status.history.map((each) => ({ ...each, startedAt: Math.max(each.startedAt, startedAt) })),
      );
    this.#delivery = worseDelivery(this.#delivery, status.delivery);
    this.#attempts += status.attempts ?? 0;
    const { connectingMs, queuedMs, credentialsMs } = status.timings ?? noTimings;
    this.#connectingMs += connectingMs;
    this.#queuedMs += queuedMs;
    this.#credentialsMs += credentialsMs;
  }

  /** A time in which the call waited for its next attempt. */
  addBackoff(ms: Millis): void {
    this.#backoffMs += ms;
  }

  /** The status of a call whose last attempt was OK, and was not added, with what is known of those before. */
  completeSuccess(status: Status): Status {
    const history = [...this.#records, ...(status.history ?? [])];
    const { connectingMs, queuedMs, credentialsMs } = status.timings ?? noTimings;
    const timings = {
      ...noTimings,
      connectingMs: this.#connectingMs + connectingMs,
      queuedMs: this.#queuedMs + queuedMs,
      credentialsMs: this.#credentialsMs + credentialsMs,
      backoffMs: this.#backoffMs,
    };
    return { ...status, attempts: this.#attempts + (status.attempts ?? 1), history, timings };
  }

  /** The same of one that was hedged: its attempts ran at the same time, and the time is that of the one that was OK. */
  completeHedge(status: Status, attempts: number): Status {
    return { ...status, attempts, history: [...this.#records, ...(status.history ?? [])] };
  }

  /** The status of the call: that of its last attempt, which was added, with what is known of all of them. */
  complete(status: Status): Status {
    return {
      ...status,
      ...(this.#delivery !== undefined && { delivery: this.#delivery }),
      attempts: this.#attempts,
      history: this.#records,
      timings: {
        ...noTimings,
        connectingMs: this.#connectingMs,
        queuedMs: this.#queuedMs,
        credentialsMs: this.#credentialsMs,
        backoffMs: this.#backoffMs,
      },
    };
  }
}

export function recordOf(status: Status, startedAt: Millis, endedAt: Millis): AttemptRecord {
  const { code, message, delivery } = status;
  const peer: Peer | undefined = status.peer;
  return { code, message, delivery, peer, startedAt, endedAt };
}
