/** What the control plane gives to the data plane: a decision per call, over a snapshot that never changes. */
import type { Peer } from "../base/platform.js";
import type { Invoker, RequestHeaders } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";

/** What a call may do with the subchannel that was picked for it. */
export interface PickedSubchannel extends Invoker {
  /** Its address, as it stands in a sentence. */
  readonly name: string;
  /** Of the connection that a call goes to which is invoked now; undefined while there is none. Calls with credentials need it. */
  readonly peer?: Peer | undefined;
  /** Whether a call may be invoked now: connected, a stream slot free, and nobody waiting for it before. */
  isOpen(): boolean;
  /** Why calls wait here although it is not for want of streams: what is being done, behind "while". */
  readonly slotObstacle?: string | undefined;
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
 * What a policy learns of the calls that it picked for. Called on the path of a call: no I/O, no waiting, and nothing of
 * the controller but `now`, `random` and `setTimer`. One that throws ends its call with INTERNAL, and nothing else.
 */
export interface PickObserver {
  /** The call was given to the subchannel, which has it sent, or has it wait for a stream slot. */
  onStart?(): void;
  /**
   * Once for each start: how that attempt ended, with the server's trailers. A call that goes on with another attempt ends
   * here, too; `delivery` is `not-sent` when the request never left.
   */
  onEnd(status: Status): void;
}

/**
 * gRFC A54 and gRPC's load balancing documents: `pick` a subchannel; `queue` until there is a new picker; `fail` the
 * call unless it waits for ready, which makes it wait; `drop` it whether it waits or not.
 */
export type PickResult =
  | { readonly kind: "pick"; readonly subchannel: PickedSubchannel; readonly observer?: PickObserver | undefined }
  | { readonly kind: "queue" }
  | { readonly kind: "fail"; readonly status: Status }
  | { readonly kind: "drop"; readonly status: Status };

/** Immutable. `pick` is on the path of every call: no I/O, no waiting, and results made beforehand. */
export interface Picker {
  pick(headers: RequestHeaders): PickResult;
}

/** Says the same to every call. */
export class FixedPicker implements Picker {
  readonly result: PickResult;

  constructor(result: PickResult) {
    this.result = Object.freeze(result);
  }

  pick(): PickResult {
    return this.result;
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

/** Asks another picker, and has an observer hear of the calls that it picks for. */
export class ObservedPicker implements Picker {
  readonly #inner: Picker;
  readonly #observer: PickObserver;
  /** What the other one said last, and that with the observer: most say the same object again and again. */
  #last: PickResult | undefined;
  #observed: PickResult | undefined;

  constructor(inner: Picker, observer: PickObserver) {
    this.#inner = inner;
    this.#observer = observer;
  }

  pick(headers: RequestHeaders): PickResult {
    const result = this.#inner.pick(headers);
    if (result.kind !== "pick") return result;
    if (result === this.#last && this.#observed !== undefined) return this.#observed;
    const observer = result.observer === undefined ? this.#observer : bothObservers(this.#observer, result.observer);
    const observed: PickResult = { kind: "pick", subchannel: result.subchannel, observer };
    this.#last = result;
    this.#observed = observed;
    return observed;
  }
}

/** Neither is left out when the other throws; what is thrown goes on. */
export function bothObservers(outer: PickObserver, inner: PickObserver): PickObserver {
  return {
    onStart() {
      inner.onStart?.();
      outer.onStart?.();
    },
    onEnd(status) {
      try {
        inner.onEnd(status);
      } finally {
        outer.onEnd(status);
      }
    },
  };
}
