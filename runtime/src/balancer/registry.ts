import type { LoadBalancingPolicyFactory } from "./load-balancing-policy.js";
import { pickFirst } from "./pick-first.js";

/** The policy of every channel. */
export const defaultPolicy: LoadBalancingPolicyFactory = pickFirst;
