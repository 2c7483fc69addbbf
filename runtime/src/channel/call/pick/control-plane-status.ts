import type { Status } from "../../../rpc/status.js";
import { StatusCode, statusCodeName } from "../../../rpc/status-code.js";

/** Codes that belong to applications, and OK: a policy or resolver must not end a call with them (gRFC A54). */
const applicationCodes: ReadonlySet<StatusCode> = new Set<StatusCode>([
  StatusCode.OK,
  StatusCode.INVALID_ARGUMENT,
  StatusCode.NOT_FOUND,
  StatusCode.ALREADY_EXISTS,
  StatusCode.FAILED_PRECONDITION,
  StatusCode.ABORTED,
  StatusCode.OUT_OF_RANGE,
  StatusCode.DATA_LOSS,
]);

/** The status of a call that a policy or call credentials let fail, as gRFC A54 wants it. @param prefix Goes before its message. */
export function controlPlaneStatus(status: Status, prefix: string): Status {
  if (!applicationCodes.has(status.code)) {
    return { ...status, message: `${prefix}${status.message}`, delivery: "not-sent" };
  }
  const message = `${prefix}the control plane gave the status ${statusCodeName(status.code)}, which only a server may: ${status.message}`;
  return { ...status, code: StatusCode.INTERNAL, message, delivery: "not-sent" };
}
