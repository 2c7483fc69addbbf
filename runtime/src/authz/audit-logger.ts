import type { Parsed } from "../base/parsed.js";
import type { Peer } from "../base/platform.js";
import type { Principal } from "../rpc/principal.js";
import type { JsonObject } from "../service-config/json.js";

/** One decision about one call (gRFC A59). It says nothing of how the call ends. */
export interface AuditEvent {
  /** `/package.Service/Method` */
  readonly rpcMethod: string;
  /** The first identity of the certificate that was verified; empty when there is none. */
  readonly principal: string;
  readonly policyName: string;
  /** Empty when no rule matched. */
  readonly matchedRule: string;
  readonly authorized: boolean;
  /** Who calls, as the server's authenticator found out; beyond A59. */
  readonly caller: Principal | undefined;
  /** Where the call came from; beyond A59. */
  readonly peer: Peer | undefined;
}

/** Takes decisions down. It is called before the call goes on, and cannot change what was decided. */
export interface AuditLogger {
  /** Must not wait for anything. What it throws is told by `Platform.warn`, once for each policy. */
  log(event: AuditEvent): void;
  /** Another policy has taken the place of the logger's, or the server has closed. */
  close?(): void;
}

/** Makes loggers for `audit_loggers` of a policy that have its name. */
export interface AuditLoggerFactory {
  readonly name: string;
  /** @param config Of the policy; empty where it has none. */
  create(config: JsonObject): Parsed<AuditLogger>;
}
