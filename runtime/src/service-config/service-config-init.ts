/**
 * A service config as it is written, in the JSON form of grpc/service_config/service_config.proto. A duration is text such
 * as "1.5s". docs/concepts/service-config.md says what each field does.
 */
import type { StatusCode } from "../rpc/status-code.js";

export interface ServiceConfigInit {
  /** The first of these policies that is known decides which connection a call takes (gRFC A24). Default: the channel's loadBalancing. */
  readonly loadBalancingConfig?: readonly LoadBalancingConfigInit[] | undefined;
  /** The name of a policy without a config. @deprecated Use loadBalancingConfig, beside which it means nothing. */
  readonly loadBalancingPolicy?: string | undefined;
  /** What holds for the calls of some methods. Default: nothing. */
  readonly methodConfig?: readonly MethodConfigInit[] | undefined;
  /** Stops retries and hedges to a server that fails too much (gRFC A6). Default: 100 tokens, of which a success gives back a fifth. */
  readonly retryThrottling?: RetryThrottlingInit | undefined;
  /** Watches each server's health where the policy asks for it: round_robin and its like do, pick_first does not (gRFC A17). Default: no. */
  readonly healthCheckConfig?: HealthCheckConfigInit | undefined;
  /** Further connections to an address whose streams are all in use (gRFC A105). Default: one connection. */
  readonly connectionScaling?: ConnectionScalingInit | undefined;
}

export interface MethodConfigInit {
  /** Which calls: a service's method, a whole service (no `method`), or all of them (`{}`). The most exact name holds; none may stand twice in a config. */
  readonly name: readonly { readonly service?: string; readonly method?: string }[];
  /** The sooner of this and the call's own deadline holds. Default: no limit. "0s" lets every such call fail at once. */
  readonly timeout?: string | undefined;
  /** Default for calls that do not say. */
  readonly waitForReady?: boolean | undefined;
  /** Largest request message in bytes, before compression; 0 lets only empty ones pass. The smaller of this and the application's own holds. */
  readonly maxRequestMessageBytes?: number | undefined;
  /** Largest response message in bytes, after decompression; 0 lets only empty ones pass. The smaller of this and the application's own holds. */
  readonly maxResponseMessageBytes?: number | undefined;
  /** Default: by the method's idempotency_level, see docs/concepts/retries.md. Not beside a hedgingPolicy. */
  readonly retryPolicy?: RetryPolicyInit | undefined;
  /** For unary and server-streaming methods without side effects; has no effect on others. Default: none. Not beside a retryPolicy. */
  readonly hedgingPolicy?: HedgingPolicyInit | undefined;
}

/** The name of a code in any case, or its number; not OK. */
export type StatusCodeInit = Exclude<keyof typeof StatusCode, "OK"> | Exclude<StatusCode, 0>;

/** When a call that failed is tried again (gRFC A6). */
export interface RetryPolicyInit {
  /** Attempts, the first among them: 2 or more. Above 5 it counts as 5. */
  readonly maxAttempts: number;
  /** Before the second attempt, ± 20 %. More than "0s". */
  readonly initialBackoff: string;
  /** No delay is longer, ± 20 %. More than "0s". */
  readonly maxBackoff: string;
  /** Factor from one delay to the next. Above 0. */
  readonly backoffMultiplier: number;
  /** At least one. */
  readonly retryableStatusCodes: readonly StatusCodeInit[];
}

/** When further attempts of a call start before the first has failed (gRFC A6). */
export interface HedgingPolicyInit {
  /** Attempts, the first among them: 2 or more. Above 5 it counts as 5. */
  readonly maxAttempts: number;
  /** From one attempt to the next. Default "0s": all at once. */
  readonly hedgingDelay?: string | undefined;
  /** Failures after which the other attempts go on. Default: none. */
  readonly nonFatalStatusCodes?: readonly StatusCodeInit[] | undefined;
}

/** Tokens of one server: a failure takes one, a success gives some back, at half of them nothing is tried again (gRFC A6). */
export interface RetryThrottlingInit {
  /** At the beginning, and at most: a whole number from 1 to 1000. */
  readonly maxTokens: number;
  /** What a success gives back: 0.001 or more; digits behind the third are ignored. */
  readonly tokenRatio: number;
}

export interface HealthCheckConfigInit {
  /** The service to ask about. Default "": the server as a whole. */
  readonly serviceName?: string | undefined;
}

export interface ConnectionScalingInit {
  /** Connections to one address, at most: 1 (default) or more. What the channel allows may be less. */
  readonly maxConnectionsPerSubchannel?: number | undefined;
}

/** One policy and its config; one key an object. */
export interface LoadBalancingConfigInit {
  readonly [policy: string]: Readonly<Record<string, unknown>>;
}
