import type { PickObserver } from "../../../balancer/picker.js";
import { textOfThrown } from "../../../base/text-of-thrown.js";
import type { Delivery, Status } from "../../../rpc/status.js";
import { StatusCode } from "../../../rpc/status-code.js";

/** Tells an observer that its call was given to the subchannel. Returns how the call ends when the observer throws. */
export function tellStart(observer: PickObserver): Status | undefined {
  try {
    observer.onStart?.();
    return undefined;
  } catch (cause) {
    return failed(cause, "not-sent");
  }
}

/** Tells an observer how the attempt ended. Returns the status that holds: this one, unless the observer throws. */
export function tellEnd(observer: PickObserver, status: Status): Status {
  try {
    observer.onEnd(status);
    return status;
  } catch (cause) {
    return failed(cause, status.delivery);
  }
}

function failed(cause: unknown, delivery: Delivery | undefined): Status {
  const message = `the load balancing policy's observer failed: ${textOfThrown(cause)}`;
  const status = { code: StatusCode.INTERNAL, message, cause };
  return delivery === undefined ? status : { ...status, delivery };
}
