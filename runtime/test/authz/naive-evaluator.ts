import type { AuthorizationPolicyInit, AuthorizationRuleInit } from "../../src/authz/policy-init.js";
import type { SketchedCall } from "./sketch-call.js";

/** gRFC A43 read aloud, with nothing prepared or remembered: what the compiled policy is compared with. */
export function naiveDecision(policy: AuthorizationPolicyInit, call: SketchedCall): { allowed: boolean; rule: string } {
  const denying = policy.deny_rules?.find((rule) => matchesRule(rule, call));
  if (denying !== undefined) return { allowed: false, rule: denying.name };
  const allowing = policy.allow_rules.find((rule) => matchesRule(rule, call));
  return { allowed: allowing !== undefined, rule: allowing?.name ?? "" };
}

function matchesRule({ source, request }: AuthorizationRuleInit, call: SketchedCall): boolean {
  const { principals = [] } = source ?? {};
  const { paths = [], headers = [] } = request ?? {};
  if (principals.length > 0 && !principals.some((pattern) => matchesPrincipal(pattern, call))) return false;
  if (paths.length > 0 && !paths.some((pattern) => matchesPattern(pattern, call.path))) return false;
  return headers.every(({ key, values }) => {
    const found = (call.headers ?? []).filter(([name]) => name === key.toLowerCase());
    if (found.length === 0) return false;
    const joined = found.map(([, value]) => (key.endsWith("-bin") ? value.split("=")[0] : value)).join(",");
    return values.some((pattern) => matchesPattern(pattern, joined));
  });
}

function matchesPrincipal(pattern: string, { principals }: SketchedCall): boolean {
  if (principals === undefined) return false;
  const names = principals.length === 0 ? [""] : principals;
  return names.some((name) => matchesPattern(pattern, name));
}

function matchesPattern(pattern: string, value: string): boolean {
  if (pattern === "*") return value.length > 0;
  if (pattern.endsWith("*")) return value.slice(0, pattern.length - 1) === pattern.slice(0, -1);
  if (pattern.startsWith("*")) {
    const end = pattern.slice(1);
    return value.length >= end.length && value.slice(value.length - end.length) === end;
  }
  return pattern === value;
}
