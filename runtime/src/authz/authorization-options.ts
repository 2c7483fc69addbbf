import { nameProblem } from "../base/option-group.js";
import type { AuditLoggerFactory } from "./audit-logger.js";
import type { AuthorizationPolicyInit } from "./policy-init.js";

interface AuditOptions {
  /** Loggers that a policy may name beside `stdout_logger`; one of that name takes its place. Default: none. */
  readonly auditLoggers?: readonly AuditLoggerFactory[] | undefined;
}

/** Who may call what: gRPC's authorization policy (gRFC A43), as it is or in a file. */
export type AuthorizationOptions =
  | (AuditOptions & {
      /** JSON text, or what it stands for. */
      readonly policy: string | AuthorizationPolicyInit;
      readonly policyFile?: undefined;
    })
  | (AuditOptions & {
      /**
       * Path of a file that holds a policy. It is watched: a change holds for the calls that come after it has been read; one
       * that is not valid is told by `Platform.warn`, and the last good one holds on. While there is none yet, `listen` rejects
       * and calls within the process are denied.
       */
      readonly policyFile: string;
      readonly policy?: undefined;
    });

const names = ["policy", "policyFile", "auditLoggers"];

/** Throws TypeError for a name that does not exist, and for anything but one policy. */
export function checkAuthorizationOptions(options: AuthorizationOptions): void {
  const problem = nameProblem("authorization", options, names);
  if (problem !== undefined) throw new TypeError(problem);
  const { policy, policyFile } = options;
  if ((policy === undefined) === (policyFile === undefined)) {
    throw new TypeError(
      `authorization has ${policy === undefined ? "no policy" : "two policies"}: expected policy or policyFile`,
    );
  }
  if (policyFile !== undefined && (typeof policyFile !== "string" || policyFile === "")) {
    throw new TypeError(`authorization.policyFile is ${JSON.stringify(policyFile)}: expected the path of a file`);
  }
}
