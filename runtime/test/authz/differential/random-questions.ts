import type { AuthorizationPolicyInit, AuthorizationRuleInit } from "../../../src/authz/policy-init.js";
import type { RandomPolicies } from "../random-policy.js";
import type { SketchedCall } from "../sketch-call.js";
import type { OracleCall } from "./oracle-call.js";

const callsOfPolicy = 10;
const conditions = ["NONE", "ON_DENY", "ON_ALLOW", "ON_DENY_AND_ALLOW"] as const;

/** Policies and calls that both take: without what we refuse and grpc-go does not, and without `-bin` keys. */
export class RandomQuestions {
  readonly #policies: RandomPolicies;
  readonly #next: () => number;

  constructor(policies: RandomPolicies, next: () => number) {
    this.#policies = policies;
    this.#next = next;
  }

  question(): { policy: string; calls: OracleCall[] } {
    const policy = JSON.stringify({
      ...withoutBinary(this.#policies.policy()),
      audit_logging_options: {
        audit_condition: conditions[Math.trunc(this.#next() * conditions.length)],
        audit_loggers: [{ name: "recorder" }],
      },
    });
    const calls = Array.from({ length: callsOfPolicy }, () => this.#certify(this.#policies.call()));
    return { policy, calls };
  }

  /** Puts identities into a certificate: each where it belongs, so that some are hidden behind others. */
  #certify({ path, headers = [], principals }: SketchedCall): OracleCall {
    const plain = { path, headers: headers.filter(([key]) => !key.endsWith("-bin")) };
    if (principals === undefined) return plain;
    if (principals.length === 0) return { ...plain, tls: true };
    const subject = principals.find((principal) => principal.startsWith("CN="));
    return {
      ...{ ...plain, tls: true, hasCertificate: true },
      uris: principals.filter((principal) => principal.startsWith("spiffe:")),
      dnsNames: principals.filter((principal) => principal.endsWith(".example")),
      ...(subject !== undefined && { commonName: subject.slice(3) }),
    };
  }
}

function withoutBinary(policy: AuthorizationPolicyInit): AuthorizationPolicyInit {
  const { deny_rules: deny, allow_rules: allow } = policy;
  return { ...policy, allow_rules: allow.map(textOnly), ...(deny !== undefined && { deny_rules: deny.map(textOnly) }) };
}

function textOnly(rule: AuthorizationRuleInit): AuthorizationRuleInit {
  const headers = rule.request?.headers?.filter(({ key }) => !key.endsWith("-bin"));
  return headers === undefined ? rule : { ...rule, request: { ...rule.request, headers } };
}
