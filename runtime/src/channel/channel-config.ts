import type { ChosenPolicy } from "../balancer/load-balancing-policy.js";
import type { PolicyRegistry } from "../balancer/registry.js";
import type { Parsed } from "../base/parsed.js";
import type { WithoutEffect } from "../service-config/config-reader.js";
import { parseServiceConfig, type ServiceConfig } from "../service-config/service-config.js";

/** A service config, and the policy that it stands for. */
export interface ChannelConfig {
  readonly service: ServiceConfig;
  readonly policy: ChosenPolicy;
}

/**
 * Parses a service config as a whole: with a policy that nobody knows, or whose config is bad, all of it is bad (gRFC A21).
 *
 * @param fallback The policy of a config that names none.
 */
export function parseChannelConfig(
  json: unknown,
  withoutEffect: WithoutEffect,
  policies: PolicyRegistry,
  fallback: ChosenPolicy,
): Parsed<ChannelConfig> {
  const parsed = parseServiceConfig(json, withoutEffect);
  if ("error" in parsed) return parsed;
  const service = parsed.value;
  const { loadBalancing } = service;
  if (loadBalancing === undefined) return { value: { service, policy: fallback } };
  const policy = policies.source(withoutEffect).choose(loadBalancing.list, loadBalancing.path);
  return "error" in policy ? policy : { value: { service, policy: policy.value } };
}
