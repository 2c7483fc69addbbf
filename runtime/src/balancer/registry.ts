import type { LoadBalancingPolicyFactory } from "./load-balancing-policy.js";
import { pickFirst } from "./pick-first.js";

/** The policy of channels that are not told another. */
export const defaultPolicy: LoadBalancingPolicyFactory = pickFirst;

const byName: ReadonlyMap<string, LoadBalancingPolicyFactory> = new Map([[pickFirst.name, pickFirst]]);

/** The policy with a name of the service config. */
export function findPolicy(name: string): LoadBalancingPolicyFactory | undefined {
  return byName.get(name);
}
