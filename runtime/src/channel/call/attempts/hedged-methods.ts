import { HedgeBudget } from "../../../retry/hedge-budget.js";
import { LatencyWindow } from "../../../retry/latency-window.js";
import type { MethodDescriptor } from "../../../rpc/method-descriptor.js";

/** What the hedged calls of one method have taught, and may still add. */
export interface HedgedMethod {
  readonly latencies: LatencyWindow;
  readonly budget: HedgeBudget;
}

/** Those of a channel. */
export class HedgedMethods {
  /** Undefined while nothing was hedged. */
  #methods: WeakMap<MethodDescriptor, HedgedMethod> | undefined;

  of(method: MethodDescriptor): HedgedMethod {
    this.#methods ??= new WeakMap();
    let known = this.#methods.get(method);
    if (known === undefined) {
      known = { latencies: new LatencyWindow(), budget: new HedgeBudget() };
      this.#methods.set(method, known);
    }
    return known;
  }
}
