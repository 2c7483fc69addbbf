/** What the control plane gives to the data plane: a decision per call, over a snapshot that never changes. */
import type { Invoker, RequestHeaders } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";

/** What a call may do with the subchannel that was picked for it. */
export interface PickedSubchannel extends Invoker {
  /** Its address, as it stands in a sentence. */
  readonly name: string;
  /** Whether a call may be invoked now: connected, a stream slot free, and nobody waiting for it before. */
  isOpen(): boolean;
  /** Waits, in order of arrival, for a slot. */
  waitForSlot(waiter: SlotWaiter): void;
  /** Waits no more. */
  leaveSlotQueue(waiter: SlotWaiter): void;
}

/** Hears exactly one of the two, unless it left before. */
export interface SlotWaiter {
  /** Invoke now: the slot is free only until this returns. */
  onSlot(): void;
  /** The connection is gone or takes no more calls: pick again. */
  onNoConnection(): void;
}

/**
 * gRFC A54 and gRPC's load balancing documents: `pick` a subchannel; `queue` until there is a new picker; `fail` the
 * call unless it waits for ready, which makes it wait; `drop` it whether it waits or not.
 */
export type PickResult =
  | { readonly kind: "pick"; readonly subchannel: PickedSubchannel }
  | { readonly kind: "queue" }
  | { readonly kind: "fail"; readonly status: Status }
  | { readonly kind: "drop"; readonly status: Status };

/** Immutable. `pick` is on the path of every call: no I/O, no waiting, and results made beforehand. */
export interface Picker {
  pick(headers: RequestHeaders): PickResult;
}

/** Says the same to every call. */
class FixedPicker implements Picker {
  readonly #result: PickResult;

  constructor(result: PickResult) {
    this.#result = Object.freeze(result);
  }

  pick(): PickResult {
    return this.#result;
  }
}

/** Every call waits. */
export const queuePicker: Picker = new FixedPicker({ kind: "queue" });

/** Every call goes to one subchannel. */
export function pickAlways(subchannel: PickedSubchannel): Picker {
  return new FixedPicker({ kind: "pick", subchannel });
}

/** Every call fails, or waits if it waits for ready. */
export function failAlways(status: Status): Picker {
  return new FixedPicker({ kind: "fail", status });
}
