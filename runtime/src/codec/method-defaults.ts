import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import {
  type HedgingPolicy,
  type MethodDefaults as MethodDefaultsOption,
  method as methodOption,
  type RetryPolicy,
  type StatusCode as StatusCodeOption,
} from "../gen/godwit/options_pb.js";
import type { HedgingOptions, RetryOptions } from "../rpc/retry-options.js";
import type { StatusCode } from "../rpc/status-code.js";
import type { MethodDefaults } from "./define-service.js";

/**
 * What a descriptor of protoc-gen-es has of godwit/options.proto; the plugin writes the same into a stub. A policy that
 * cannot be is found by the first call that wants it. Throws TypeError when the timeout is none.
 */
export function methodDefaults(method: DescMethod): MethodDefaults {
  if (!hasOption(method, methodOption)) return {};
  const { timeoutMs, attempts } = getOption(method, methodOption) satisfies MethodDefaultsOption;
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs < Number.POSITIVE_INFINITY)) {
    const where = `option (godwit.method).timeout_ms of ${method.parent.typeName}.${method.name}`;
    throw new TypeError(`${where} is ${timeoutMs}: expected a number of milliseconds above 0`);
  }
  switch (attempts.case) {
    case "retry":
      return { timeoutMs, retry: retryOptions(attempts.value) };
    case "hedging":
      return { timeoutMs, hedging: hedgingOptions(attempts.value) };
    case "atMostOnce":
      return attempts.value ? { timeoutMs, retry: false } : { timeoutMs };
    default:
      return { timeoutMs };
  }
}

function retryOptions(policy: RetryPolicy): RetryOptions {
  const { maxAttempts, initialBackoffMs, maxBackoffMs, backoffMultiplier } = policy;
  const retryableStatusCodes = listOf(policy.retryableStatusCodes);
  return { maxAttempts, initialBackoffMs, maxBackoffMs, backoffMultiplier, retryableStatusCodes };
}

function hedgingOptions(policy: HedgingPolicy): HedgingOptions {
  const { maxAttempts, delay, maxExtraLoad, unsafe } = policy;
  const nonFatalStatusCodes = listOf(policy.nonFatalStatusCodes);
  return {
    ...{ maxAttempts, maxExtraLoad, nonFatalStatusCodes, unsafe },
    delayMs: delay.case === "delayMs" ? delay.value : undefined,
    delayPercentile: delay.case === "delayPercentile" ? delay.value : undefined,
  };
}

/** A list that is empty was not written. Numbers that are no codes are the policy's to find. */
function listOf(codes: readonly StatusCodeOption[]): readonly StatusCode[] | undefined {
  return codes.length === 0 ? undefined : (codes as readonly number[] as readonly StatusCode[]);
}
