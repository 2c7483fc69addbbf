import type { Platform } from "../base/platform.js";
import type { AuditEvent, AuditLoggerFactory } from "./audit-logger.js";

/** The built-in logger of gRFC A59: one line of JSON for each decision, in the form that grpc-go and gRPC's core write. */
export function stdoutLogger(platform: Platform): AuditLoggerFactory {
  const log = (event: AuditEvent): void => {
    const entry = {
      timestamp: new Date(platform.wallClock()).toISOString(),
      rpc_method: event.rpcMethod,
      principal: event.principal,
      policy_name: event.policyName,
      matched_rule: event.matchedRule,
      authorized: event.authorized,
    };
    platform.print(JSON.stringify({ grpc_audit_log: entry }));
  };
  return {
    name: "stdout_logger",
    create(config) {
      const [name] = Object.keys(config);
      return name === undefined ? { value: { log } } : { error: `config has "${name}": stdout_logger takes none` };
    },
  };
}
