/** The words for where the time of a failed call went. They are stable: people search their logs for them. */
import type { CallTimings } from "../../rpc/call-timings.js";

/** Nobody notices a timer that is less late than this, and every busy process has such. */
const noticedLatenessMs = 50;

/**
 * `; 20 ms resolving, 480 ms connecting`: what goes behind the sentence of a failure; empty where there is nothing to tell.
 *
 * @param attempts How often the call was given to a connection: one that never was has waited for no answer.
 * @param isPlaceNamed The sentence says where the call was: a time that was all spent there needs no words.
 */
export function whereTimeWent(timings: CallTimings, attempts: number, isPlaceNamed: boolean): string {
  const { resolvingMs, connectingMs, queuedMs, credentialsMs, backoffMs, answerMs, blockedMs } = timings;
  const parts = [
    part(resolvingMs, "resolving"),
    part(connectingMs, "connecting"),
    part(queuedMs, "queued for a stream slot"),
    part(credentialsMs, "fetching call credentials"),
    part(backoffMs, "waiting to try again"),
    part(attempts === 0 ? 0 : answerMs, "waiting for the answer"),
  ].filter((text) => text !== "");
  const split = parts.length > (isPlaceNamed ? 1 : 0) ? `; ${parts.join(", ")}` : "";
  if (blockedMs < noticedLatenessMs) return split;
  return `${split}; the event loop was blocked, so that it ended ${Math.round(blockedMs)} ms late`;
}

function part(ms: number, what: string): string {
  const rounded = Math.round(ms);
  return rounded === 0 ? "" : `${rounded} ms ${what}`;
}
