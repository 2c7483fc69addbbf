import type { Parsed } from "../base/parsed.js";
import type { WithoutEffect } from "../service-config/config-reader.js";
import { isObject, show } from "../service-config/json.js";
import type { ChosenPolicy, LoadBalancingPolicyFactory, PolicySource } from "./load-balancing-policy.js";
import { defaultPickFirst, pickFirst } from "./pick-first/pick-first.js";

const builtIn: readonly LoadBalancingPolicyFactory[] = [pickFirst];

/** The policies of one channel, by name. There is no list for the whole process that one channel could change for another. */
export class PolicyRegistry {
  readonly #byName = new Map<string, LoadBalancingPolicyFactory>();

  /** @param own Go before the built-in ones, and the last of one name before those in front of it. */
  constructor(own: readonly LoadBalancingPolicyFactory[] = []) {
    for (const factory of builtIn) this.#byName.set(factory.name, factory);
    for (const factory of own) this.#byName.set(factory.name, factory);
  }

  /** Chooses for a config of the application (`reject`) or of a resolver (`ignore`). */
  source(withoutEffect: WithoutEffect): PolicySource {
    const source: PolicySource = { choose: (list, path) => this.#choose(list, path, source), withoutEffect };
    return source;
  }

  #choose(list: unknown, path: string, source: PolicySource): Parsed<ChosenPolicy> {
    if (!Array.isArray(list)) return { error: `${path} is ${show(list)}: expected a list of { policy: config }` };
    const unknown: string[] = [];
    for (let i = 0; i < list.length; i++) {
      const entry: unknown = list[i];
      const names = isObject(entry) ? Object.keys(entry) : [];
      const name = names[0];
      if (!isObject(entry) || name === undefined || names.length > 1) {
        return { error: `${path}[${i}] is ${show(entry)}: expected an object with one policy in it` };
      }
      const factory = this.#byName.get(name);
      if (factory !== undefined) return configure(factory, entry[name], `${path}[${i}].${name}`, source);
      unknown.push(name);
    }
    const known = [...this.#byName.keys()].join(", ");
    if (unknown.length === 0) return { error: `${path} is empty: expected one of ${known}` };
    return { error: `${path} names no policy that is known (${unknown.join(", ")}): expected one of ${known}` };
  }
}

/** The first policy that is known is the one: what is wrong with its config does not lead to the next (gRFC A24). */
function configure(
  factory: LoadBalancingPolicyFactory,
  json: unknown,
  path: string,
  source: PolicySource,
): Parsed<ChosenPolicy> {
  if (!isObject(json)) return { error: `${path} is ${show(json)}: expected an object` };
  const config = factory.parseConfig(json, path, source);
  return "error" in config ? config : { value: { factory, config: config.value } };
}

/** The policy of a channel that asks for no other. */
export const defaultPolicy: ChosenPolicy = { factory: pickFirst, config: defaultPickFirst };
