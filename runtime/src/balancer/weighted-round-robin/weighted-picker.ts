import type { RequestHeaders } from "../../rpc/invoker.js";
import type { Picker, PickResult } from "../picker.js";
import type { Scheduler } from "./static-stride.js";

/** Gives the endpoints out as the scheduler says. */
export class WeightedPicker implements Picker {
  readonly #pickers: readonly Picker[];
  readonly #scheduler: Scheduler;

  /** @param pickers One for each endpoint that the scheduler knows. */
  constructor(pickers: readonly Picker[], scheduler: Scheduler) {
    this.#pickers = pickers;
    this.#scheduler = scheduler;
  }

  pick(headers: RequestHeaders): PickResult {
    return (this.#pickers[this.#scheduler.next()] as Picker).pick(headers);
  }
}
