import type { RequestHeaders } from "../rpc/invoker.js";
import { ConfigReader } from "../service-config/config-reader.js";
import { EndpointPolicy } from "./endpoint-policy.js";
import type { LoadBalancingPolicyFactory } from "./load-balancing-policy.js";
import type { Picker, PickResult } from "./picker.js";

/** Connects to every endpoint and gives calls to them in turn (grpc/grpc doc/load-balancing.md). */
export const roundRobin: LoadBalancingPolicyFactory = {
  name: "round_robin",
  parseConfig(json, path, { withoutEffect }) {
    return ConfigReader.open(json, path, [], withoutEffect).finish({});
  },
  create(controller) {
    return new EndpointPolicy(controller, (ready) => {
      const pickers = ready.map(({ picker }) => picker);
      // Else the first endpoint would get the first call of every client, and of every new picker.
      return new RoundRobinPicker(pickers, Math.floor(controller.random() * pickers.length));
    });
  },
};

/** Asks other pickers in turn. */
class RoundRobinPicker implements Picker {
  readonly #pickers: readonly Picker[];
  #next: number;

  constructor(pickers: readonly Picker[], first: number) {
    this.#pickers = pickers;
    this.#next = first;
  }

  pick(headers: RequestHeaders): PickResult {
    const picker = this.#pickers[this.#next] as Picker;
    this.#next = this.#next + 1 === this.#pickers.length ? 0 : this.#next + 1;
    return picker.pick(headers);
  }
}
