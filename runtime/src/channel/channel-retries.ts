import { checkBoolean, withDefaults } from "../base/option-group.js";
import type { Platform } from "../base/platform.js";
import { defaultRetryThrottling } from "../retry/idempotency-defaults.js";
import { ReplayBudget } from "../retry/replay-budget.js";
import type { RetryThrottle } from "../retry/retry-throttle.js";
import { throttlesOf } from "../retry/throttle-registry.js";
import type { RetryThrottling } from "../service-config/retry-config.js";
import type { ServiceConfig } from "../service-config/service-config.js";

/** What may be said about the retries and hedges of a channel's calls (gRFC A6). */
export interface ChannelRetryOptions {
  /** Bytes of requests that one call keeps so that they can be sent again; a call with more is not tried again. Default 1 MiB; 0: none is. (grpc-js: grpc.per_rpc_retry_buffer_size) */
  readonly maxCallReplayBytes?: number | undefined;
  /** The same for all calls of the channel together. Default 16 MiB. (grpc-js: grpc.retry_buffer_size) */
  readonly maxReplayBytes?: number | undefined;
  /** False: a server that fails does not stop retries. Default true: as the service config's retryThrottling says, else 100 tokens and a fifth for a success. */
  readonly throttling?: boolean | undefined;
}

/** What the calls of a channel share that are tried again. */
export interface ChannelRetries {
  readonly budget: ReplayBudget;
  readonly throttle: ChannelThrottle;
}

/** The sizes are ReplayBudget's to say. */
const defaults = { maxCallReplayBytes: undefined, maxReplayBytes: undefined, throttling: true };

/** Throws TypeError when an option is not valid. Undefined: no retries but those without an effect. */
export function channelRetries(
  options: false | ChannelRetryOptions | undefined,
  target: string,
  platform: Platform,
): ChannelRetries | undefined {
  if (options === false) return undefined;
  const { maxCallReplayBytes, maxReplayBytes, throttling } = withDefaults<ChannelRetryOptions>(
    "retry",
    options,
    defaults,
  );
  checkBytes("retry.maxCallReplayBytes", maxCallReplayBytes);
  checkBytes("retry.maxReplayBytes", maxReplayBytes);
  return {
    budget: new ReplayBudget(maxCallReplayBytes, maxReplayBytes),
    throttle: new ChannelThrottle(checkBoolean("retry.throttling", throttling) ? platform : undefined, target),
  };
}

function checkBytes(name: string, bytes: unknown): void {
  if (bytes === undefined || (typeof bytes === "number" && bytes >= 0)) return;
  throw new TypeError(`${name} is ${String(bytes)}: expected a number of bytes, 0 or more`);
}

/** A channel's use of the tokens of its target. */
export class ChannelThrottle {
  /** Undefined: nothing limits retries. */
  readonly tokens: RetryThrottle | undefined;
  readonly #platform: Platform | undefined;
  readonly #target: string;
  #configured: RetryThrottling | undefined;

  /** @param platform Whose channels share the tokens; undefined: there are none. */
  constructor(platform: Platform | undefined, target: string) {
    this.#platform = platform;
    this.#target = target;
    this.tokens = platform === undefined ? undefined : throttlesOf(platform).acquire(target);
  }

  /** Puts a service config in force. A channel that changes nothing leaves what another one has said. */
  configure({ retryThrottling = defaultRetryThrottling }: ServiceConfig): void {
    if (retryThrottling === this.#configured) return;
    this.#configured = retryThrottling;
    this.tokens?.configure(retryThrottling);
  }

  /** The channel has closed. Called once. */
  release(): void {
    if (this.#platform !== undefined) throttlesOf(this.#platform).release(this.#target);
  }
}
