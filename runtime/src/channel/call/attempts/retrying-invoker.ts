import { SparseSet } from "../../../base/sparse-set.js";
import { type CallPlan, planByCall, planByMethod } from "../../../retry/retry-policy.js";
import type { CallOptions } from "../../../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../../rpc/invoker.js";
import type { MethodDescriptor } from "../../../rpc/method-descriptor.js";
import { misuse } from "../../../rpc/misuse.js";
import type { ServiceConfig } from "../../../service-config/service-config.js";
import { endedStream } from "../../../transport/ended-stream.js";
import { HedgedCall } from "./hedged-call.js";
import { HedgedMethods } from "./hedged-methods.js";
import type { RetryContext } from "./retry-context.js";
import { RetryingCall } from "./retrying-call.js";

/**
 * Stands in front of picking and has calls tried again by the policy that holds for them. A call without a policy goes
 * straight on: nothing is made for it, and what is proved to have had no effect is tried again there.
 */
export class RetryingInvoker implements Invoker {
  readonly #context: RetryContext;
  /** Of calls that say nothing themselves, under the service config that is in force. */
  readonly #plans = new Map<MethodDescriptor, CallPlan>();
  #config: ServiceConfig | undefined;
  readonly #hedged: HedgedMethods;
  /** Methods whose policy was warned of. */
  readonly #warned = new SparseSet<string>();

  constructor(context: RetryContext) {
    this.#context = context;
    this.#hedged = new HedgedMethods();
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const plan =
      options.retry === undefined && options.hedging === undefined
        ? this.#planOf(headers.method)
        : this.#ownPlan(headers.method, options);
    switch (plan.kind) {
      case "once":
        return this.#context.next.invoke(headers, options, sink);
      case "retry": {
        const call = new RetryingCall(this.#context, plan.policy, headers, options, sink);
        call.start();
        return call;
      }
      case "hedge": {
        const call = new HedgedCall(
          this.#context,
          plan.policy,
          this.#hedged.of(headers.method),
          headers,
          options,
          sink,
        );
        call.start();
        return call;
      }
      case "refuse":
        return endedStream(sink, misuse(headers.method.path, plan.message));
    }
  }

  #planOf(method: MethodDescriptor): CallPlan {
    const config = this.#context.serviceConfig();
    if (config !== this.#config) {
      this.#config = config;
      this.#plans.clear();
    }
    let plan = this.#plans.get(method);
    if (plan === undefined) {
      plan = this.#warnOf(method, this.#configuredPlan(method, true));
      this.#plans.set(method, plan);
    }
    return plan;
  }

  #ownPlan(method: MethodDescriptor, options: CallOptions): CallPlan {
    const own = planByCall(method, options);
    return this.#warnOf(method, own ?? this.#configuredPlan(method, false));
  }

  /** The resolver's config goes before the channel's own; mostly they are the same. */
  #configuredPlan(method: MethodDescriptor, withHedging: boolean): CallPlan {
    const { ownServiceConfig } = this.#context;
    const config = this.#context.serviceConfig();
    const configs = config === ownServiceConfig ? [config] : [config, ownServiceConfig];
    return planByMethod(
      method,
      configs.map((each) => each.methodConfig(method)),
      withHedging,
    );
  }

  #warnOf(method: MethodDescriptor, plan: CallPlan): CallPlan {
    if (plan.kind === "refuse" || plan.warning === undefined || this.#warned.has(method.path)) return plan;
    this.#warned.add(method.path);
    this.#context.platform.warn(plan.warning);
    return plan;
  }
}
