import type { CallOptions } from "../rpc/call-options.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { HedgingOptions, RetryOptions } from "../rpc/retry-options.js";
import type { MethodConfig } from "../service-config/method-config.js";
import type { RetryPolicy } from "../service-config/retry-config.js";
import { configuredHedging, type HedgingPolicy, hedgingObstacle, parseHedgingOptions } from "./hedging-policy.js";
import { retryPolicyByIdempotency } from "./idempotency-defaults.js";
import { parseRetryOptions } from "./retry-options.js";

/** How a call is carried through. */
export type CallPlan =
  /** One attempt, beside those that are proved to have had no effect. */
  | { readonly kind: "once"; readonly warning?: string }
  | { readonly kind: "retry"; readonly policy: RetryPolicy; readonly warning?: string }
  | { readonly kind: "hedge"; readonly policy: HedgingPolicy; readonly warning?: string }
  /** What the call itself wants cannot be: it ends with this sentence. */
  | { readonly kind: "refuse"; readonly message: string };

const once: CallPlan = Object.freeze({ kind: "once" });

/** The plan of a call that says nothing itself: service configs, the first before the second, then what the .proto says. */
export function planByMethod(method: MethodDescriptor, configs: readonly MethodConfig[], withHedging = true): CallPlan {
  let warning: string | undefined;
  for (const { retryPolicy, hedgingPolicy } of configs) {
    if (retryPolicy !== undefined)
      return retryPlan(method, retryPolicy, "a service config", overruled(method) ?? warning);
    if (hedgingPolicy === undefined || !withHedging) continue;
    const obstacle = hedgingObstacle(method, false);
    if (obstacle === undefined) {
      return withWarning({ kind: "hedge", policy: configuredHedging(hedgingPolicy) }, overruled(method));
    }
    warning = `the hedgingPolicy of a service config has no effect on ${method.path}: ${obstacle}`;
  }
  return withWarning(planByProto(method, withHedging), warning);
}

/** The plan of a call that says something itself: it goes before all else. Undefined when it does not. */
export function planByCall(method: MethodDescriptor, options: CallOptions): CallPlan | undefined {
  const { retry, hedging } = options;
  if (hedging)
    return retry ? refuse("hedging stands beside retry: expected one of the two") : hedgePlan(method, hedging);
  if (retry === false) return once;
  return retry === undefined ? undefined : retryPlanOf(method, retry, "its caller");
}

function planByProto(method: MethodDescriptor, withHedging: boolean): CallPlan {
  const { retry, hedging } = method;
  if (hedging !== undefined && withHedging) return hedgePlan(method, hedging);
  if (retry === false) return once;
  if (retry !== undefined) return retryPlanOf(method, retry, "its .proto");
  const policy = retryPolicyByIdempotency(method.idempotency);
  return policy === undefined ? once : { kind: "retry", policy };
}

function hedgePlan(method: MethodDescriptor, options: HedgingOptions): CallPlan {
  const obstacle = hedgingObstacle(method, options.unsafe === true);
  if (obstacle !== undefined) return refuse(`it cannot be hedged: ${obstacle}`);
  const parsed = parseHedgingOptions(options);
  return "error" in parsed ? refuse(parsed.error) : { kind: "hedge", policy: parsed.value };
}

function retryPlanOf(method: MethodDescriptor, options: RetryOptions, who: string): CallPlan {
  const parsed = parseRetryOptions(options);
  return "error" in parsed ? refuse(parsed.error) : retryPlan(method, parsed.value, who, undefined);
}

/** A service config goes before the .proto, also where that promised something. */
function overruled({ path, retry }: MethodDescriptor): string | undefined {
  if (retry !== false) return undefined;
  return `a service config has calls of ${path} tried again, which may run twice then: its .proto says at_most_once, and a service config goes before it`;
}

function retryPlan(method: MethodDescriptor, policy: RetryPolicy, who: string, warning: string | undefined): CallPlan {
  if (method.retry === false && warning !== undefined) return { kind: "retry", policy, warning };
  if (method.idempotency !== "IDEMPOTENCY_UNKNOWN") return withWarning({ kind: "retry", policy }, warning);
  const told = `${who} has calls of ${method.path} tried again, which may run twice then: its idempotency_level is not known, expected one in the .proto`;
  return { kind: "retry", policy, warning: told };
}

function withWarning(plan: CallPlan, warning: string | undefined): CallPlan {
  return warning === undefined || plan.kind === "refuse" ? plan : { ...plan, warning };
}

function refuse(message: string): CallPlan {
  return { kind: "refuse", message };
}
