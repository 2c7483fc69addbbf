import type { SlotWaiter } from "../../balancer/picker.js";
import { SparseSet } from "../../base/sparse-set.js";

/** Calls that wait for a stream, in order of arrival. */
export class SlotQueue {
  readonly #waiters = new SparseSet<SlotWaiter>();

  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: SlotWaiter): void {
    this.#waiters.add(waiter);
  }

  delete(waiter: SlotWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Gives slots out as long as there are any; each that gets one uses it before `hasSlot` is asked again. */
  serve(hasSlot: () => boolean): void {
    for (const waiter of this.#waiters) {
      if (!hasSlot()) return;
      // What the last one did may have sent others away.
      if (this.#waiters.delete(waiter)) waiter.onSlot();
    }
  }

  /** There is no connection any more. */
  sendAway(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.onNoConnection();
  }
}
