import type { ChosenPolicy } from "../balancer/load-balancing-policy.js";
import { defaultPolicy, PolicyRegistry } from "../balancer/registry.js";
import type { Parsed } from "../base/parsed.js";
import type { Platform } from "../base/platform.js";
import { type ChannelCredentials, checkChannelCredentials, insecure } from "../credentials/channel-credentials.js";
import { nodePlatform } from "../net/node-platform.js";
import { proxiedResolver } from "../resolver/proxy/proxied-resolver.js";
import { type ProxySetting, proxySetting } from "../resolver/proxy/proxy-setting.js";
import { ResolverRegistry } from "../resolver/registry.js";
import type { Resolver } from "../resolver/resolver.js";
import { canonicalTarget, invalidTarget, parseTarget, type Target } from "../resolver/target.js";
import { authorityProblem } from "../rpc/authority.js";
import { logOf } from "../rpc/logger.js";
import { statsOf } from "../rpc/stats/stats.js";
import type { WithoutEffect } from "../service-config/config-reader.js";
import { emptyServiceConfig } from "../service-config/service-config.js";
import { nextId } from "../telemetry/next-id.js";
import { type Channel, ClientChannel } from "./channel.js";
import { type ChannelConfig, parseChannelConfig } from "./channel-config.js";
import { type ChannelOptions, checkChannelOptions } from "./channel-options.js";
import { channelRetries } from "./channel-retries.js";
import { connectionKindOf } from "./connection-kind.js";
import { SubchannelPool, sharedPool } from "./subchannel/subchannel-pool.js";

/**
 * Creates a channel; nothing is connected before the first call.
 *
 * @param target `host:port`, `dns:///host:port`, `ipv4:1.2.3.4:50051`, `ipv6:[::1]:50051`, `unix:/path`, `inproc:name` and
 * others (grpc/grpc doc/naming.md, docs/concepts/name-resolution.md). A target that names no port means 443, with and without TLS.
 * Throws TypeError when the target or an option is not valid.
 */
export function createChannel(target: string, options: ChannelOptions = {}): Channel {
  checkChannelOptions(options);
  const platform = options.platform ?? nodePlatform();
  const registry = new ResolverRegistry(options.resolvers);
  const parsed = accept(parseTarget(target, (scheme) => registry.find(scheme) !== undefined));
  const credentials = options.credentials ?? defaultCredentials(parsed);
  checkChannelCredentials(credentials);
  const factory = registry.find(parsed.scheme);
  if (factory === undefined) throw new TypeError(invalidTarget(target, `scheme "${parsed.scheme}" is not known`));
  const lot = platform.random();
  const proxy = proxyOf(options, platform);
  const resolverOptions = { platform, defaultPort: credentials.defaultPort, lot };
  const createResolver = (): Resolver => {
    const resolver = factory.create(parsed, resolverOptions);
    if ("error" in resolver) throw new TypeError(invalidTarget(target, resolver.error));
    return proxy === undefined
      ? resolver.value
      : accept(proxiedResolver(parsed, resolver.value, proxy, resolverOptions));
  };
  const resolvers = startingWith(createResolver(), createResolver);
  const authority = checkAuthority(options.authority) ?? factory.defaultAuthority(parsed);
  const policies = new PolicyRegistry(options.loadBalancingPolicies);
  const fallback = policyOf(options, policies);
  const parseConfig = (json: unknown, withoutEffect: WithoutEffect): Parsed<ChannelConfig> =>
    parseChannelConfig(json, withoutEffect, policies, fallback);
  const id = nextId();
  const log = logOf(options, { channel: id, target });
  return new ClientChannel({
    id,
    target,
    canonicalTarget: canonicalTarget(parsed),
    platform,
    createResolver: resolvers,
    pool: options.shareConnections === false ? new SubchannelPool(platform) : sharedPool(platform),
    connection: connectionKindOf(options, credentials, authority, platform),
    authority,
    callCredentials: credentials.callCredentials,
    maxConnectionsPerSubchannel: checkConnections(options.maxConnectionsPerSubchannel),
    idleTimeoutMs: checkIdleTimeout(options.idleTimeoutMs),
    checksHealth: options.healthChecks ?? true,
    config:
      options.serviceConfig === undefined
        ? { service: emptyServiceConfig, policy: fallback }
        : accept(parseConfig(options.serviceConfig, "reject")),
    parseConfig: (json) => parseConfig(json, "ignore"),
    defaultTimeoutMs: checkTimeout(options.defaultTimeoutMs),
    interceptors: options.interceptors ?? [],
    limits: options.limits,
    retries: channelRetries(options.retry, target, platform),
    stats: statsOf(options.stats, platform, log),
    log,
  });
}

/** The first has been made to see whether it can be. */
function startingWith<T>(first: T, create: () => T): () => T {
  let next: T | undefined = first;
  return () => {
    const made = next ?? create();
    next = undefined;
    return made;
  };
}

/** What is said about a proxy, once for the life of the channel: the environment may change. */
function proxyOf({ proxy }: ChannelOptions, platform: Platform): ProxySetting | undefined {
  if (proxy !== undefined && proxy !== false && typeof proxy !== "string") {
    throw new TypeError(`proxy is ${typeof proxy}: expected a URL or false`);
  }
  return proxySetting(proxy, (name) => platform.env(name));
}

/** Never plaintext unless somebody said so, or nothing leaves this host. */
function defaultCredentials(target: Target): ChannelCredentials {
  if (target.scheme === "unix" || target.scheme === "inproc") return insecure();
  throw new TypeError(
    `credentials are missing for target ${JSON.stringify(target.text)}: expected { credentials: tls() }, or insecure() for plaintext`,
  );
}

function policyOf({ loadBalancing }: ChannelOptions, policies: PolicyRegistry): ChosenPolicy {
  return loadBalancing === undefined ? defaultPolicy : accept(policies.named(loadBalancing, "loadBalancing"));
}

function checkTimeout(defaultTimeoutMs: number | undefined): number {
  if (defaultTimeoutMs === undefined) return Number.POSITIVE_INFINITY;
  if (defaultTimeoutMs >= 0) return defaultTimeoutMs;
  throw new TypeError(`defaultTimeoutMs is ${defaultTimeoutMs}: expected a number of 0 or more`);
}

/** gRPC's, in which a channel gives back what it has not used. */
const defaultIdleTimeoutMs = 30 * 60_000;
/** Below it, a channel would be on its way to IDLE most of the time. (grpc-js) */
const leastIdleTimeoutMs = 1000;

function checkIdleTimeout(idleTimeoutMs = defaultIdleTimeoutMs): number {
  if (idleTimeoutMs >= 0) return Math.max(idleTimeoutMs, leastIdleTimeoutMs);
  throw new TypeError(`idleTimeoutMs is ${idleTimeoutMs}: expected a number of 0 or more`);
}

/** gRFC A105's limit of what a service config may ask for. */
const defaultMaxConnections = 10;

function checkConnections(count = defaultMaxConnections): number {
  if (Number.isInteger(count) && count >= 1) return count;
  throw new TypeError(`maxConnectionsPerSubchannel is ${count}: expected a whole number of 1 or more`);
}

function checkAuthority(authority: string | undefined): string | undefined {
  const problem = authority === undefined ? undefined : authorityProblem(authority);
  if (problem !== undefined) throw new TypeError(problem);
  return authority;
}

/** What the application wrote is wrong: that is an exception. */
function accept<T>(parsed: { readonly value: T } | { readonly error: string }): T {
  if ("error" in parsed) throw new TypeError(parsed.error);
  return parsed.value;
}
