import type { Parsed } from "../base/parsed.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import { ConfigReader } from "../service-config/config-reader.js";
import { parseUint32 } from "../service-config/uint32.js";
import type { EndpointChild } from "./endpoint-children.js";
import { EndpointPolicy } from "./endpoint-policy.js";
import type { LoadBalancingPolicyFactory } from "./load-balancing-policy.js";
import { ObservedPicker, type Picker, type PickObserver, type PickResult } from "./picker.js";

export interface LeastRequestConfig {
  /** Endpoints that are looked at for a call. */
  readonly choiceCount: number;
}

const defaultChoiceCount = 2;
/** gRFC A48: more count as this many. */
const maxChoiceCount = 10;

/**
 * Connects to every endpoint; a call goes to that one of a few, drawn at random, which has the fewest calls of this channel
 * (gRFC A48). So an endpoint that is slow gets fewer.
 */
export const leastRequest: LoadBalancingPolicyFactory<LeastRequestConfig> = {
  name: "least_request",
  parseConfig(json, path, { withoutEffect }) {
    const reader = ConfigReader.open(json, path, ["choiceCount"], withoutEffect);
    const choiceCount = reader.read("choiceCount", parseChoiceCount) ?? defaultChoiceCount;
    return reader.finish({ choiceCount });
  },
  create(controller) {
    const loads = new WeakMap<EndpointChild, Load>();
    const loadOf = (child: EndpointChild): Load => {
      const load = loads.get(child) ?? new Load();
      loads.set(child, load);
      return load;
    };
    return new EndpointPolicy<LeastRequestConfig>(controller, (ready, { choiceCount }) => {
      const choices = ready.map((child) => new Choice(child.picker, loadOf(child)));
      return new LeastRequestPicker(choices, choiceCount, () => controller.random());
    });
  },
};

function parseChoiceCount(json: unknown): Parsed<number> {
  const parsed = parseUint32(json, "of 2 or more", 2);
  return "error" in parsed ? parsed : { value: Math.min(parsed.value, maxChoiceCount) };
}

/** The calls that an endpoint has now, those among them that wait for a stream slot of it. */
class Load implements PickObserver {
  calls = 0;

  onStart(): void {
    this.calls++;
  }

  onEnd(): void {
    this.calls--;
  }
}

class Choice {
  readonly load: Load;
  readonly picker: Picker;

  constructor(picker: Picker, load: Load) {
    this.load = load;
    this.picker = new ObservedPicker(picker, load);
  }
}

class LeastRequestPicker implements Picker {
  readonly #choices: readonly Choice[];
  readonly #count: number;
  readonly #random: () => number;

  constructor(choices: readonly Choice[], count: number, random: () => number) {
    this.#choices = choices;
    this.#count = count;
    this.#random = random;
  }

  /** An endpoint may be drawn twice (gRFC A48): with two of them, a slow one gets a quarter of the calls rather than none. */
  pick(headers: RequestHeaders): PickResult {
    let best = this.#draw();
    for (let i = 1; i < this.#count; i++) {
      const other = this.#draw();
      if (other.load.calls < best.load.calls) best = other;
    }
    return best.picker.pick(headers);
  }

  #draw(): Choice {
    return this.#choices[Math.floor(this.#random() * this.#choices.length)] as Choice;
  }
}
