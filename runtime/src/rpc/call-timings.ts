import type { Millis } from "../base/platform.js";

/** Where the time of a call went that failed, in milliseconds of the client's clock. */
export interface CallTimings {
  /** From the start of the call to its end. */
  readonly totalMs: Millis;
  /** Until the resolver had answered for the first time: calls that come later do not wait for it. */
  readonly resolvingMs: Millis;
  /** While there was no connection. */
  readonly connectingMs: Millis;
  /** While every stream of the connection was in use. */
  readonly queuedMs: Millis;
  /** While call credentials were being fetched. */
  readonly credentialsMs: Millis;
  /** Between two attempts. */
  readonly backoffMs: Millis;
  /** The rest: with the server, and on the way there and back. */
  readonly answerMs: Millis;
  /** How late the end of the deadline was noticed, because the event loop was busy with something else. */
  readonly blockedMs: Millis;
}

export const noTimings: CallTimings = Object.freeze({
  totalMs: 0,
  resolvingMs: 0,
  connectingMs: 0,
  queuedMs: 0,
  credentialsMs: 0,
  backoffMs: 0,
  answerMs: 0,
  blockedMs: 0,
});
