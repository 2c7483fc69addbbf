import type { Parsed } from "../base/parsed.js";
import type { Platform } from "../base/platform.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type { AuditLoggerFactory } from "./audit-logger.js";
import type { AuditSettings } from "./audit-settings.js";
import { type AuthorizationOptions, checkAuthorizationOptions } from "./authorization-options.js";
import type { AuthorizationPolicy } from "./authorization-policy.js";
import { principalsOf } from "./call-identity.js";
import { parsePolicy } from "./parse-policy.js";
import { PolicyFile } from "./policy-file.js";
import { stdoutLogger } from "./stdout-logger.js";

/** What a client reads: not which rule it was, nor whether there is one. */
const rejected: Status = Object.freeze({
  code: StatusCode.PERMISSION_DENIED,
  message: "unauthorized RPC request rejected",
});

/** Decides which calls of a server may run. It holds one policy at any time, or none and denies all. */
export class Authorizer {
  readonly #fixed: AuthorizationPolicy | undefined;
  readonly #file: PolicyFile | undefined;
  #isReady: boolean;

  /** Throws TypeError, in one sentence, when the options or the policy in them are not valid. */
  constructor(options: AuthorizationOptions, platform: Platform) {
    checkAuthorizationOptions(options);
    const settings = auditSettings(options.auditLoggers ?? [], platform);
    const parse = (policy: unknown) => parsePolicy(policy, settings);
    this.#isReady = options.policyFile === undefined;
    if (options.policyFile === undefined) this.#fixed = valid(parse(options.policy));
    else this.#file = new PolicyFile(options.policyFile, platform, parse);
  }

  /** Whether it is known what to decide by; if not, `start` is to be waited for. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Watches the policy from now on. Resolves, and never rejects, when it is known what to decide by. */
  async start(): Promise<void> {
    await this.#file?.start();
    this.#isReady = true;
  }

  /** One sentence, when there is no policy. */
  get problem(): string | undefined {
    return this.#policy === undefined ? (this.#file?.problem ?? "no policy has been read") : undefined;
  }

  /** How a call ends that may not run; undefined for one that may. */
  check(headers: RequestHeaders): Status | undefined {
    const policy = this.#policy;
    if (policy === undefined) return rejected;
    const { isAuthorized, matchedRule } = policy.decide(headers);
    if (policy.audit.wants(isAuthorized)) {
      policy.audit.log({
        rpcMethod: headers.method.path,
        principal: principalsOf(headers.peer)?.[0] ?? "",
        policyName: policy.name,
        matchedRule,
        authorized: isAuthorized,
        caller: headers.principal,
        peer: headers.peer,
      });
    }
    return isAuthorized ? undefined : rejected;
  }

  close(): void {
    this.#file?.close();
    this.#fixed?.audit.close();
  }

  get #policy(): AuthorizationPolicy | undefined {
    return this.#fixed ?? this.#file?.policy;
  }
}

function auditSettings(own: readonly AuditLoggerFactory[], platform: Platform): AuditSettings {
  const all = [stdoutLogger(platform), ...own];
  const factories = new Map(all.map((factory) => [factory.name, factory]));
  return { factories, warn: (message) => platform.warn(message) };
}

function valid(parsed: Parsed<AuthorizationPolicy>): AuthorizationPolicy {
  if ("value" in parsed) return parsed.value;
  throw new TypeError(`authorization is not valid: ${parsed.error}`);
}
