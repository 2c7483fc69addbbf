import type { Millis, Platform } from "../../../base/platform.js";
import { recordOf, worseDelivery } from "../../../retry/attempt-history.js";
import { noTimings } from "../../../rpc/call-timings.js";
import type { AttemptRecord, Delivery, Status } from "../../../rpc/status.js";
import { StatusCode } from "../../../rpc/status-code.js";

/** What a call waited for on its way to a connection, and the attempts without an effect; one that did not wait has none of these. */
export class CallWaits {
  connectingMs: Millis = 0;
  queuedMs: Millis = 0;
  credentialsMs: Millis = 0;
  /** When the attempt that is under way began; the first one begins with the call, which knows when that was. */
  attemptStartedAt: Millis = Number.NEGATIVE_INFINITY;
  /** Given to a connection and come back without an effect. */
  readonly #attempts: AttemptRecord[] = [];
  #delivery: Delivery | undefined;

  addAttempt(status: Status, endedAt: Millis): void {
    this.#attempts.push(recordOf(status, this.attemptStartedAt, endedAt));
    this.#delivery = worseDelivery(this.#delivery, status.delivery);
  }

  /** @param isStarted Whether the call ends with an attempt that was under way. */
  complete(status: Status, isStarted: boolean, now: Millis): Status {
    const { connectingMs, queuedMs, credentialsMs } = this;
    const attempts = this.#attempts.length + (isStarted ? 1 : 0);
    const timed = { ...status, attempts, timings: { ...noTimings, connectingMs, queuedMs, credentialsMs } };
    if (this.#attempts.length === 0) return timed;
    if (status.code === StatusCode.OK) return { ...timed, history: this.#attempts };
    const last = recordOf(status, isStarted ? this.attemptStartedAt : now, now);
    const delivery = worseDelivery(this.#delivery, status.delivery) as Delivery;
    return { ...timed, delivery, history: [...this.#attempts, last] };
  }
}

/** A status with what is known of the call's way. @param isStarted Whether an attempt was under way when it ended. */
export function withWaits(
  status: Status,
  waits: CallWaits | undefined,
  isStarted: boolean,
  { platform }: { readonly platform: Platform },
): Status {
  if (waits === undefined) return { ...status, attempts: isStarted ? 1 : 0 };
  return waits.complete(status, isStarted, platform.now());
}
