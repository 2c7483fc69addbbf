import type { Platform } from "../../../base/platform.js";
import type { ReplayBudget } from "../../../retry/replay-budget.js";
import type { RetryThrottle } from "../../../retry/retry-throttle.js";
import type { Invoker } from "../../../rpc/invoker.js";
import type { ServiceConfig } from "../../../service-config/service-config.js";

/** What the calls of a channel that are tried again share. */
export interface RetryContext {
  readonly platform: Platform;
  /** Brings one attempt to a connection. */
  readonly next: Invoker;
  /** Undefined: nothing limits retries. */
  readonly throttle: RetryThrottle | undefined;
  readonly budget: ReplayBudget;
  /** The one that is in force. */
  readonly serviceConfig: () => ServiceConfig;
  /** The application's own. */
  readonly ownServiceConfig: ServiceConfig;
}
