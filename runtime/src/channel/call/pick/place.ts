import type { PickedSubchannel, Picker, PickResult } from "../../../balancer/picker.js";
import type { Millis } from "../../../base/platform.js";
import { textOfThrown } from "../../../base/text-of-thrown.js";
import type { RequestHeaders } from "../../../rpc/invoker.js";
import { StatusCode } from "../../../rpc/status-code.js";
import type { AttemptCredentials } from "./attempt-credentials.js";
import type { CallWaits } from "./call-waits.js";
import type { PickQueue } from "./pick-queue.js";

/** Where a call is on its way to a connection. In `started` its stream is there as soon as `invoke` has returned. */
export type Place =
  | { readonly name: "picking" }
  | { readonly name: "waitingForPicker"; readonly since: Millis }
  | { readonly name: "authorizing"; readonly asked: AttemptCredentials; readonly since: Millis }
  | { readonly name: "waitingForSlot"; readonly subchannel: PickedSubchannel; readonly since: Millis }
  | { readonly name: "started" }
  | { readonly name: "ended" };

// One object each, so that a call that need not wait makes none.
export const picking: Place = Object.freeze({ name: "picking" });
export const started: Place = Object.freeze({ name: "started" });
export const ended: Place = Object.freeze({ name: "ended" });

/** A picker of the user's own may throw. */
export function askPicker(picker: Picker, headers: RequestHeaders): PickResult {
  try {
    return picker.pick(headers);
  } catch (cause) {
    const message = `the picker failed: ${textOfThrown(cause)}`;
    return { kind: "drop", status: { code: StatusCode.INTERNAL, message, cause } };
  }
}

/** ` while waiting for …`: for errors; empty where it waits for nothing. @param obstacle Why there was no connection. */
export function whatItWaitsFor(
  place: Place,
  queue: PickQueue,
  obstacle: string | undefined,
  waits: CallWaits | undefined,
): string {
  switch (place.name) {
    case "waitingForPicker": {
      const why = obstacle ?? queue.describeConnections();
      return ` while waiting for a connection to ${JSON.stringify(queue.target)}${why === "" ? "" : ` (${why})`}`;
    }
    case "authorizing":
      return " while waiting for call credentials";
    case "waitingForSlot": {
      const { name, slotObstacle } = place.subchannel;
      if (slotObstacle !== undefined) return ` while ${slotObstacle}`;
      const ms = Math.round((waits?.queuedMs ?? 0) + queue.platform.now() - place.since);
      return ` while queued ${ms} ms for a stream slot of ${name}`;
    }
    default:
      return "";
  }
}
