import type { RequestHeaders } from "../rpc/invoker.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { AuditTrail } from "./audit-trail.js";
import { principalsOf } from "./call-identity.js";
import { requestHeader } from "./request-header.js";
import type { ValueMatcher } from "./value-matcher.js";

/** One rule; what is undefined or empty matches every call. */
export interface AuthorizationRule {
  readonly name: string;
  readonly principals: ValueMatcher | undefined;
  readonly paths: ValueMatcher | undefined;
  /** All have to match. */
  readonly headers: readonly HeaderRule[];
}

export interface HeaderRule {
  /** In lower case. */
  readonly key: string;
  readonly values: ValueMatcher;
}

export interface Decision {
  readonly isAuthorized: boolean;
  /** The name of the rule that matched; empty when none did. */
  readonly matchedRule: string;
}

/** The rules whose paths match one method. */
interface MethodRules {
  readonly deny: readonly AuthorizationRule[];
  readonly allow: readonly AuthorizationRule[];
}

/** A policy that was found valid (gRFC A43). Immutable: another one takes its place as a whole. */
export class AuthorizationPolicy {
  readonly name: string;
  readonly audit: AuditTrail;
  readonly #deny: readonly AuthorizationRule[];
  readonly #allow: readonly AuthorizationRule[];
  /** A method's path never changes, so that paths are compared once. */
  readonly #rulesOf = new WeakMap<MethodDescriptor, MethodRules>();

  constructor(
    name: string,
    deny: readonly AuthorizationRule[],
    allow: readonly AuthorizationRule[],
    audit: AuditTrail,
  ) {
    this.name = name;
    this.#deny = deny;
    this.#allow = allow;
    this.audit = audit;
  }

  /** Deny first, then allow; what matches neither is denied. */
  decide(headers: RequestHeaders): Decision {
    const { deny, allow } = this.#rulesFor(headers.method);
    const denying = firstMatch(deny, headers);
    if (denying !== undefined) return { isAuthorized: false, matchedRule: denying.name };
    const allowing = firstMatch(allow, headers);
    return { isAuthorized: allowing !== undefined, matchedRule: allowing?.name ?? "" };
  }

  #rulesFor(method: MethodDescriptor): MethodRules {
    const known = this.#rulesOf.get(method);
    if (known !== undefined) return known;
    const isFor = ({ paths }: AuthorizationRule) => paths === undefined || paths.matches(method.path);
    const rules = { deny: this.#deny.filter(isFor), allow: this.#allow.filter(isFor) };
    this.#rulesOf.set(method, rules);
    return rules;
  }
}

/** @param rules Whose paths match. */
function firstMatch(rules: readonly AuthorizationRule[], headers: RequestHeaders): AuthorizationRule | undefined {
  return rules.find((rule) => matchesSource(rule, headers) && matchesHeaders(rule, headers));
}

function matchesSource({ principals }: AuthorizationRule, { peer }: RequestHeaders): boolean {
  if (principals === undefined) return true;
  return principalsOf(peer)?.some((principal) => principals.matches(principal)) ?? false;
}

function matchesHeaders(rule: AuthorizationRule, headers: RequestHeaders): boolean {
  return rule.headers.every(({ key, values }) => {
    const value = requestHeader(headers, key);
    return value !== undefined && values.matches(value);
  });
}
