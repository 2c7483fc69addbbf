import type { RequestHeaders } from "../../rpc/invoker.js";
import { bothObservers, type Picker, type PickResult } from "../picker.js";
import { EjectableSubchannel } from "./ejectable-subchannel.js";

/** Has the endpoint of each call count how it ends. */
export class CountingPicker implements Picker {
  readonly #inner: Picker;

  constructor(inner: Picker) {
    this.#inner = inner;
  }

  pick(headers: RequestHeaders): PickResult {
    const result = this.#inner.pick(headers);
    if (result.kind !== "pick" || !(result.subchannel instanceof EjectableSubchannel)) return result;
    const { counted, inner, record } = result.subchannel;
    if (result.observer === undefined) return counted;
    return { kind: "pick", subchannel: inner, observer: bothObservers(record, result.observer) };
  }
}
