import type { Registry } from "@bufbuild/protobuf";
import type { LoadBalancingPolicyFactory } from "../balancer/load-balancing-policy.js";
import { checkBoolean, checkNames } from "../base/option-group.js";
import type { Platform } from "../base/platform.js";
import type { ChannelCredentials } from "../credentials/channel-credentials.js";
import type { InterceptorLayer } from "../interceptor/compose-interceptors.js";
import type { ResolverFactory } from "../resolver/resolver.js";
import type { Logger, LogLevel } from "../rpc/logger.js";
import type { MessageFormat } from "../rpc/message-format.js";
import type { StatsSink } from "../rpc/stats/stats-sink.js";
import type { LoadBalancingConfigInit, ServiceConfigInit } from "../service-config/service-config-init.js";
import type { LimitOptions } from "../transport/transport-limits.js";
import type { KeepaliveOptions } from "../transport/upkeep/liveness-settings.js";
import type { ChannelRetryOptions } from "./channel-retries.js";
import type { ConnectOptions } from "./subchannel/connect-settings.js";

/** A built-in policy, as editors propose it, or one of one's own. */
export type PolicyName =
  | "pick_first"
  | "round_robin"
  | "least_request"
  | "weighted_round_robin"
  | "ring_hash"
  | "random_subsetting"
  | "outlier_detection"
  | (string & Record<never, never>);

/** What may be said about a channel. Every field but `credentials` has a default. */
export interface ChannelOptions {
  /** How the channel protects what it sends. Required, except for `unix:` and `inproc:` targets, whose bytes do not leave the host: there the default is `insecure()`. */
  readonly credentials?: ChannelCredentials | undefined;
  /** Milliseconds for calls that have no other limit. Default and Infinity: no limit. 0 lets every such call fail at once. */
  readonly defaultTimeoutMs?: number | undefined;
  /** Run around every call, the first outermost; those that need no promise as `{ raw }`. Default: none. (grpc-js: interceptors) */
  readonly interceptors?: readonly InterceptorLayer[] | undefined;
  /** Resolvers for schemes of one's own, or in place of the built-in ones, for this channel alone. Default: none. (grpc-js: experimental.registerResolver) */
  readonly resolvers?: readonly ResolverFactory[] | undefined;
  /**
   * How calls are spread over the endpoints of the target: `"round_robin"`, or `{ policy: config }`. A service config that
   * names policies goes before it. Default `"pick_first"`. docs/concepts/load-balancing.md has the policies.
   * (grpc-js: a service config with loadBalancingConfig)
   */
  readonly loadBalancing?: PolicyName | LoadBalancingConfigInit | undefined;
  /** Policies of one's own, or in place of the built-in ones, for this channel alone. Default: none. (grpc-js: experimental.registerLoadBalancerType) */
  readonly loadBalancingPolicies?: readonly LoadBalancingPolicyFactory[] | undefined;
  /** Holds where the resolver gives none, and until it gives a good one (grpc/grpc doc/service_config.md, gRFC A21). Default: empty. (grpc-js: grpc.service_config, as text) */
  readonly serviceConfig?: ServiceConfigInit | undefined;
  /**
   * An HTTP proxy for the connections of this channel, `http://user:password@host:port` (gRFC A1); false: none. Default: what
   * the environment says in `grpc_proxy`, `https_proxy` or `http_proxy`, but for the hosts of `no_proxy`
   * (docs/concepts/proxies.md). (grpc-js: grpc.enable_http_proxy, and the same variables)
   */
  readonly proxy?: string | false | undefined;
  /** Retries and hedges (gRFC A6, docs/concepts/retries.md). False: a call is tried again only where it is proved that no server looked at it. Default: by each method's idempotency_level. (grpc-js: grpc.enable_retries) */
  readonly retry?: false | ChannelRetryOptions | undefined;
  /** Limits of each connection; see TransportLimits for units and defaults. */
  readonly limits?: LimitOptions | undefined;
  /** How attempts to connect are paced; see ConnectOptions for units and defaults. */
  readonly connect?: ConnectOptions | undefined;
  /** Milliseconds without a call after which the channel is IDLE: its connections close, and it follows its name no more until the next call. A sixteenth late at most. Default 1,800,000; Infinity keeps them for ever; less than 1,000 is taken as 1,000. (grpc-js: grpc.client_idle_timeout_ms) */
  readonly idleTimeoutMs?: number | undefined;
  /** Whether channels of this process that connect to one address in the same way, with the same credentials and options, do so once. Default true. (grpc-js: grpc.use_local_subchannel_pool, turned round) */
  readonly shareConnections?: boolean | undefined;
  /** Connections to one address that a service config's `connectionScaling` may ask for at most (gRFC A105). Default 10. */
  readonly maxConnectionsPerSubchannel?: number | undefined;
  /** Whether the health of servers is watched where a service config asks for it with `healthCheckConfig` (gRFC A17). Default true. */
  readonly healthChecks?: boolean | undefined;
  /** How a channel notices that a server is gone although nobody said so; see KeepaliveOptions for units and defaults. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** How messages of calls that name no format are written: `proto` (default) or `json`. */
  readonly messageFormat?: MessageFormat | undefined;
  /** Types that a google.protobuf.Any may hold in JSON, besides those of a service's own file and of its imports. Default: none. */
  readonly jsonTypes?: Registry | undefined;
  /** Goes before the library's own name in `user-agent`. Default: none. (grpc-js: grpc.primary_user_agent) */
  readonly userAgent?: string | undefined;
  /** Value of `:authority`. Default: what the target's scheme says, mostly the name in the target. (grpc-js: grpc.default_authority) */
  readonly authority?: string | undefined;
  /** Hears of calls, attempts, messages, waits, connections and names (docs/concepts/telemetry.md). Default: nobody, which costs nothing. */
  readonly stats?: StatsSink | readonly StatsSink[] | undefined;
  /** Where log lines go; see LogOptions for what is logged at which level. Default: nowhere. */
  readonly logger?: Logger | undefined;
  /** The least that is logged. Default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** The world that the channel lives in. Default: this process's. */
  readonly platform?: Platform | undefined;
}

const channelOptionNames: Readonly<Record<keyof ChannelOptions, true>> = {
  credentials: true,
  defaultTimeoutMs: true,
  interceptors: true,
  resolvers: true,
  loadBalancing: true,
  loadBalancingPolicies: true,
  serviceConfig: true,
  proxy: true,
  retry: true,
  limits: true,
  connect: true,
  idleTimeoutMs: true,
  shareConnections: true,
  maxConnectionsPerSubchannel: true,
  healthChecks: true,
  keepalive: true,
  messageFormat: true,
  jsonTypes: true,
  userAgent: true,
  authority: true,
  stats: true,
  logger: true,
  logLevel: true,
  platform: true,
};

/** Throws TypeError for a name that does not exist, and for a switch that is neither on nor off. */
export function checkChannelOptions(options: ChannelOptions): void {
  checkNames(options, channelOptionNames);
  if (options.shareConnections !== undefined) checkBoolean("shareConnections", options.shareConnections);
  if (options.healthChecks !== undefined) checkBoolean("healthChecks", options.healthChecks);
}

/** What may be said about the end of a channel. */
export interface ChannelCloseOptions {
  /** Milliseconds that running calls have to come to their end; those that have not are cancelled. Default 0: at once. Infinity waits for all of them. */
  readonly graceMs?: number | undefined;
}
