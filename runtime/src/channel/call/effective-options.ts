import type { CallOptions } from "../../rpc/call-options.js";
import { emptyMethodConfig, type MethodConfig } from "../../service-config/method-config.js";
import type { LimitOptions } from "../../transport/transport-limits.js";

/** A call's options with what its method config adds; the same object where it adds nothing. */
export function effectiveOptions(
  options: CallOptions,
  config: MethodConfig,
  limits: LimitOptions | undefined,
): CallOptions {
  if (config === emptyMethodConfig) return options;
  return {
    ...options,
    waitForReady: options.waitForReady ?? config.waitForReady,
    maxRequestBytes: smallest(options.maxRequestBytes, config.maxRequestBytes, limits?.maxSendMessageBytes),
    maxResponseBytes: smallest(options.maxResponseBytes, config.maxResponseBytes, limits?.maxReceiveMessageBytes),
  };
}

/**
 * The smaller of the config's limit and the application's own, which is the call's or else the channel's. Without
 * either the transport's default stands: that one is nobody's wish, so a config may go above it.
 */
function smallest(
  call: number | undefined,
  config: number | undefined,
  channel: number | undefined,
): number | undefined {
  if (config === undefined) return call;
  return Math.min(config, call ?? channel ?? Number.POSITIVE_INFINITY);
}
