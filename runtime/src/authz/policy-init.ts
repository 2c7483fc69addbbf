import type { JsonObject } from "../service-config/json.js";

/**
 * gRPC's authorization policy as its JSON has it (gRFC A43, audit: gRFC A59). The same text works with the other
 * implementations of gRPC. A field that is not known makes the policy invalid.
 */
export interface AuthorizationPolicyInit {
  readonly name: string;
  /** Looked at first: a call that matches one is denied. */
  readonly deny_rules?: readonly AuthorizationRuleInit[] | undefined;
  /** Then these: a call that matches none is denied. At least one. */
  readonly allow_rules: readonly AuthorizationRuleInit[];
  readonly audit_logging_options?: AuditLoggingOptionsInit | undefined;
}

/** Matches when source and request both do; one that is not there, or empty, matches every call. */
export interface AuthorizationRuleInit {
  /** Unique in its list. */
  readonly name: string;
  readonly source?:
    | {
        /**
         * Identities of the connection's certificate, of which one has to match: `x` exactly, `x*` and `*x` its beginning and
         * end, `*` any, the empty text TLS without a certificate. Without TLS none matches.
         */
        readonly principals?: readonly string[] | undefined;
      }
    | undefined;
  readonly request?:
    | {
        /** `/package.Service/Method`, of which one has to match; `x*`, `*x` and `*` as above. */
        readonly paths?: readonly string[] | undefined;
        /** All of them have to match. */
        readonly headers?: readonly AuthorizationHeaderInit[] | undefined;
      }
    | undefined;
}

export interface AuthorizationHeaderInit {
  /** In any case. None of HTTP's own (`:path`, `host`, `connection`) and none that begins with `grpc-`. */
  readonly key: string;
  /** Of which one has to match all values of the call, joined by commas; `x*`, `*x` and `*` as above. Base64 for a key in `-bin`. */
  readonly values: readonly string[];
}

export interface AuditLoggingOptionsInit {
  /** Which decisions are told. Default: `NONE`. */
  readonly audit_condition?: AuditCondition | undefined;
  readonly audit_loggers?:
    | readonly {
        /** `stdout_logger`, or one of `AuthorizationOptions.auditLoggers`. */
        readonly name: string;
        readonly config?: JsonObject | undefined;
        /** Left out where it is not known, or its config is not valid, instead of making the policy invalid. */
        readonly is_optional?: boolean | undefined;
      }[]
    | undefined;
}

export type AuditCondition = "NONE" | "ON_DENY" | "ON_ALLOW" | "ON_DENY_AND_ALLOW";
