import type { Parsed } from "../base/parsed.js";
import type { WithoutEffect } from "../service-config/config-reader.js";
import { cut, isObject, type JsonObject, show } from "../service-config/json.js";
import type { LoadBalancingConfigInit } from "../service-config/service-config-init.js";
import { leastRequest } from "./least-request.js";
import type { ChosenPolicy, LoadBalancingPolicyFactory, PolicySource } from "./load-balancing-policy.js";
import { outlierDetection } from "./outlier-detection/outlier-detection.js";
import { defaultPickFirst, pickFirst } from "./pick-first/pick-first.js";
import { randomSubsetting } from "./random-subsetting.js";
import { ringHash } from "./ring-hash/ring-hash.js";
import { roundRobin } from "./round-robin.js";
import { weightedRoundRobin } from "./weighted-round-robin/weighted-round-robin.js";

const builtIn: readonly LoadBalancingPolicyFactory[] = [
  pickFirst,
  roundRobin,
  leastRequest,
  randomSubsetting,
  weightedRoundRobin,
  ringHash,
  outlierDetection,
];

const entryOf = (factory: LoadBalancingPolicyFactory) => [factory.name, factory] as const;
// Pure, so that a bundler leaves the policies out of a program that has no channel.
const builtInByName: ReadonlyMap<string, LoadBalancingPolicyFactory> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ builtIn.map(entryOf),
);

/** Other gRPC libraries have some policies under a name with this behind it: configs are written for all of them. */
const experimental = "_experimental";

/** The policies of one channel, by name. There is no list for the whole process that one channel could change for another. */
export class PolicyRegistry {
  readonly #byName: ReadonlyMap<string, LoadBalancingPolicyFactory>;

  /** @param own Go before the built-in ones, and the last of one name before those in front of it. */
  constructor(own: readonly LoadBalancingPolicyFactory[] = []) {
    this.#byName = own.length === 0 ? builtInByName : new Map([...builtIn, ...own].map(entryOf));
  }

  /** Chooses for a config of the application (`reject`) or of a resolver (`ignore`). */
  source(withoutEffect: WithoutEffect): PolicySource {
    const source: PolicySource = { choose: (list, path) => this.#choose(list, path, source), withoutEffect };
    return source;
  }

  /** The policy that an application names: by its name alone, or as `{ policy: config }`. */
  named(given: string | LoadBalancingConfigInit, path: string): Parsed<ChosenPolicy> {
    const entry: unknown = typeof given === "string" ? { [given]: {} } : given;
    const name = onlyKey(entry);
    if (name === undefined)
      return { error: `${path} is ${show(given)}: expected the name of a policy, or { policy: config }` };
    const factory = this.#find(name);
    const json = (entry as JsonObject)[name];
    if (factory !== undefined) return configure(factory, json, `${path}.${name}`, this.source("reject"));
    return { error: `${path} is ${show(given)}: expected one of ${this.#known}` };
  }

  #find(name: string): LoadBalancingPolicyFactory | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined || !name.endsWith(experimental)) return known;
    return this.#byName.get(name.slice(0, -experimental.length));
  }

  get #known(): string {
    return [...this.#byName.keys()].join(", ");
  }

  #choose(list: unknown, path: string, source: PolicySource): Parsed<ChosenPolicy> {
    if (!Array.isArray(list)) return { error: `${path} is ${show(list)}: expected a list of { policy: config }` };
    const unknown: string[] = [];
    for (let i = 0; i < list.length; i++) {
      const entry: unknown = list[i];
      const name = onlyKey(entry);
      if (name === undefined) {
        return { error: `${path}[${i}] is ${show(entry)}: expected an object with one policy in it` };
      }
      const factory = this.#find(name);
      if (factory !== undefined)
        return configure(factory, (entry as JsonObject)[name], `${path}[${i}].${name}`, source);
      unknown.push(name);
    }
    if (unknown.length === 0) return { error: `${path} is empty: expected one of ${this.#known}` };
    return {
      error: `${path} names no policy that is known (${cut(unknown.join(", "))}): expected one of ${this.#known}`,
    };
  }
}

function onlyKey(entry: unknown): string | undefined {
  const names = isObject(entry) ? Object.keys(entry) : [];
  return names.length === 1 ? names[0] : undefined;
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
